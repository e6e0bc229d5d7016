"""Names, texts and lists of files, as SQL writes them."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def name(identifier: str) -> str:
    """Return a name in quotes.

    Args:
        identifier: A table or a column.
    """
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text in quotes.

    Args:
        value: Any text.
    """
    return "'" + value.replace("'", "''") + "'"


def files(paths: Sequence[Path]) -> str:
    """Return a list of files; DuckDB takes ``*`` and ``[`` in them for patterns.

    Args:
        paths: The files.
    """
    return f"[{', '.join(text(glob.escape(str(path))) for path in paths)}]"


def listed(expressions: Iterable[str]) -> str:
    """Return expressions with commas between them.

    Args:
        expressions: The expressions.
    """
    return ", ".join(expressions)
