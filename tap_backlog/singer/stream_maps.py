"""Stream maps: how they can fail, and which parts have no effect.

The SDK parses them almost without checks, and evaluates them row by row.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from singer_sdk.exceptions import MappingError
from singer_sdk.mapper import NULL_STRING, CustomStreamMap

from tap_backlog.errors import BacklogError
from tap_backlog.names import suggestion

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from singer_sdk.mapper import StreamMap

    from tap_backlog.rows import Row

    Schema: TypeAlias = Mapping[str, Any]

_FILTER = "__filter__"
_SOURCE = "__source__"


class ExpressionError(BacklogError):
    """An expression of a stream map that fails on a row.

    Args:
        stream: Name of the stream.
        column: The column that it computes, or ``__filter__``.
        keys: The key of the row.
        expression: The expression.
        error: The error that it raised.
    """

    def __init__(
        self,
        stream: str,
        column: str,
        keys: str,
        expression: str,
        error: Exception,
    ) -> None:
        super().__init__(
            f"`stream_maps`: the expression {_in_one_line(expression)!r} of `{column}` "
            f"in `{stream}` fails on the row with {keys} ({_reason(error)}). Correct "
            "it, or let it allow for such rows, as in `md5(self) if self else None`."
        )


def _reason(error: Exception) -> str:
    """Return what failed, but no values of the row."""
    cause = error.__cause__ if isinstance(error, MappingError) else None
    actual = cause or error
    kind = type(actual).__name__
    if isinstance(actual, (ValueError, LookupError)) and not isinstance(actual, KeyError):
        return kind  # its message repeats the value
    words = _in_one_line(str(actual)).rstrip(".")
    return f"{kind}: {words}" if words else kind


def _in_one_line(text: str) -> str:
    most = 200
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}..."


def name_failures(stream_map: StreamMap, stream: str, keys: Sequence[str]) -> None:
    """Let a stream map report on which row one of its expressions fails, and why.

    Args:
        stream_map: The map.
        stream: Name of the stream.
        keys: Its key columns.
    """
    if not isinstance(stream_map, CustomStreamMap):
        return
    evaluate = stream_map._eval  # noqa: SLF001 - nothing else knows the column

    def evaluate_or_tell(
        expr: str, expr_parsed: ast.Expr, record: Row, property_name: str | None
    ) -> object:
        try:
            return evaluate(expr, expr_parsed, record, property_name)
        except Exception as error:  # noqa: BLE001 - an expression can raise anything
            row = ", ".join(f"{key} {record.get(key)}" for key in keys)
            column = property_name or _FILTER
            raise ExpressionError(stream, column, row, expr, error) from None

    setattr(stream_map, "_eval", evaluate_or_tell)  # noqa: B010


class _Map(NamedTuple):
    """One entry of ``stream_maps``."""

    name: str
    pattern: str
    columns: Mapping[str, object]
    schemas: Mapping[str, Schema]
    """Schemas of the streams to which it applies, by name."""


def without_effect(
    stream_maps: Mapping[str, Any],
    schemas: Mapping[str, Schema],
    separator: str,
) -> Iterator[str]:
    """Yield a sentence for each part of the stream maps that has no effect.

    Args:
        stream_maps: The setting ``stream_maps``.
        schemas: Schemas of all streams, by name.
        separator: What flattening puts between the names of nested fields.
    """
    for name, columns in stream_maps.items():
        if name.startswith("__"):
            continue
        inner = columns if isinstance(columns, dict) else {}
        pattern = str(inner.get(_SOURCE, name))
        matched = {
            stream: schema
            for stream, schema in schemas.items()
            if fnmatch.fnmatch(stream, pattern)
        }
        if not matched:
            hint = suggestion(pattern, schemas)
            yield f"`stream_maps` names a stream `{pattern}`, which does not exist.{hint}"
            continue
        yield from _columns_without_effect(_Map(name, pattern, inner, matched), separator)


def _columns_without_effect(one: _Map, separator: str) -> Iterator[str]:
    known = {
        column: None for schema in one.schemas.values() for column in schema["properties"]
    }
    for column, expression in one.columns.items():
        if column.startswith("__") or column in known:
            continue
        head = f"`stream_maps` of `{one.name}`"
        if nested := _nested_field(column, one.schemas.values(), separator):
            yield (
                f"{head}: there is no column `{column}` yet, since maps come before "
                f"flattening. To leave out or change `{'.'.join(nested)}`, deselect it "
                f"in the catalog, or map `{nested[0]}`."
            )
        elif expression in {None, NULL_STRING}:
            hint = suggestion(column, known)
            yield f"{head} removes a column `{column}`, which does not exist.{hint}"
        elif alike := [other for other in known if _bare(other) == _bare(column)]:
            yield f"{head} adds a column `{column}` beside `{alike[0]}`."


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def _nested_field(
    column: str,
    schemas: Any,  # noqa: ANN401
    separator: str,
) -> list[str]:
    """Return the path of a nested field to which flattening would give this name."""
    steps = re.split(rf"{re.escape(separator)}|\.", column) if separator else [column]
    if len(steps) > 1 and any(_has_field(schema, steps) for schema in schemas):
        return steps
    return []


def _has_field(schema: Schema, steps: list[str]) -> bool:
    node: Any = schema
    for step in steps:
        fields = node.get("properties") or {}
        if step not in fields:
            return False
        node = fields[step]
    return True


def in_one_line(set_up: Callable[[], None]) -> None:
    """Set up the stream maps; report what the SDK cannot use in one line.

    Args:
        set_up: Lets the SDK parse the maps.

    Raises:
        BacklogError: The maps cannot be used.
    """
    try:
        set_up()
    except MappingError:
        raise
    except (
        AttributeError,
        LookupError,
        MemoryError,
        NotImplementedError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        message = f"`stream_maps` cannot be used: {type(error).__name__}: {error}"
        raise BacklogError(_in_one_line(message)) from None
