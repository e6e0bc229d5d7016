"""Which columns contain people: the table of docs/personal-data.md, from the schemas.

``python -m scripts.personal_data`` prints it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.streams import STREAM_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    Schema = dict[str, Any]

PERSON_FIELDS = frozenset(
    {
        *("assignee", "createdUser", "updatedUser", "changedUser", "deletedUser"),
        *("presenter", "sender", "user", "users", "members"),
    }
)
"""Names of fields that contain one or more people, at any depth."""

FREE_TEXTS = frozenset(
    {
        *("summary", "description", "content", "comment", "note", "title", "plain"),
        *("json", "text", "value", "otherValue", "newValue", "originalValue", "diff"),
        *("oldValue", "templateSummary", "templateDescription", "hookUrl"),
    }
)
"""Names of fields that contain what people wrote."""


class Row(NamedTuple):
    """What in a stream is about people."""

    stream: str
    is_person: bool
    people: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def cells(self) -> list[str]:
        """The row as cells of a table."""
        people = ["*each row*"] if self.is_person else []
        people += [f"`{path}`" for path in self.people]
        texts = [f"`{path}`" for path in self.texts]
        return [f"`{self.stream}`", ", ".join(people), ", ".join(texts)]


def rows() -> list[Row]:
    """Return a row for each stream with people, or with texts that may name them."""
    found = []
    for name, schema in _schemas():
        row = Row(
            name,
            is_person(schema),
            tuple(path for path, _ in _fields(schema) if _last(path) in PERSON_FIELDS),
            tuple(path for path, one in _fields(schema) if _is_free(path, one)),
        )
        if row.is_person or row.people or row.texts:
            found.append(row)
    return found


def is_person(schema: Schema) -> bool:
    """Whether a row, an object or the items of a list have the shape of a user."""
    return {"userId", "mailAddress"} <= _inner(schema).keys()


def shapes() -> Iterator[tuple[str, Schema]]:
    """Yield name and schema of every field of every stream, at every depth."""
    for _, whole in _schemas():
        for path, schema in _fields(whole):
            yield _last(path), schema


def _schemas() -> Iterator[tuple[str, Schema]]:
    for stream_type in STREAM_TYPES:
        facts: Any = vars(stream_type)
        yield facts["name"], facts["schema"]


def _fields(schema: Schema, above: str = "") -> Iterator[tuple[str, Schema]]:
    for name, inner in _inner(schema).items():
        yield f"{above}{name}", inner
        if not is_person(inner):
            yield from _fields(inner, f"{above}{name}.")


def _inner(schema: Schema) -> Schema:
    items = schema.get("items")
    fields: Schema = (items if isinstance(items, dict) else schema).get("properties", {})
    return fields


def _is_free(path: str, schema: Schema) -> bool:
    """Whether it contains what people wrote, or is an object that may hold anything."""
    if _last(path) in PERSON_FIELDS:
        return False
    kinds = schema.get("type", ())
    is_free_object = "object" in kinds and not _inner(schema)
    return is_free_object or (_last(path) in FREE_TEXTS and "string" in kinds)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def main() -> None:
    """Print the table."""
    for row in rows():
        print(f"| {' | '.join(row.cells)} |")  # noqa: T201


if __name__ == "__main__":
    main()
