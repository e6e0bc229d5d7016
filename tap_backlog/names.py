"""Names that nobody knows, and what may be meant by them."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORT = 5
"""Letters up to which another letter makes another word: `host` and `cost`."""

_MOST_SLIPS = 3


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name; "" if none is near.

    Args:
        name: The name that is not known.
        known: The names that are.
    """
    near = nearest(name, known)
    return f" Did you mean `{near}`?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name, which may be another word; None if none is near.

    Args:
        name: The name that is not known.
        known: The names that are.
    """
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else None


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """Return the known name of which another one is surely a misspelling, if any.

    Capitals, dashes and underscores do not count (`apiKey`, `API-KEY`). Of letters,
    one may be wrong in three, and three at most: what differs more is another word.

    Args:
        name: The name that is not known.
        known: The names that are.
    """
    plain = _letters(name)
    ranked = sorted(
        (slips(plain, _letters(one)), slips(name.lower(), one.lower()), one)
        for one in known
        if _is_near(plain, _letters(one))
    )
    return ranked[0][2] if ranked else None


def slips(text: str, other: str) -> int:
    """Return how many slips of a finger lie between two texts.

    A slip is a letter that is missing, too much or another one, or two neighbours that
    changed places (the optimal string alignment distance).

    Args:
        text: The one.
        other: The other.
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
