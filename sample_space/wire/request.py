"""One request, as it came in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Request:
    """One request that came in."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    client: tuple[str, int]
    form: dict[str, str] | None = None
    """The form of a POST; None if it is a GET."""
