"""Query parameters: which exist, which values they may have, and refusing the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sample_space.answers import ApiError

Query = Mapping[str, list[str]]
Reader = Callable[[list[str]], Any]


def whole_number(least: int, most: int | None = None) -> Reader:
    """Return a reader for one whole number in a range."""

    def read(values: list[str]) -> int:
        number = int(values[-1])
        if number < least or (most is not None and number > most):
            raise ValueError(number)
        return number

    return read


def one_of(*words: str) -> Reader:
    """Return a reader for one of several words."""

    def read(values: list[str]) -> str:
        if values[-1] not in words:
            raise ValueError(values)
        return values[-1]

    return read


def numbers(values: list[str]) -> list[int]:
    """Read a list of ids."""
    return [int(value) for value in values]


def date(values: list[str]) -> str:
    """Read a day, ``yyyy-MM-dd``."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", values[-1]):
        raise ValueError(values)
    return values[-1]


def boolean(values: list[str]) -> bool:
    """Read true or false."""
    return bool(one_of("true", "false")(values) == "true")


def word(values: list[str]) -> str:
    """Read any text."""
    return values[-1]


def words(values: list[str]) -> list[str]:
    """Read a list of any texts."""
    return values


BY_OFFSET: dict[str, Reader] = {
    "offset": whole_number(0),
    "count": whole_number(1, 100),
    "order": one_of("asc", "desc"),
}
BY_ID: dict[str, Reader] = {
    "minId": whole_number(0),
    "maxId": whole_number(0),
    "count": whole_number(1, 100),
    "order": one_of("asc", "desc"),
}
SORT = one_of("created", "updated", "issueUpdated")


def read_parameters(query: Query, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the values of a query.

    Args:
        query: As ``urllib.parse.parse_qs`` returns it, without the key.
        readers: A reader for each parameter that the path knows.

    Raises:
        ApiError: A parameter is unknown, or its value is not allowed.
    """
    values = {}
    for name, texts in query.items():
        reader = readers.get(name)
        if reader is None:
            raise ApiError(400, 7, f"Unknown parameter: {name}")
        try:
            values[name] = reader(texts)
        except ValueError:
            raise ApiError(400, 7, f"Invalid value of parameter: {name}") from None
    return values
