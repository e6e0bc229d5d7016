r"""Halves of surrogate pairs: JSON can hold them, UTF-8 and most loaders cannot.

An emoji that a program cut in the middle leaves ``\ud83d`` alone.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."  # so that an escaped backslash is not taken for the next escape
)
_REPLACEMENT = rb"\ufffd"


def replace_halves(json_text: bytes) -> bytes:
    """Return JSON with U+FFFD in place of each half of a surrogate pair.

    Args:
        json_text: JSON in UTF-8.
    """
    return _ESCAPE.sub(_replaced, json_text)


def _replaced(escape: re.Match[bytes]) -> bytes:
    return _REPLACEMENT if escape["half"] else escape[0]
