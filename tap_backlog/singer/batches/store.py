"""Where batch files go: a folder, or any store that fsspec knows."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import tempfile
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import unquote

from tap_backlog.errors import SettingsError

if TYPE_CHECKING:
    from singer_sdk.helpers._batch import StorageTarget
    from upath import UPath

_LOCAL = {"", "file", "local"}


class Store:
    """A folder, or any store that the SDK knows.

    Args:
        storage: The part ``storage`` of the setting ``batch_config``.

    Raises:
        SettingsError: The store is unknown, or cannot be written to.
    """

    def __init__(self, storage: StorageTarget) -> None:
        self._prefix = storage.prefix or ""
        self._made: set[str] = set()
        try:
            own = os.path.expanduser(storage.root)  # noqa: PTH111 - may be a URL
            target = dataclasses.replace(storage, root=own)
            root: UPath = target._root_path  # noqa: SLF001 - as the SDK does
            root.mkdir(parents=True, exist_ok=True)
            if root.protocol in _LOCAL:
                with tempfile.TemporaryFile(dir=root.path):
                    pass
        except Exception as error:  # noqa: BLE001 - each store fails in its own way
            problem = f"`batch_config.storage.root` cannot be used: {reason(error)}"
            raise SettingsError([problem]) from None
        self._root = root

    def new_file(self, name: str) -> StoredFile:
        """Return a new file, which is not open yet; its folder is created.

        Args:
            name: Its name, without prefix.
        """
        path = self._root.joinpath(f"{self._prefix}{name}")
        if (folder := str(path.parent)) not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        return StoredFile(path)


class StoredFile:
    """A file that gets its name only when it is whole.

    On this machine it is a hidden file until then. Stores such as S3 show a file only
    once it is closed.

    Args:
        path: Where it goes.
    """

    def __init__(self, path: UPath) -> None:
        self._path = path
        is_local = path.protocol in _LOCAL
        self._part = path.with_name(f".{path.name}.part") if is_local else path
        self._file: IO[bytes] | None = None

    @property
    def uri(self) -> str:
        """Its URI; not percent-encoded for a local file, as loaders do not decode it."""
        uri = self._path.as_uri()
        return uri if self._path.protocol else unquote(uri)

    def open(self) -> IO[bytes]:
        """Open it for writing."""
        file = self._file = cast("IO[bytes]", self._part.open("wb"))
        return file

    def close(self) -> None:
        """Write the rest of it, and give it its name."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        if self._part is not self._path:
            self._part.rename(self._path)

    def delete(self) -> None:
        """Delete it, if that is possible."""
        if self._file:
            with contextlib.suppress(Exception):
                self._file.close()
        for path in (self._part, self._path):
            with contextlib.suppress(Exception):
                path.unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """Return what went wrong, without the part of a URL that may hold a password.

    Args:
        error: What a store raised.
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = re.sub(r"//[^/\s]*@", "//", " ".join(str(error).split()))
    return text or type(error).__name__
