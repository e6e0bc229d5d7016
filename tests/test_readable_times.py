"""``readable_times``: times and days as spreadsheets read them."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from scripts.personal_data import shapes
from tap_backlog.settings.check import problems
from tap_backlog.singer.readable_times import day_text, local_text
from tap_backlog.streams.shapes import CALENDAR_DAYS
from tap_backlog.tap import TapBacklog
from tap_backlog.times import moment
from tests.batches import in_batches
from tests.support import sync, without_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_space import Options

Row = dict[str, Any]
FLAT = {"flattening_enabled": True, "flattening_max_depth": 1}
READABLE = {**FLAT, "readable_lists": True, "readable_times": True}
ALL = list(TapBacklog(config={}, validate_config=False).streams)


@pytest.fixture
def options(options: Options) -> Options:
    return without_limits(options)


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the time zone to Tokyo, nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2026-10-01T02:59:58Z", "2026-10-01 11:59:58"),
        ("2026-12-31T15:00:00Z", "2027-01-01 00:00:00"),
        ("2026-10-01T02:59:58.123Z", "2026-10-01 11:59:58"),
        ("9999-12-31T23:59:59Z", "9999-12-31 23:59:59"),
    ],
)
def test_a_moment_is_written_in_the_time_zone_of_this_machine(
    stamp: str, text: str
) -> None:
    assert local_text(moment(stamp)) == text


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2026-10-01T00:00:00Z", "2026-10-01"),
        ("2026-09-30T15:00:00Z", "2026-10-01"),  # midnight in Tokyo
        ("2026-10-01T08:00:00Z", "2026-10-01"),  # midnight in Los Angeles in winter
        ("9999-12-31T13:00:00Z", "9999-12-31"),
    ],
)
def test_a_day_is_the_nearest_midnight_whatever_the_time_zone(
    stamp: str, text: str
) -> None:
    assert day_text(moment(stamp)) == text


def test_every_field_that_holds_a_day_is_known_by_its_name() -> None:
    days = {
        name
        for name, schema in shapes()
        if "A day, as Backlog writes it" in schema.get("description", "")
    }
    assert days == CALENDAR_DAYS


@pytest.mark.usefixtures("tokyo")
def test_every_moment_of_every_stream_is_written_so_and_bookmarks_stay(
    config: Row,
) -> None:
    plain = sync(config | FLAT, *ALL)
    readable = sync(config | READABLE, *ALL)
    kinds = set()
    for name, rows in plain.by_stream.items():
        if name == "rate_limit":  # it continues between the two runs
            continue
        before = plain.schemas[name]["schema"]["properties"]
        after = readable.schemas[name]["schema"]["properties"]
        moments = [c for c, kind in before.items() if kind.get("format") == "date-time"]
        assert list(after) == list(before)
        assert not [column for column in moments if "format" in after[column]]
        for row, written in zip(rows, readable.by_stream[name], strict=True):
            for column in moments:
                if row.get(column) is not None:
                    kinds.add(is_same(row[column], written[column]))
    assert kinds == {"day", "moment"}
    assert readable.states[-1]["bookmarks"] == plain.states[-1]["bookmarks"]


def is_same(stamp: str, text: str) -> str:
    """Check what was written for a timestamp, and return its kind."""
    if " " not in text:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", text)
        return "day"
    there = dt.datetime.fromisoformat(f"{text}+09:00")
    assert there == moment(stamp).replace(microsecond=0)
    return "moment"


@pytest.mark.parametrize("separator", ["", ".", "__"])
def test_any_separator_of_flattening_will_do(config: Row, separator: str) -> None:
    output = sync(config | READABLE | {"flattening_separator": separator}, "milestones")
    for row in output.by_stream["milestones"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["startDate"])


def test_no_day_stands_inside_an_object_so_that_flattening_would_rename_it(
    config: Row,
) -> None:
    deep = config | FLAT | {"flattening_max_depth": 9}
    for stream in TapBacklog(config=deep).all_streams:
        (stream_map,) = stream.stream_maps
        for name, column in stream_map.transformed_schema["properties"].items():
            is_day = "A day, as Backlog writes it" in column.get("description", "")
            assert is_day == (name in CALENDAR_DAYS), (stream.name, name)


def test_without_flattening_it_is_told_in_one_line(config: Row) -> None:
    schema = TapBacklog(config={}, validate_config=False).config_jsonschema
    assert problems({**config, "readable_times": True}, schema) == [
        "`readable_times` needs `flattening_enabled`"
    ]


def test_batches_hold_them_too(config: Row, tmp_path: Path) -> None:
    settings = in_batches(tmp_path, compression="none")
    sync(config | READABLE | settings, "issues")
    text = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    assert re.search(r'"updated":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"', text)
