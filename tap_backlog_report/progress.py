"""How far the command is: lines on stderr."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def say(line: str) -> None:
    """Print a line.

    Args:
        line: The line.
    """
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - for the user


@contextlib.contextmanager
def counting(what: str) -> Iterator[Callable[[], None]]:
    """Say what is being done; on a terminal, a dot for each part of it.

    Args:
        what: What is being done.

    Yields:
        What to call after each part.
    """
    is_terminal = sys.stderr.isatty()
    print(what, end=" " if is_terminal else "\n", file=sys.stderr, flush=True)  # noqa: T201

    def count() -> None:
        if is_terminal:
            print(".", end="", file=sys.stderr, flush=True)  # noqa: T201

    yield count
    if is_terminal:
        print(file=sys.stderr, flush=True)  # noqa: T201


def counted(number: int, what: str) -> str:
    """Return a number with what it counts: ``1 issue``, ``2,000 issues``.

    Args:
        number: The number.
        what: What it counts, as a singular.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
