"""Unknown names, and what the user may mean by them."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORT = 5
"""Up to this many letters, one different letter makes another word: `host` and `cost`."""

_MOST_SLIPS = 3


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a question with the most similar known name; "" if none is similar.

    Args:
        name: The unknown name.
        known: The known names.
    """
    near = nearest(name, known)
    return f" Did you mean `{near}`?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the most similar known name, maybe another word; None if none is similar.

    Args:
        name: The unknown name.
        known: The known names.
    """
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else None


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a misspelt name certainly means, if there is one.

    Upper and lower case, dashes and underscores do not matter (`apiKey`, `API-KEY`). One
    letter in three may be wrong, but at most three letters in all. A name that differs
    more is another word.

    Args:
        name: The unknown name.
        known: The known names.
    """
    plain = _letters(name)
    ranked = sorted(
        (slips(plain, _letters(one)), slips(name.lower(), one.lower()), one)
        for one in known
        if _is_near(plain, _letters(one))
    )
    return ranked[0][2] if ranked else None


def slips(text: str, other: str) -> int:
    """Return the number of typing errors between two texts.

    An error is a missing, extra or wrong letter, or two swapped neighbours (the optimal
    string alignment distance).

    Args:
        text: One text.
        other: The other text.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(text, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            best = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and text[i - 2 : i] == wanted + other[j - 2]:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _is_near(plain: str, known: str) -> bool:
    if plain == known:
        return True
    if len(known) <= _SHORT and len(plain) == len(known):
        return sorted(plain) == sorted(known) and slips(plain, known) == 1
    return slips(plain, known) <= max(1, min(_MOST_SLIPS, len(known) // 3))
