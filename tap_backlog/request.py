"""A request, as the code that reads lists sees it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_backlog.rows import RawRows, Row

Params: TypeAlias = "Mapping[str, str | int | list[int] | list[str]]"
"""Query parameters; a list is sent as ``name[]=1&name[]=2``."""


class Request(NamedTuple):
    """A request to Backlog.

    Args:
        path: Path below the root of the API, such as ``issues``.
        params: Query parameters.
    """

    path: str
    params: Params = MappingProxyType({})


Following: TypeAlias = "Callable[[RawRows], Request | None]"
"""Gets the rows of an answer, and returns the next request, if it is certain."""

Ask: TypeAlias = "Callable[[Request, Following | None], list[Row]]"
"""Returns the rows of one answer; the next request is sent in the background."""
