"""The files that a BATCH names."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog_duckdb.messages import Message

PARQUET = "parquet"


def format_of(message: Message) -> str:
    """Return ``jsonl`` or ``parquet``.

    Args:
        message: The BATCH.

    Raises:
        DoorError: It is neither.
    """
    encoding = message.encoding or {}
    found, packing = encoding.get("format"), encoding.get("compression")
    if found == PARQUET or (found == "jsonl" and packing in {None, "none", "gzip"}):
        return str(found)
    problem = (
        f"Batches of `{message.stream}` cannot be read: `format` must be jsonl "
        "(with `compression` gzip or none) or parquet."
    )
    raise DoorError(problem)


def lines_of(message: Message) -> Iterator[bytes]:
    """Yield the lines of all files, each with its end.

    Args:
        message: The BATCH.

    Raises:
        DoorError: A file cannot be read.
    """
    is_packed = (message.encoding or {}).get("compression") == "gzip"
    for uri in message.manifest or ():
        try:
            with _open(uri) as file:
                rows = gzip.GzipFile(fileobj=file) if is_packed else file
                for line in rows:
                    if line.strip():
                        yield line if line.endswith(b"\n") else line + b"\n"
        except (OSError, EOFError, ValueError) as error:
            raise _unreadable(uri, error) from None


def copies_of(message: Message, folder: Path) -> list[Path]:
    """Return the files, on this machine.

    Args:
        message: The BATCH.
        folder: For copies of those that are elsewhere.

    Raises:
        DoorError: A file cannot be read.
    """
    return [_copy(uri, folder) for uri in message.manifest or ()]


def _copy(uri: str, folder: Path) -> Path:
    if path := _local(uri):
        if path.exists():
            return path
        raise _unreadable(uri, FileNotFoundError("there is no such file"))
    copy = folder / f"{len(list(folder.iterdir()))}.parquet"
    try:
        with _open(uri) as file, copy.open("wb") as out:
            shutil.copyfileobj(file, out)
    except (OSError, ValueError) as error:
        raise _unreadable(uri, error) from None
    return copy


def _local(uri: str) -> Path | None:
    scheme, mark, rest = uri.partition("://")
    if not mark:
        return Path(uri)
    if scheme != "file":
        return None
    path = Path(rest)
    return path if path.exists() else Path(unquote(rest))


def _open(uri: str) -> IO[bytes]:
    if path := _local(uri):
        return path.open("rb")
    import fsspec  # noqa: PLC0415 - for files elsewhere alone

    return cast("IO[bytes]", fsspec.open(uri, "rb").open())


def _unreadable(uri: str, error: Exception) -> DoorError:
    name = uri.rpartition("/")[2]
    reason: Any = error.strerror if isinstance(error, OSError) else None
    return DoorError(f"The batch file {name} cannot be read: {reason or error}")
