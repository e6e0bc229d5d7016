"""The setting ``batch_config``: what is wrong with it, its secrets, and its parts."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from singer_sdk.helpers._batch import BaseBatchFileEncoding, StorageTarget

from tap_backlog.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARQUET = "parquet"

_SIZES = ("batch_size", "batch_size_mb")
_PARTS: dict[str, frozenset[str]] = {
    "": frozenset({"encoding", "storage", *_SIZES}),
    "encoding": frozenset({"format", "compression"}),
    "storage": frozenset({"root", "prefix", "params"}),
}
_NEEDED = (("encoding", "format"), ("storage", "root"))

_MOST_ROWS = 100_000
_MOST_MEGABYTES = 128


@dataclass(frozen=True)
class BatchOptions:
    """What ``batch_config`` asks for.

    Args:
        encoding: Format and compression, as BATCH messages name them.
        storage: Where the files go.
        most_rows: The number of rows in a file.
        most_bytes: The size of a file, approximately.
    """

    encoding: BaseBatchFileEncoding
    storage: StorageTarget
    most_rows: int
    most_bytes: int

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> BatchOptions:
        """Return the options.

        Args:
            given: The setting, without problems.
        """
        megabytes = given.get("batch_size_mb") or _MOST_MEGABYTES
        return cls(
            BaseBatchFileEncoding.from_dict(given["encoding"]),
            StorageTarget.from_dict(given["storage"]),
            given.get("batch_size") or _MOST_ROWS,
            megabytes * 1024 * 1024,
        )


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
    yield from _unknown_parts(given)
    for name in _SIZES:
        size = given.get(name)
        if size is not None and (type(size) is not int or size < 1):
            yield f"`batch_config.{name}` must be a whole number of at least 1"
    if _inside(given, "encoding").get("format") == PARQUET and not find_spec("pyarrow"):
        yield (
            "`batch_config.encoding.format` is parquet, which needs another package: "
            "pip install 'tap-backlog[parquet]'"
        )
    if not isinstance(_inside(given, "storage").get("params") or {}, dict):
        yield "`batch_config.storage.params` must be an object"


def _unknown_parts(given: dict[str, Any]) -> Iterator[str]:
    for part, known in _PARTS.items():
        inside = given.get(part) if part else given
        for name in sorted(inside.keys() - known) if isinstance(inside, dict) else ():
            path = ".".join(filter(None, ("batch_config", part)))
            near = nearest(name, known)
            instead = f", write `{path}.{near}`" if near else ""
            yield f"`{path}.{name}` is not a setting{instead}"


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
