"""Catalogs as people and tools write them, prepared for the SDK.

If something can mean only one thing, it is read that way. If something has no effect, a
warning says so. If something cannot be used, an error of one line says so. If a catalog
leaves out schemas or keys, the tap's own are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from singer_sdk.singerlib import Schema
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL

from tap_backlog.errors import BacklogError
from tap_backlog.names import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tap_backlog.streams.facts import StreamFacts

    Warn: TypeAlias = Callable[[str], None]
    Choose: TypeAlias = Callable[[Mapping[str, bool], Collection[str]], set[str]]
    Metadata: TypeAlias = dict[tuple[str, ...], dict[str, Any]]

_ROOT = ()
_FLAGS = ("selected", "selected-by-default")


class CatalogError(BacklogError):
    """A catalog that cannot be used.

    Args:
        problem: What is wrong with it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The catalog cannot be used: {problem}. Correct it, or write a new one "
            "with `--discover`."
        )


def usable_catalog(
    catalog: object,
    streams: Mapping[str, StreamFacts],
    warn: Warn,
    choose: Choose,
) -> dict[str, Any]:
    """Return a catalog with only the selected streams, each entry complete.

    For the SDK, a stream that the catalog does not name is not selected. Entries that are
    not selected would cost it time, and it would apply stream maps to their remains.

    Args:
        catalog: The catalog as given.
        streams: The streams of the tap, by name.
        warn: Gets a sentence about what has no effect.
        choose: Returns which of its streams are read.

    Raises:
        CatalogError: The catalog cannot be used.
        ChoiceError: The choice does not fit it.
    """
    entries = catalog.get("streams") if isinstance(catalog, dict) else None
    if not isinstance(catalog, dict) or not isinstance(entries, list):
        message = "`streams` must be a list"
        raise CatalogError(message)
    usable: dict[str, Any] = {}
    for name, entry, metadata in _chosen(entries, streams, warn, choose):
        if name in usable:
            warn(f"The catalog names `{name}` twice; the first entry counts.")
        else:
            usable[name] = _whole(entry, metadata, streams[name], warn)
    if not usable:
        warn("The catalog selects no stream, so nothing is read.")
    return {**catalog, "streams": list(usable.values())}


def _chosen(
    entries: Iterable[Any],
    streams: Mapping[str, StreamFacts],
    warn: Warn,
    choose: Choose,
) -> Iterator[tuple[str, dict[str, Any], Metadata]]:
    """Yield name, entry and metadata of the streams that are read."""
    offered: dict[str, bool] = {}
    known = []
    for place, entry in enumerate(entries):
        name = _name_of(entry, place)
        metadata = _metadata_of(entry, name)
        is_selected = _is_selected(metadata[_ROOT])
        if name in streams:
            known.append((name, entry, metadata))
            offered[name] = offered.get(name, False) or is_selected
        elif is_selected:
            hint = suggestion(name, streams)
            warn(f"The catalog names a stream `{name}`, which does not exist.{hint}")
    chosen = choose(offered, streams)
    for name, entry, metadata in known:
        # If two entries have the same name, a selected one is meant.
        if name in chosen and _is_selected(metadata[_ROOT]) == offered[name]:
            root = {**metadata[_ROOT], "selected": True}
            metadata[_ROOT] = {**root, "inclusion": "available"}
            yield name, entry, metadata


def _name_of(entry: object, place: int) -> str:
    if not isinstance(entry, dict):
        message = f"entry {place + 1} of `streams` must be an object"
        raise CatalogError(message)
    name = entry.get("tap_stream_id") or entry.get("stream")
    if not isinstance(name, str):
        message = f"entry {place + 1} of `streams` has no `tap_stream_id`"
        raise CatalogError(message)
    return name


def _metadata_of(entry: Mapping[str, Any], name: str) -> Metadata:
    """Return the metadata by breadcrumb, always with an entry for the stream itself."""
    given = entry.get("metadata")
    if given is None:
        given = []
    if not isinstance(given, list):
        message = f"`metadata` of `{name}` must be a list"
        raise CatalogError(message)
    metadata: Metadata = {}
    for item in given:
        breadcrumb, values = _metadatum(item, name)
        if values is not None:
            metadata[breadcrumb] = {**metadata.get(breadcrumb, {}), **values}
    if _ROOT not in metadata:
        # As old catalogs do it. A stream that is only named, without a flag, is wanted.
        selected = _flag(entry.get("selected"), "selected", name)
        metadata[_ROOT] = {"selected": selected is not False}
    return metadata


def _metadatum(item: object, name: str) -> tuple[tuple[str, ...], dict[str, Any] | None]:
    if not isinstance(item, dict):
        message = f"`metadata` of `{name}` must hold objects"
        raise CatalogError(message)
    breadcrumb = item.get("breadcrumb")
    if breadcrumb is None:
        breadcrumb = []
    if not isinstance(breadcrumb, list) or not all(
        isinstance(crumb, str) for crumb in breadcrumb
    ):
        message = f"a `breadcrumb` of `{name}` must be a list of texts"
        raise CatalogError(message)
    values = item.get("metadata")
    if values is None:
        return tuple(breadcrumb), None
    if not isinstance(values, dict):
        message = f"`metadata` beside a `breadcrumb` of `{name}` must be an object"
        raise CatalogError(message)
    flags = {f: _flag(values[f], f, name) for f in _FLAGS if f in values}
    return tuple(breadcrumb), {**values, **flags}


def _flag(value: object, flag: str, name: str) -> bool | None:
    known = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    if value is None or isinstance(value, bool):
        return value
    message = f"`{flag}` of `{name}` must be true or false"
    raise CatalogError(message)


def _is_selected(root: Mapping[str, Any]) -> bool:
    """Whether a stream is selected, by the SDK's rules."""
    match root.get("inclusion"):
        case "unsupported":
            return False
        case "automatic":
            return True
    said = (root.get(flag) for flag in _FLAGS)
    return next((bool(flag) for flag in said if flag is not None), False)


def _whole(
    entry: dict[str, Any],
    metadata: Metadata,
    stream: StreamFacts,
    warn: Warn,
) -> dict[str, Any]:
    """Return an entry with everything that the SDK needs."""
    name, keys, replication_key = stream.name, stream.keys, stream.replication_key
    root = metadata[_ROOT] = dict(metadata[_ROOT])
    if (called := entry.get("stream")) not in {None, name}:
        warn(
            f"The catalog calls `{name}` {called!r}, which has no effect. Use "
            "`stream_maps` with `__alias__` to give it another name."
        )
    given = _first(entry.get("key_properties"), root.get("table-key-properties"))
    if given is not None and given != list(keys):
        warn(
            f"The catalog names other `key_properties` of `{name}` than its own "
            f"({', '.join(keys)}), which has no effect. Use `stream_maps` with "
            "`__key_properties__` to change them."
        )
    given = _first(entry.get("replication_key"), root.get("replication-key"))
    if given and given != replication_key:
        own = f"its own is `{replication_key}`" if replication_key else "it has none"
        warn(
            f"The catalog names another `replication_key` of `{name}` ({given!r}), "
            f"which has no effect: {own}."
        )
    root |= {"table-key-properties": list(keys), "replication-key": replication_key}
    method = _method(entry, root, stream, warn)
    root["forced-replication-method"] = method
    schema = _schema(entry, stream)
    for key in stream.key_fields:
        at = ("properties", key)
        metadata[at] = {**metadata.get(at, {}), "inclusion": "automatic"}
    for breadcrumb, values in metadata.items():
        if values.get("selected") is not None:
            _check_field(breadcrumb, stream, schema, warn)
    return {
        **entry,
        "tap_stream_id": name,
        "stream": name,
        "key_properties": list(keys),
        "replication_key": replication_key,
        "replication_method": method,
        "schema": schema,
        "metadata": [
            {"breadcrumb": list(breadcrumb), "metadata": values}
            for breadcrumb, values in metadata.items()
        ],
    }


def _first(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def _method(
    entry: Mapping[str, Any],
    root: Mapping[str, Any],
    stream: StreamFacts,
    warn: Warn,
) -> str | None:
    """Return the replication method that is asked for, if the stream supports it."""
    method = entry.get("replication_method") or root.get("forced-replication-method")
    if not method:
        return None
    known = {REPLICATION_FULL_TABLE}
    if stream.replication_key or stream.source:
        known.add(REPLICATION_INCREMENTAL)
    if str(method).upper() in known:
        return str(method).upper()
    warn(
        f"The catalog asks for `{stream.name}` as {method!r}, which has no effect: it "
        f"knows {' and '.join(sorted(known))}."
    )
    return None


def _schema(entry: Mapping[str, Any], stream: StreamFacts) -> dict[str, Any]:
    """Return the schema of an entry; the keys are always in it."""
    own = stream.schema
    given = entry.get("schema")
    if given is None or given == own:
        return own
    if not isinstance(given, dict):
        message = f"`schema` of `{stream.name}` must be an object"
        raise CatalogError(message)
    properties = given.get("properties")
    if not properties and isinstance(properties, (dict, type(None))):
        return own
    if not isinstance(properties, dict):
        message = f"`properties` in the schema of `{stream.name}` must be an object"
        raise CatalogError(message)
    own_properties = own["properties"]
    whole = {key: own_properties[key] for key in stream.key_fields}
    for field, schema in properties.items():
        whole[field] = schema or own_properties.get(field, {})
    return _readable({**given, "type": "object", "properties": whole}, stream.name)


def _readable(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a schema as the SDK reads it.

    Raises:
        CatalogError: The SDK cannot read it.
    """
    try:
        readable: dict[str, Any] = Schema.from_dict(schema).to_dict()
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        message = f"the schema of `{name}` is not a JSON schema"
        raise CatalogError(message) from None
    return readable


def _check_field(
    breadcrumb: tuple[str, ...],
    stream: StreamFacts,
    schema: Mapping[str, Any],
    warn: Warn,
) -> None:
    """Warn about a field that is selected or deselected, but does not exist."""
    siblings = _siblings_of_missing(breadcrumb, stream.schema)
    if siblings is None or _siblings_of_missing(breadcrumb, schema) is None:
        return
    field = ".".join(crumb for crumb in breadcrumb if crumb != "properties")
    warn(
        f"The catalog selects or deselects `{field}` of `{stream.name}`, which does not "
        f"exist.{suggestion(breadcrumb[-1], siblings)}"
    )


def _siblings_of_missing(
    breadcrumb: tuple[str, ...],
    schema: Mapping[str, Any],
) -> list[str] | None:
    """Return the fields beside a missing one; None if the field is not missing."""
    node: Any = schema
    crumbs = iter(breadcrumb)
    for crumb in crumbs:
        below = node.get(crumb)
        if crumb == "properties" and isinstance(below, dict):
            name = next(crumbs, "")
            if name not in below:
                return list(below)
            below = below[name]
        if not isinstance(below, dict):
            return None  # an object with any fields
        node = below
    return None
