"""Rows as lines of JSON, compressed or not."""

from __future__ import annotations

import contextlib
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tap_backlog.rows import Row
    from tap_backlog.singer.batches.store import Store, StoredFile

gzip: Any = zlib
with contextlib.suppress(ImportError):
    from isal import isal_zlib as gzip

_LEVEL = 1
"""Higher levels take several times as long and save about a tenth of the size."""

_GZIP = zlib.MAX_WBITS + 16
"""Asks for the header and the trailer of a gzip file."""


class JsonLinesFiles:
    """One file of one stream, lines of JSON.

    Args:
        store: Where the file goes.
        name: Its name, without prefix and extension.
        is_packed: Whether it is compressed with gzip.
    """

    def __init__(self, store: Store, name: str, *, is_packed: bool) -> None:
        self.size = 0
        self._stored: StoredFile = store.new_file(
            name + (".json.gz" if is_packed else ".json")
        )
        self._file = self._stored.open()
        self._packer: Any = (
            gzip.compressobj(_LEVEL, zlib.DEFLATED, _GZIP) if is_packed else None
        )

    @property
    def uris(self) -> list[str]:
        """The URI of the file."""
        return [self._stored.uri]

    def prepared(self, rows: list[Row]) -> list[Row]:
        """Return the rows as they are.

        Args:
            rows: The rows.
        """
        return rows

    def write(self, lines: bytes) -> None:
        """Add rows.

        Args:
            lines: One line of JSON per row.
        """
        self._put(self._packer.compress(lines) if self._packer else lines)

    def _put(self, some: bytes) -> None:
        self._file.write(some)
        self.size += len(some)

    def close(self) -> None:
        """Finish the file."""
        if self._packer:
            self._put(self._packer.flush())
        self._stored.close()

    def delete(self) -> None:
        """Delete the file, if that is possible."""
        self._stored.delete()
