"""Names that nobody knows, and what may be meant by them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name; "" if none is near.

    Args:
        name: The name that is not known.
        known: The names that are.
    """
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" Did you mean `{by_lower[near[0]]}`?" if near else ""
