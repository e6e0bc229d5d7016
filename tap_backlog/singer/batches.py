"""Writing records to files: a BATCH message names each file, and a STATE comes only then.

Rows come here in the same form as for stdout. So selection, stream maps and flattening
apply to files too.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import tempfile
import uuid
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from singer_sdk.helpers._batch import BatchConfig, SDKBatchMessage, StorageTarget
from singer_sdk.singerlib.messages import SchemaMessage, StateMessage

from tap_backlog.errors import OutputError, SettingsError
from tap_backlog.names import nearest
from tap_backlog.singer.messages import MessageWriter, json_line, json_lines, message_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.helpers._batch import BaseBatchFileEncoding
    from singer_sdk.singerlib.messages import Message
    from upath import UPath

    from tap_backlog.rows import Row
    from tap_backlog.singer.messages import LinesOf

_LONGEST_NAME = 60
"""Most characters of a stream's name in a file name; they may be Japanese."""

_PLACE = "a batch file in `batch_config.storage.root`"

_COMPRESS_LEVEL = 6
"""The default of ``gzip``; the SDK's 9 takes twice the time and saves only 1 %."""

_PARTS: dict[str, frozenset[str]] = {
    "": frozenset({"encoding", "storage", "batch_size"}),
    "encoding": frozenset({"format", "compression"}),
    "storage": frozenset({"root", "prefix", "params"}),
}
_NEEDED = (("encoding", "format"), ("storage", "root"))


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with ``batch_config``, one sentence for each problem.

    The SDK's schema checks the rest: formats and compressions must be among those that
    it lists, and texts must be texts.

    Args:
        config: All settings.
    """
    given = config.get("batch_config")
    if not isinstance(given, dict) or not given:
        return
    for part, name in _NEEDED:
        inside = given.get(part)
        if inside is None:
            yield f"`batch_config.{part}` is missing"
        elif isinstance(inside, dict) and not inside.get(name):
            yield f"`batch_config.{part}.{name}` is missing"
    for part, known in _PARTS.items():
        inside = given.get(part) if part else given
        for name in sorted(inside.keys() - known) if isinstance(inside, dict) else ():
            path = ".".join(filter(None, ("batch_config", part)))
            near = nearest(name, known)
            instead = f", write `{path}.{near}`" if near else ""
            yield f"`{path}.{name}` is not a setting{instead}"
    size = given.get("batch_size")
    if size is not None and (type(size) is not int or size < 1):
        yield "`batch_config.batch_size` must be a whole number of at least 1"
    if _inside(given, "encoding").get("format") == "parquet":
        yield "`batch_config.encoding.format` must be jsonl; parquet cannot be written"
    if not isinstance(_inside(given, "storage").get("params") or {}, dict):
        yield "`batch_config.storage.params` must be an object"


def secrets(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield possible secrets in ``batch_config``: keys for a store, or a password.

    Args:
        config: All settings, usable or not.
    """
    given = config.get("batch_config")
    storage = _inside(given, "storage") if isinstance(given, dict) else {}
    for value in _inside(storage, "params").values():
        if isinstance(value, str):
            yield value
    with contextlib.suppress(ValueError):
        yield urlsplit(str(storage.get("root") or "")).password or ""


def _inside(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    return value if isinstance(value, dict) else {}


class Store:
    """Where the files go: a folder, or any store that the SDK knows.

    Args:
        config: The setting ``batch_config``.

    Raises:
        SettingsError: The store is unknown, or cannot be written to.
    """

    def __init__(self, config: BatchConfig) -> None:
        self._storage: StorageTarget = config.storage
        self._is_packed = config.encoding.compression == "gzip"
        self._made: set[str] = set()
        try:
            root: UPath = self._storage._root_path  # noqa: SLF001 - as the SDK does
            root.mkdir(parents=True, exist_ok=True)
            if root.protocol in {"", "file", "local"}:
                with tempfile.TemporaryFile(dir=root.path):
                    pass
        except Exception as error:  # noqa: BLE001 - each store fails in its own way
            problem = f"`batch_config.storage.root` cannot be used: {_reason(error)}"
            raise SettingsError([problem]) from None
        self._root = root

    def place(self, name: str) -> UPath:
        """Return the path of a new file; its folder is created.

        Args:
            name: Its name, without prefix and extension.
        """
        ending = ".json.gz" if self._is_packed else ".json"
        path = self._root.joinpath(f"{self._storage.prefix or ''}{name}{ending}")
        if (folder := str(path.parent)) not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        return path

    def open(self, path: UPath) -> _Sink:
        """Open a new file.

        Args:
            path: From :meth:`place`.
        """
        return _Sink(path.open("wb"), is_packed=self._is_packed)


class _Sink:
    """A file that is being written, compressed or not."""

    def __init__(self, file: IO[bytes], *, is_packed: bool) -> None:
        self._file = file
        self._packer = (
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_COMPRESS_LEVEL)
            if is_packed
            else None
        )
        self.write = self._packer.write if self._packer else file.write

    def close(self) -> None:
        try:
            if self._packer:
                self._packer.close()
        finally:
            self._file.close()


class BatchFile:
    """One file of one stream.

    Args:
        store: Where the file goes.
        name: Its name, without prefix and extension.
        version: Version of the table, for ACTIVATE_VERSION.
    """

    def __init__(self, store: Store, name: str, version: int | None) -> None:
        self.rows = 0
        self.version = version
        self._store = store
        self._path = store.place(name)
        self._sink: _Sink | None = None

    @property
    def uri(self) -> str:
        """Its URI; not percent-encoded for a local file, as loaders do not decode it."""
        uri = self._path.as_uri()
        return uri if self._path.protocol else unquote(uri)

    def write(self, lines: bytes, rows: int) -> None:
        """Add rows.

        Args:
            lines: One line per row.
            rows: The number of rows.
        """
        if self._sink is None:
            self._sink = self._store.open(self._path)
        self._sink.write(lines)
        self.rows += rows

    def close(self) -> None:
        """Finish the file."""
        if self._sink:
            self._sink.close()

    def delete(self) -> None:
        """Delete the file, if that is possible."""
        with contextlib.suppress(Exception):
            self.close()
        with contextlib.suppress(Exception):
            self._path.unlink(missing_ok=True)


class BatchWriter(MessageWriter):
    """Writes records to files, and messages that name the files.

    A STATE is held back while its records are in files that no message has named yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, BatchFile] = {}
        self._held_state = b""
        self._run = uuid.uuid4()
        self._files_opened = 0
        self.interrupts.last_acts.append(self._discard)

    def open(self, tap_name: str, config: BatchConfig) -> None:
        """Check the store, before the first request.

        Args:
            tap_name: Comes first in file names, after the prefix.
            config: The setting ``batch_config``.

        Raises:
            SettingsError: The store is unknown, or cannot be written to.
        """
        self._tap_name = tap_name
        self._encoding: BaseBatchFileEncoding = config.encoding
        self._size = config.batch_size
        self._store = Store(config)

    def write_message(self, message: Message) -> None:
        """Write a message after the files of all rows before it; hold back a STATE.

        Args:
            message: Any Singer message.

        Raises:
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for it, or for the rows before it.
        """
        if isinstance(message, StateMessage) and self._files:
            self._held_state = message_line(message)
            self._note_state()
            return
        if not isinstance(message, SchemaMessage):
            self.finish()
        super().write_message(message)

    def write_rows(
        self,
        stream: str,
        rows: Sequence[Row],
        version: int | None,
        lines_of: LinesOf | None = None,
    ) -> None:
        """Write rows to the file of their stream, raw values as they are.

        Args:
            stream: Name of the stream.
            rows: The rows.
            version: Version of the table, for ACTIVATE_VERSION.
            lines_of: Writes them as lines.

        Raises:
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for them.
        """
        rest = list(rows)
        while rest:
            file = self._files.get(stream)
            room = self._size - (file.rows if file else 0)
            some, rest = rest[:room], rest[room:]
            self._put(stream, (lines_of or json_lines)(some), len(some), version)

    def finish(self) -> None:
        """Close the files, write a BATCH message for each, and then the newest STATE.

        Raises:
            BrokenPipeError: The loader has ended.
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for it.
        """
        with self.interrupts.held_off(), self._all_or_nothing():
            with _worded():
                for file in self._files.values():
                    file.close()
            for stream, file in list(self._files.items()):
                self._kept_back += self._naming(stream, file)
                self.flush()
                del self._files[stream]
            self._kept_back += self._held_state
            self._held_state = b""
            self.flush()

    def _put(self, stream: str, lines: bytes, rows: int, version: int | None) -> None:
        with self.interrupts.held_off(), self._all_or_nothing():
            with _worded():
                if stream not in self._files:
                    self._files[stream] = self._new_file(stream, version)
                file = self._files[stream]
                file.write(lines, rows)
            self.rows_since_state += rows
            if file.rows >= self._size:
                self.finish()

    def _new_file(self, stream: str, version: int | None) -> BatchFile:
        self._files_opened += 1
        safe = re.sub(r"[^\w.-]", "_", stream)[:_LONGEST_NAME]
        name = f"{self._tap_name}--{safe}-{self._run}-{self._files_opened}"
        return BatchFile(self._store, name, version)

    def _naming(self, stream: str, file: BatchFile) -> bytes:
        message = SDKBatchMessage(stream, self._encoding, [file.uri], file.version)
        return json_line(message.to_dict())

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """On a failure, delete files that no message names, and drop their STATE."""
        try:
            yield
        except BaseException:
            self._discard()
            raise

    def _discard(self) -> None:
        self._is_broken = True  # a later STATE would count the lost rows as written
        self._held_state = b""
        while self._files:
            self._files.popitem()[1].delete()


@contextlib.contextmanager
def _worded() -> Iterator[None]:
    """Explain in one line why a file cannot be written."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each store fails in its own way
        raise OutputError(_PLACE, _reason(error)) from None


def _reason(error: Exception) -> str:
    """Return what went wrong, without the part of a URL that may hold a password."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = re.sub(r"//[^/\s]*@", "//", " ".join(str(error).split()))
    return text or type(error).__name__
