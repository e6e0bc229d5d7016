"""Unusual catalogs: of other taps, of other versions, written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.odd_inputs.runs import MARK, error_of, run_with, success_of, warnings_of
from tests.support import parse, select

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


def entry(**parts: object) -> Row:
    """Return the entry of `space` with some of its parts changed."""
    (whole,) = (e for e in select("space")["streams"] if e["stream"] == "space")
    return {"streams": [{**whole, **parts}]}


def minimal(**parts: object) -> Row:
    return {"streams": [{"tap_stream_id": "space", **parts}]}


def metadata(*pairs: tuple[object, object]) -> Row:
    return minimal(metadata=[{"breadcrumb": b, "metadata": m} for b, m in pairs])


SPACE = {"name": "space"}
ROOT: tuple[list[str], Row] = ([], {"selected": True})


@pytest.mark.parametrize(
    "catalog",
    [
        minimal(),
        minimal(metadata=None),
        minimal(metadata=[]),
        minimal(schema=None),
        minimal(schema={}),
        minimal(schema={"properties": {}}),
        minimal(schema={"properties": None}),
        minimal(key_properties=None, replication_key=None, replication_method=None),
        minimal(selected=True),
        {"streams": [{"stream": "space"}]},
        metadata(ROOT),
        metadata((None, {"selected": True})),
        minimal(metadata=[{"metadata": {"selected": True}}]),
        metadata(([], {"selected": "true"})),
        metadata(([], None)),
        metadata(([], {"selected-by-default": True})),
        metadata(([], {"inclusion": "automatic"})),
        metadata((["properties", "name"], {"inclusion": "available"})),
        metadata(ROOT, (["properties", "name"], None)),
        metadata(ROOT, (["properties", "spaceKey"], {"selected": False})),
        metadata(ROOT, ([], {"table-key-properties": ["spaceKey"]})),
        entry(schema={}),
        entry(metadata=None),
        entry(key_properties=None),
    ],
)
def test_a_catalog_that_leaves_things_out_means_the_stream_as_it_is(
    tmp_path: Path, config: Row, catalog: Row
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == []
    output = parse(result.stdout)
    assert output.schemas["space"]["key_properties"] == ["spaceKey"]
    properties = output.schemas["space"]["schema"]["properties"]
    (row,) = output.by_stream["space"]
    assert row.keys() == properties.keys()
    assert len(row) == 9


def test_a_minimal_entry_is_read_by_its_bookmark(tmp_path: Path, config: Row) -> None:
    catalog = {"streams": [{"tap_stream_id": "issues"}]}
    state = {"bookmarks": {"issues": MARK}}
    output = success_of(run_with(tmp_path, config, catalog=catalog, state=state))
    assert output.schemas["issues"]["bookmark_properties"] == ["updated"]
    assert output.by_stream == {}


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ({"properties": {"name": {"type": "string"}}}, ["name", "spaceKey"]),
        ({"properties": {"name": None}}, ["name", "spaceKey"]),
        ({"type": "object", "properties": {"name": {}}}, ["name", "spaceKey"]),
    ],
)
def test_a_schema_that_lacks_the_key_gets_it(
    tmp_path: Path, config: Row, schema: Row, fields: list[str]
) -> None:
    output = success_of(run_with(tmp_path, config, catalog=minimal(schema=schema)))
    assert sorted(output.schemas["space"]["schema"]["properties"]) == fields
    assert sorted(output.by_stream["space"][0]) == fields


@pytest.mark.parametrize(
    ("catalog", "warning"),
    [
        (
            entry(stream="my_space"),
            (
                "The catalog calls `space` 'my_space', which has no effect. Use "
                "`stream_maps` with `__alias__` to give it another name."
            ),
        ),
        (
            entry(key_properties=["name"]),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            entry(key_properties=[]),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            metadata(([], {"selected": True, "table-key-properties": "name"})),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            entry(replication_key="updated"),
            (
                "The catalog names another `replication_key` of `space` ('updated'), "
                "which has no effect: it has none."
            ),
        ),
        (
            entry(replication_method="INCREMENTAL"),
            (
                "The catalog asks for `space` as 'INCREMENTAL', which has no effect: it "
                "knows FULL_TABLE."
            ),
        ),
        (
            metadata(([], {"selected": True, "forced-replication-method": 5})),
            (
                "The catalog asks for `space` as 5, which has no effect: it knows "
                "FULL_TABLE."
            ),
        ),
        (
            {"streams": [*minimal()["streams"], {"tap_stream_id": "isues"}]},
            (
                "The catalog names a stream `isues`, which does not exist. Did you mean "
                "`issues`?"
            ),
        ),
        (
            {"streams": [*minimal()["streams"], {"tap_stream_id": "xyz"}]},
            "The catalog names a stream `xyz`, which does not exist.",
        ),
        (
            {"streams": [*minimal()["streams"], *minimal()["streams"]]},
            "The catalog names `space` twice; the first entry counts.",
        ),
        (
            metadata(ROOT, (["properties", "timezon"], {"selected": False})),
            (
                "The catalog selects or deselects `timezon` of `space`, which does not "
                "exist. Did you mean `timezone`?"
            ),
        ),
    ],
)
def test_what_a_catalog_says_without_effect_is_told(
    tmp_path: Path, config: Row, catalog: Row, warning: str
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == [warning]
    output = parse(result.stdout)
    assert output.schemas["space"]["key_properties"] == ["spaceKey"]
    assert len(output.by_stream["space"][0]) == 9


def test_another_replication_key_is_told_and_the_own_one_used(
    tmp_path: Path, config: Row
) -> None:
    catalog = {"streams": [{"tap_stream_id": "issues", "replication_key": "created"}]}
    state = {"bookmarks": {"issues": MARK}}
    result = run_with(tmp_path, config, catalog=catalog, state=state)
    assert warnings_of(result) == [
        (
            "The catalog names another `replication_key` of `issues` ('created'), which "
            "has no effect: its own is `updated`."
        )
    ]
    assert parse(result.stdout).by_stream == {}


@pytest.mark.parametrize(
    "catalog",
    [
        {"streams": []},
        minimal(selected=False),
        metadata(([], {"selected": False})),
        metadata(([], {"selected": "false"})),
        metadata(([], {"inclusion": "available"})),
        metadata(([], {"selected": True, "inclusion": "unsupported"})),
        {"streams": [{"tap_stream_id": "isues", "selected": False}]},
    ],
)
def test_a_catalog_that_selects_nothing_is_told(
    tmp_path: Path, config: Row, catalog: Row
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == ["The catalog selects no stream, so nothing is read."]
    assert parse(result.stdout).messages == []


@pytest.mark.parametrize(
    ("catalog", "words"),
    [
        ({}, "`streams` must be a list"),
        ([], "`streams` must be a list"),
        ({"streams": None}, "`streams` must be a list"),
        ({"streams": {}}, "`streams` must be a list"),
        ({"bookmarks": {}}, "`streams` must be a list"),
        ({"streams": [None]}, "entry 1 of `streams` must be an object"),
        ({"streams": ["space"]}, "entry 1 of `streams` must be an object"),
        ({"streams": [{}]}, "entry 1 of `streams` has no `tap_stream_id`"),
        ({"streams": [{"tap_stream_id": 5}]}, "entry 1 of `streams` has no `tap_stream"),
        (minimal(metadata={}), "`metadata` of `space` must be a list"),
        (minimal(metadata=[None]), "`metadata` of `space` must hold objects"),
        (metadata(("properties", {})), "a `breadcrumb` of `space` must be a list"),
        (metadata((["properties", 5], {})), "a `breadcrumb` of `space` must be a list"),
        (metadata(([], [])), "`metadata` beside a `breadcrumb` of `space` must be an"),
        (metadata(([], {"selected": 1})), "`selected` of `space` must be true or false"),
        (minimal(schema=[]), "`schema` of `space` must be an object"),
        (minimal(schema={"properties": []}), "`properties` in the schema of `space`"),
        (minimal(schema={"properties": {"a": 5}}), "schema of `space` is not a JSON"),
        (
            minimal(schema={"properties": {"a": {"properties": {"b": 1}}}}),
            "the schema of `space` is not a JSON schema",
        ),
    ],
)
def test_a_catalog_that_cannot_be_used_is_told(
    tmp_path: Path, config: Row, catalog: Row, words: str
) -> None:
    error = error_of(run_with(tmp_path, config, catalog=catalog))
    assert words in error
    assert "--discover" in error
