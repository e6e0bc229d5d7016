"""Sets of ids as short strings, for the state."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PACKED = "~"
"""Prefix of the packed form. People cannot read it, but it is shorter for many scattered
ids."""

_READABLE = 160
"""Up to this many characters, the form that people can read is used."""

_RANGES = re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*", re.ASCII)
_SEVEN_BITS = 0x7F
_MORE = 0x80
_MOST_IDS = 1_000_000


def pack(ids: Iterable[int]) -> str:
    """Return ids as a string: ranges such as ``50-53,55``, or packed differences.

    Args:
        ids: Positive whole numbers.
    """
    wanted = sorted(set(ids))
    ranges = ",".join(_ranges(wanted))
    if len(ranges) <= _READABLE:
        return ranges
    gaps = (b - a for a, b in itertools.pairwise([0, *wanted]))
    code = bytes(itertools.chain.from_iterable(map(_digits, gaps)))
    packed = _PACKED + base64.b64encode(code).decode().rstrip("=")
    return min(ranges, packed, key=len)


def unpack(text: object) -> set[int]:
    """Return the ids of a string that :func:`pack` made.

    Args:
        text: The string.

    Raises:
        ValueError: It is not such a string.
    """
    if text == "":
        return set()
    if not isinstance(text, str):
        raise ValueError(text)  # noqa: TRY004 - the same error for everything invalid
    if text.startswith(_PACKED):
        return set(itertools.accumulate(_gaps(text[1:])))
    if not _RANGES.fullmatch(text):
        raise ValueError(text)
    ids: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if len(ids) + len(span) > _MOST_IDS:
            raise ValueError(text)
        ids.update(span)
    return ids


def _ranges(ids: list[int]) -> Iterator[str]:
    """Yield ranges of consecutive ids; the ids are ascending."""
    for _, run in itertools.groupby(enumerate(ids), lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        first, last = members[0], members[-1]
        yield str(first) if first == last else f"{first}-{last}"


def _digits(number: int) -> Iterator[int]:
    """Yield seven bits at a time, the lowest first (LEB128)."""
    while number > _SEVEN_BITS:
        yield number & _SEVEN_BITS | _MORE
        number >>= 7
    yield number


def _gaps(text: str) -> Iterator[int]:
    try:
        code = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError(text) from None
    number = shift = 0
    for byte in code:
        number |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            yield number
            number = shift = 0
    if shift:
        raise ValueError(text)
