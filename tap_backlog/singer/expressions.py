"""Which fields of a row the expressions of a stream map read.

The others can stay raw: the SDK passes them on as they are.
"""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from singer_sdk.mapper import CustomStreamMap, SameRecordTransform

from tap_backlog.rows import plain, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.mapper import StreamMap

    from tap_backlog.rows import Row

WHOLE_ROW = frozenset({"_", "record"})
"""The names of the whole row in an expression."""


class Expression(NamedTuple):
    """An expression, parsed.

    Args:
        column: The column that it computes; None for a filter.
        text: The expression as the user wrote it.
        tree: What it says.
    """

    column: str | None
    text: str
    tree: ast.AST

    @property
    def names(self) -> frozenset[str]:
        """The names that it uses; ``self`` is the name of the column."""
        found = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        if "self" in found and self.column:
            found.add(self.column)
        return frozenset(found)


def expressions_of(stream_map: StreamMap) -> list[Expression]:
    """Return all expressions of a stream map.

    Args:
        stream_map: The map.
    """
    if not isinstance(stream_map, CustomStreamMap):
        return []
    return [*_filters(stream_map), *_computed(stream_map)]


def _filters(stream_map: CustomStreamMap) -> Iterator[Expression]:
    kept = _kept_by(stream_map._filter_fn)  # noqa: SLF001 - nothing else has the tree
    if "filter_rule" in kept:
        yield Expression(None, kept["filter_rule"], kept["filter_rule_parsed"])


def _computed(stream_map: CustomStreamMap) -> Iterator[Expression]:
    kept = _kept_by(stream_map._transform_fn)  # noqa: SLF001 - nothing else has the trees
    for column, text, tree in kept["stream_map_parsed"]:
        if tree is not None:
            yield Expression(column, text, tree)


def _kept_by(function: Any) -> dict[str, Any]:  # noqa: ANN401
    return dict(inspect.getclosurevars(function).nonlocals)


def names_in(expressions: Iterable[Expression]) -> frozenset[str] | None:
    """Return the names that expressions use; None if they use the row as a whole.

    Args:
        expressions: The expressions.
    """
    found = frozenset(name for one in expressions for name in one.names)
    return None if found & WHOLE_ROW else found


def schema_before_flattening(stream_map: StreamMap) -> dict[str, Any]:
    """Return the schema of the rows that a stream map makes, before flattening.

    A column whose expression is the name of a field has the schema of that field.

    Args:
        stream_map: The map.
    """
    fields = stream_map.raw_schema["properties"]
    copies = {
        one.column: fields[one.text]
        for one in expressions_of(stream_map)
        if one.column and one.text in fields
    }
    return {**stream_map.raw_schema, "properties": {**copies, **fields}}


class Mapper(NamedTuple):
    """A stream map that gets plain values only where it reads them.

    Args:
        alias: The name of the stream that it makes.
        apply: Returns the mapped row, or None if the map drops it. The root fields of
            the row may be raw.
    """

    alias: str
    apply: Callable[[Row], Row | None]

    @classmethod
    def of(cls, stream_map: StreamMap, keys: Iterable[str]) -> Mapper:
        """Return a stream map as it is applied.

        Args:
            stream_map: The map.
            keys: Fields that error messages name.
        """
        apply: Callable[[Row], Row | None] = stream_map.transform
        if isinstance(stream_map, SameRecordTransform):
            apply = stream_map.flatten_record
        elif expressions := expressions_of(stream_map):
            names = names_in(expressions)
            apply = _after_reading(names.union(keys) if names else names, apply)
        return cls(stream_map.stream_alias, apply)


def _after_reading(
    names: frozenset[str] | None, apply: Callable[[Row], Row | None]
) -> Callable[[Row], Row | None]:
    def read_and_apply(row: Row) -> Row | None:
        if names is None:
            return apply(plain(row))
        return apply({**row, **{name: read(row, name) for name in names & row.keys()}})

    return read_and_apply
