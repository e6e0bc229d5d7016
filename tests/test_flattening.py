from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.helpers import _flattening
from singer_sdk.helpers._flattening import (
    FlatteningOptions,
    flatten_record,
    flatten_schema,
)
from singer_sdk.singerlib.json import serialize_json

from tap_backlog.rows import decode_row, decode_value, plain
from tap_backlog.singer.flattening import Flattener, json_text
from tap_backlog.streams import STREAM_TYPES

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["\u2028", "\x7f", "\x00", "👩‍💻", "日本語", '"\\/']
)
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


@given(values)
def test_json_text_means_the_same_as_that_of_the_sdk(value: object) -> None:
    assert decode_value(json_text(value).encode()) == decode_value(
        serialize_json(value).encode()
    )


def test_json_text_holds_characters_and_no_ascii_escapes() -> None:
    value = {
        "name": "鈴木 👩‍💻",
        "lines": ["長い\n文章", "\u2028"],
        "hours": Decimal("1.10"),
    }
    assert json_text(value) == (
        '{"name":"鈴木 👩‍💻","lines":["長い\\n文章","\u2028"],"hours":1.10}'
    )


def test_half_of_a_surrogate_pair_does_not_bring_the_escapes_back() -> None:
    assert json_text(["鈴木", "\ud83d"]) == '["鈴木","\ufffd"]'


def sample(schema: dict[str, Any], value: object) -> Any:
    """Return something that fits a schema, with a value in each field."""
    if "object" in schema.get("type", []) and "properties" in schema:
        return {k: sample(v, value) for k, v in schema["properties"].items()}
    if "array" in schema.get("type", []) and "items" in schema:
        return [sample(schema["items"], value)]
    return value


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("longest", [12, 255])
@pytest.mark.parametrize("value", [None, "日本", Decimal("1.10"), {"a": [1]}, [{}]])
@pytest.mark.parametrize("stream_type", STREAM_TYPES)
def test_rows_are_flattened_as_the_sdk_does_it(
    stream_type: Any,
    value: object,
    longest: int,
    depth: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_flattening, "serialize_json", json_text)
    options = FlatteningOptions(
        enabled=True, max_level=depth, max_key_length=longest, separator="__"
    )
    how: dict[str, Any] = {
        "max_level": depth,
        "separator": "__",
        "max_key_length": longest,
    }
    try:
        schema = flatten_schema(stream_type.schema, **how)
    except ValueError:  # two columns with one name, which the SDK refuses
        return
    row = sample(stream_type.schema, value)
    columns = schema["properties"]
    theirs = flatten_record(row, flattened_schema=schema, **how)
    unknown: set[str] = set()
    flattener = Flattener(stream_type.schema, columns, options, unknown.update)
    ours = flattener.flatten(row)
    assert ours == {name: value for name, value in theirs.items() if name in columns}
    left_out = {k for k, v in theirs.items() if k not in columns and v is not None}
    assert unknown == left_out
    assert plain(flattener.flatten(raw(row))) == plain(ours)


SCHEMA: dict[str, Any] = {
    "properties": {
        "a": {"type": ["integer", "null"]},
        "b": {"type": ["array", "null"], "items": {}},
        "c": {
            "type": ["object", "null"],
            "properties": {
                "a": {"type": ["string", "null"]},
                "c": {"type": ["object", "null"], "properties": {"a": {"type": "null"}}},
            },
        },
    }
}
names = st.sampled_from(["a", "b", "c", "x"])
rows = st.dictionaries(
    names, values | st.dictionaries(names, values | st.dictionaries(names, values))
)


@given(st.lists(rows), st.integers(1, 3))
def test_any_rows_are_flattened_as_the_sdk_does_it_except_for_null_objects(
    some: list[dict[str, Any]], depth: int
) -> None:
    options = FlatteningOptions(enabled=True, max_level=depth, separator="__")
    schema = flatten_schema(SCHEMA, max_level=depth)
    columns = schema["properties"]
    flattener = Flattener(SCHEMA, columns, options, set[str]().update)
    for row in some:
        theirs = flatten_record(row, flattened_schema=schema, max_level=depth)
        known = {name: value for name, value in theirs.items() if name in columns}
        ours = flattener.flatten(row)
        assert meaning({name: ours[name] for name in known}) == meaning(known)
        assert [ours[name] for name in ours.keys() - known] == [None] * (
            len(ours) - len(known)
        )
        assert meaning(plain(flattener.flatten(raw(row)))) == meaning(plain(ours))


def raw(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it comes."""
    return decode_row(serialize_json(row).encode())


def meaning(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with what its JSON texts mean, in whatever way they are written."""

    def of(value: object) -> object:
        if isinstance(value, str) and value[:1] in {"[", "{"}:
            with contextlib.suppress(ValueError):
                return decode_value(value.encode())
        return value

    return {name: of(value) for name, value in row.items()}
