"""Decompressing bodies, a little at a time.

A body of a few kB can decompress to gigabytes. So this never decompresses more than one
step at once, and the reader may stop after each step.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from urllib3.exceptions import DecodeError

from tap_backlog.errors import BacklogError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCEPTED = "gzip"
"""The ``Accept-Encoding`` header."""

_STEP_BYTES = 1024 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def unpacker(content_encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    """Return a function that decompresses the parts of a body, in order.

    Args:
        content_encoding: The header that says how it is compressed; "" for not at all.

    Raises:
        BacklogError: It is compressed in a way that was not asked for, or repeatedly.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    match [coding for coding in codings if coding not in {"", "identity"}]:
        case []:
            return lambda part: iter((part,))
        case ["gzip" | "x-gzip" | "deflate"]:
            return _Inflater().unpack
        case _:
            message = (
                "An answer was packed in a way that was not asked for. Check `host`, "
                "and whether a proxy on the way changes answers."
            )
            raise BacklogError(message)


class _Inflater:
    """Decompresses gzip, or what HTTP calls deflate."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._has_ended = False

    def unpack(self, part: bytes) -> Iterator[bytes]:
        """Yield the content of a part of the body, in steps.

        Raises:
            DecodeError: It is not compressed as its header says.
        """
        is_full = False
        while part or is_full:
            chunk = self._inflated(part)
            is_full = len(chunk) == _STEP_BYTES
            part = self._inflate.unconsumed_tail
            if self._inflate.eof:
                part, is_full = self._inflate.unused_data, False
                self._begin()
            if chunk:
                yield chunk

    def _begin(self) -> None:
        """Prepare for what may follow the end: more compressed data, or padding."""
        self._has_ended = True
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)

    def _inflated(self, part: bytes) -> bytes:
        try:
            return self._inflate.decompress(part, _STEP_BYTES)
        except zlib.error as error:
            if not self._has_ended:
                raise DecodeError(str(error)) from None
            self._begin()
            return b""
