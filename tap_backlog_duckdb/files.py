"""Files that are there only when they are complete."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield a file to write into; it takes its place when it is complete.

    Args:
        path: The place; an older file stays there if anything fails.

    Raises:
        OSError: It cannot take its place.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        os.replace(part, path)  # noqa: PTH105 - says what it does
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
