"""A request, as far as those who read lists know it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_backlog.rows import RawRows, Row

Params: TypeAlias = "Mapping[str, str | int | list[int] | list[str]]"
"""Query parameters; a list is sent as ``name[]=1&name[]=2``."""


class Request(NamedTuple):
    """What is asked of Backlog.

    Args:
        path: Path below the root of the API, such as ``issues``.
        params: Query parameters.
    """

    path: str
    params: Params = MappingProxyType({})


Following: TypeAlias = "Callable[[RawRows], Request | None]"
"""Shown the rows of an answer, it says what will be asked for next, if that is sure."""

Ask: TypeAlias = "Callable[[Request, Following | None], list[Row]]"
"""Returns the rows of one answer, and has the next request sent meanwhile."""
