"""``readable_lists``: what stays nested is written so that people can read it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from sample_space import Options
from tap_backlog.settings.check import problems
from tap_backlog.singer.readable_text import readable_text
from tap_backlog.tap import TapBacklog
from tests.batches import in_batches
from tests.support import command, select, sync, without_limits

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

READABLE = {
    "flattening_enabled": True,
    "flattening_max_depth": 1,
    "readable_lists": True,
}
ALL = list(TapBacklog(config={}, validate_config=False).streams)


@pytest.fixture
def options() -> Options:
    """Return a space without rate limits."""
    return without_limits(
        Options(projects=4, users=12, teams=130, issues=330, activities=250)
    )


def field(name: str, value: object, **more: object) -> Row:
    return {"id": 1, "fieldTypeId": 1, "name": name, "value": value} | more


ITEMS = [{"id": 1, "name": "赤"}, {"id": 2, "name": "Blue"}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], ""),
        ([{"id": 1, "name": "v1.0"}, {"id": 2, "name": "第 2 期"}], "v1.0, 第 2 期"),
        ([{"id": 1, "name": "v1.0"}, None], "v1.0"),
        ({"nulabId": "a", "name": "鈴木 葵", "iconUrl": None}, "鈴木 葵"),
        (
            {"id": 1, "name": "Home", "content": "x"},
            '{"id":1,"name":"Home","content":"x"}',
        ),
        (
            [field("原因", "短い文"), field("工数", Decimal("1.50"))],
            "原因: 短い文; 工数: 1.50",
        ),
        (
            [
                field("期限", "2026-09-30T15:00:00Z", fieldTypeId=4),
                field("開始", "2026-10-01T00:00:00Z", fieldTypeId=4),
                field("終了", "いつか", fieldTypeId=4),
            ],
            "期限: 2026-10-01; 開始: 2026-10-01; 終了: いつか",
        ),
        ([field("色", ITEMS[0]), field("色々", ITEMS)], "色: 赤; 色々: 赤, Blue"),
        ([field("色", ITEMS, otherValue="黒")], "色: 赤, Blue, 黒"),
        ([field("a", None), field("b", []), field("c", ""), field("d", 0)], "d: 0"),
        ([field("a", None)], ""),
        ([1, 2], "1, 2"),
        (["一", "二"], "一, 二"),
        ({}, "{}"),
        ({"id": 7, "summary": "件名"}, '{"id":7,"summary":"件名"}'),
        ([{"id": 1, "name": None}], '[{"id":1,"name":null}]'),
        ([{"id": 1, "name": "a"}, {"id": 2}], "a"),
        ([{"id": 1, "title": "[WEB-1]"}], '[{"id":1,"title":"[WEB-1]"}]'),
    ],
)
def test_each_kind_of_value_has_its_text(value: object, text: str) -> None:
    assert readable_text(value) == text


def test_issues_of_the_sample_space_are_readable(config: Row, space: Any) -> None:
    rows = sync(config | READABLE, "issues").by_stream["issues"]
    assert len(rows) == len(space.issues) == 330
    for row in rows:
        issue = space.issues[row["id"]]
        for name in ("milestone", "category", "versions", "attachments"):
            assert row[name] == ", ".join(one["name"] for one in issue[name])
    texts = {row["id"]: row["customFields"] for row in rows}
    assert texts[100_006] == (
        "項目 1: 短い文 100006; 項目 2: 長い\n文章; 項目 3: 12; 項目 5: macOS; "
        "項目 6: Windows, macOS; 項目 7: その他; 項目 8: その他"
    )
    assert texts[100_015] == (
        "項目 1: 短い文 100015; 項目 2: 長い\n文章; 項目 3: 1234567.891; "
        "項目 4: 2025-01-06; 項目 6: Windows, その他; 項目 7: macOS; "
        "項目 8: その他"
    )


@pytest.mark.parametrize("depth", [1, 2])
def test_every_value_fits_the_schema_that_was_sent(config: Row, depth: int) -> None:
    output = sync(config | READABLE | {"flattening_max_depth": depth}, *ALL)
    assert len(output.by_stream) > 45
    for stream, rows in output.by_stream.items():
        validator = jsonschema.Draft7Validator(output.schemas[stream]["schema"])
        for row in rows:
            assert not any(isinstance(value, (list, dict)) for value in row.values())
            assert [error.message for error in validator.iter_errors(row)] == []


def test_stream_maps_and_batches_write_the_same_texts(
    config: Row, tmp_path: Path
) -> None:
    plain = sync(config | READABLE, "issues").by_stream["issues"]
    maps = {"stream_maps": {"issues": {"summary": "summary + ''"}}}
    assert sync(config | READABLE | maps, "issues").by_stream["issues"] == plain
    settings = in_batches(tmp_path, compression="none")
    sync(config | READABLE | settings, "issues")
    lines = [
        line
        for file in sorted(tmp_path.iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert [json.loads(line, parse_float=Decimal) for line in lines] == plain


def test_characters_stay_as_they_are_on_every_way_out(config: Row) -> None:
    flat = {"flattening_enabled": True, "flattening_max_depth": 1}
    maps = {"stream_maps": {"issues": {"summary": "summary + ''"}}}
    for settings in (flat, flat | maps, READABLE, READABLE | maps):
        text = json.dumps(
            sync(config | settings, "issues", "teams").by_stream,
            ensure_ascii=False,
            default=str,
        )
        assert "\\u" not in text


def test_it_is_off_unless_it_is_asked_for(config: Row) -> None:
    flat = {"flattening_enabled": True, "flattening_max_depth": 1}
    for row in sync(config | flat, "issues").by_stream["issues"]:
        assert isinstance(json.loads(row["milestone"]), list)


def test_without_flattening_a_line_says_what_is_missing(config: Row) -> None:
    schema = TapBacklog(config={}, validate_config=False).config_jsonschema
    assert problems({**config, "readable_lists": True}, schema) == [
        "`readable_lists` needs `flattening_enabled`"
    ]


def test_the_environment_can_set_it(config: Row, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("issues")))
    result = command(
        *("--config", "ENV", "--catalog", str(catalog)),
        env={
            "TAP_BACKLOG_HOST": config["host"],
            "TAP_BACKLOG_API_KEY": config["api_key"],
            "TAP_BACKLOG_FLATTENING_ENABLED": "true",
            "TAP_BACKLOG_FLATTENING_MAX_DEPTH": "1",
            "TAP_BACKLOG_READABLE_LISTS": "true",
        },
    )
    assert result.returncode == 0, result.stderr
    assert '"milestone":"v' in result.stdout
