"""Which fields of a row are sent: some are deselected, some are left out everywhere.

The SDK looks only into objects. Backlog has people in lists too (``stars``,
``sharedFiles``, ``members``), and in objects whose fields are in no schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from singer_sdk.singerlib.catalog import Metadata

from tap_backlog.names import suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from singer_sdk.singerlib.catalog import MetadataMapping

Path: TypeAlias = "tuple[str, ...]"
Schema: TypeAlias = "dict[str, Any]"

_IN_FREE_OBJECTS = ("mailAddress",)
"""Fields that can be deselected in the catalog, in objects that no schema describes."""

_KNOWN_IN_FREE_OBJECTS = frozenset(
    {
        *("attachments", "changes", "comment", "diff", "key_id", "issue_key", "link"),
        *("field_text", "new_value", "old_value", "parties", "repository", "revisions"),
        *("shared_files", "tx_id", "users", "version", "group_project_activities"),
    }
)
"""Fields of updates, as Backlog writes them in objects that no schema describes."""


def complete(metadata: MetadataMapping, schema: Schema) -> None:
    """Add entries for fields inside lists, which the SDK leaves out.

    Their breadcrumbs are like those of objects, as ``meltano select`` writes them.
    Breadcrumbs with the step ``items``, like the path in the schema, work too. The
    stream's own entry comes first, because people look for it.

    Args:
        metadata: The metadata of a stream, with one entry for each breadcrumb.
        schema: The schema of the stream.
    """
    for breadcrumb in list(metadata):
        plain = _without_items(breadcrumb)
        if plain != breadcrumb:
            given, entry = metadata.pop(breadcrumb), metadata.get(plain)
            if entry is None or entry.selected is not False:
                metadata[plain] = given
    available = Metadata.InclusionType.AVAILABLE
    for path in _paths(schema, ()):
        if path not in metadata:
            metadata[path] = Metadata(inclusion=available)
    for breadcrumb in [one for one in metadata if one]:
        metadata[breadcrumb] = metadata.pop(breadcrumb)


def _without_items(breadcrumb: Path) -> Path:
    """Return a breadcrumb without the steps into lists.

    Steps and field names alternate, so a field may have the name ``items``.
    """
    plain: list[str] = []
    rest = list(breadcrumb)
    while rest:
        if rest[0] == "items":
            rest.pop(0)
        else:
            plain += rest[:2]
            del rest[:2]
    return tuple(plain)


def _fields_of(schema: Schema) -> dict[str, Schema]:
    """Return the fields of an object, or of the objects in a list."""
    items = schema.get("items")
    fields = (items if isinstance(items, dict) else schema).get("properties")
    return fields if isinstance(fields, dict) else {}


def _is_free(schema: Schema) -> bool:
    items = schema.get("items")
    inner = items if isinstance(items, dict) else schema
    kinds = inner.get("type", ())
    return "object" in kinds and "string" not in kinds and not inner.get("properties")


def _paths(schema: Schema, above: Path) -> Iterator[Path]:
    for name, inner in _fields_of(schema).items():
        path = (*above, "properties", name)
        yield path
        if _is_free(inner):
            yield from ((*path, "properties", one) for one in _IN_FREE_OBJECTS)
        yield from _paths(inner, path)


@dataclass
class _Cut:
    """What is removed from an object, or from each object in a list.

    Args:
        names: Fields that are removed.
        inside: What is removed inside certain fields that stay.
        elsewhere: What is removed inside all other fields that stay.
    """

    names: frozenset[str] = frozenset()
    inside: dict[str, _Cut] = field(default_factory=dict)
    elsewhere: _Cut | None = None

    def __bool__(self) -> bool:
        """Whether anything is removed."""
        return bool(self.names or self.inside or self.elsewhere)

    def apply(self, value: object) -> None:
        """Remove it from plain JSON, in place."""
        if isinstance(value, list):
            for item in value:
                self.apply(item)
        elif isinstance(value, dict):
            for name in self.names & value.keys():
                del value[name]
            for name, inner in value.items():
                if isinstance(inner, (dict, list)) and (
                    cut := self.inside.get(name, self.elsewhere)
                ):
                    cut.apply(inner)

    def of_schema(self, schema: Schema) -> Schema:
        """Return a schema without the fields that are removed."""
        if isinstance(items := schema.get("items"), dict):
            return {**schema, "items": self.of_schema(items)}
        fields = schema.get("properties")
        if not isinstance(fields, dict):
            return schema
        kept = {name: one for name, one in fields.items() if name not in self.names}
        for name, inner in kept.items():
            if cut := self.inside.get(name, self.elsewhere):
                kept[name] = cut.of_schema(inner)
        pruned = {**schema, "properties": kept}
        if "required" in schema:
            pruned["required"] = [name for name in schema["required"] if name in kept]
        return pruned


class Selection:
    """Which parts of a stream's rows and of its schema are sent.

    Args:
        schema: The schema of the stream.
        mask: Whether each breadcrumb is selected.
        left_out: Names of fields that are left out at every depth.
        keys: Root fields that always stay.
    """

    def __init__(
        self,
        schema: Schema,
        mask: Mapping[Path, bool],
        left_out: Iterable[str] = (),
        keys: Iterable[str] = (),
    ) -> None:
        self._schema = schema
        self._off: dict[Path, set[str]] = {}
        self._on_the_way: dict[Path, set[str]] = {}
        for path in (path for path, is_selected in mask.items() if not is_selected):
            if path:
                self._off.setdefault(path[:-2], set()).add(path[-1])
            for end in range(2, len(path), 2):
                above, name = path[: end - 2], path[end - 1]
                self._on_the_way.setdefault(above, set()).add(name)
        names = frozenset(left_out)
        self._everywhere = _Cut(names)
        if names:
            self._everywhere.elsewhere = self._everywhere
        cut = self._cut(schema, ())
        self._cut_of_rows = _Cut(cut.names - frozenset(keys), cut.inside, cut.elsewhere)
        self.fields = frozenset(_fields_of(schema)) - self._cut_of_rows.names
        """The root fields that are sent."""

    @property
    def looks_inside(self) -> bool:
        """Whether some part inside a field that is sent is left out."""
        return bool(self._cut_of_rows.inside or self._cut_of_rows.elsewhere)

    @property
    def schema(self) -> Schema:
        """The schema of what is sent."""
        return self._cut_of_rows.of_schema(self._schema)

    @property
    def emptied(self) -> list[str]:
        """Root fields that are sent, but with all their own fields left out."""
        fields = _fields_of(self._schema)
        return sorted(
            name
            for name, cut in self._cut_of_rows.inside.items()
            if (inner := _fields_of(fields.get(name, {})).keys()) and inner <= cut.names
        )

    def apply(self, row: dict[str, Any]) -> dict[str, Any]:
        """Remove what is not sent from a plain row, in place, and return the row."""
        if self._cut_of_rows:
            self._cut_of_rows.apply(row)
        return row

    def _cut(self, schema: Schema, path: Path) -> _Cut:
        names = self._everywhere.names | self._off.get(path, frozenset())
        elsewhere = self._everywhere
        if _is_free(schema) and names:
            # No schema says at which depth they are.
            elsewhere = _Cut(names)
            elsewhere.elsewhere = elsewhere
        fields: dict[str, Schema] = {key: {} for key in self._on_the_way.get(path, ())}
        inside = {
            name: cut
            for name, inner in {**fields, **_fields_of(schema)}.items()
            if name not in names
            and (cut := self._cut(inner, (*path, "properties", name)))
        }
        return _Cut(names, inside, elsewhere or None)


def names_in(schema: Schema) -> Iterator[str]:
    """Yield the names of all fields of a schema, at every depth."""
    for path in _paths(schema, ()):
        yield path[-1]


def complaint_about(
    left_out: object, keys: Iterable[str], known: Collection[str]
) -> str | None:
    """Return what is wrong with the setting ``leave_out_fields``, if anything.

    If a name differs only in upper and lower case, the field would be sent by mistake.
    Any other unknown name may be a field of a free object, such as ``key_id`` of an
    activity.

    Args:
        left_out: Its value.
        keys: Names of fields that every table needs.
        known: Names of all fields.
    """
    names = left_out if isinstance(left_out, list) else []
    if found := sorted({name for name in names if isinstance(name, str)} & set(keys)):
        return (
            f"`leave_out_fields` cannot hold {', '.join(f'`{name}`' for name in found)}: "
            "keys and bookmarks stay in each row"
        )
    small = {one.lower(): one for one in known}
    for name in names:
        meant = small.get(name.lower()) if isinstance(name, str) else None
        if meant and name not in known:
            return f"`leave_out_fields`: `{name}` is not a field, write `{meant}`"
    return None


def unknown_fields(left_out: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each unknown name in ``leave_out_fields``.

    Args:
        left_out: The setting ``leave_out_fields``.
        known: Names of the fields in all schemas.
    """
    for name in left_out:
        if name not in known and name not in _KNOWN_IN_FREE_OBJECTS:
            yield (
                f"`leave_out_fields` names `{name}`, which no report is known to hold."
                f"{suggestion(name, known)}"
            )
