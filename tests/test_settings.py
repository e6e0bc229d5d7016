from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tap_backlog.hosts import base_url
from tap_backlog.settings.check import problems
from tap_backlog.settings.schema import secrets, with_defaults
from tap_backlog.tap import TapBacklog
from tap_backlog.times import earlier, moment, stamp
from tests.settings_nearly_right.words import HOST, KEY, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]
DEFAULTS = {
    "api_key_in": "header",
    "include_archived": True,
    "lookback_minutes": 10,
    "comments_lookback_days": 0,
    "refresh_hours": 0,
    "max_requests": 0,
    "max_minutes": 0,
    "readable_lists": False,
    "readable_times": False,
    "request_timeout": 60,
    "max_retries": 8,
    "rate_limit_reserve": 0.1,
    "show_progress": True,
    "emit_activate_version_messages": False,
}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.backlog.com", "https://example.backlog.com/api/v2"),
        ("example.backlog.jp/", "https://example.backlog.jp/api/v2"),
        ("EXAMPLE.backlog.com", "https://EXAMPLE.backlog.com/api/v2"),
        ("https://example.backlog.com/", "https://example.backlog.com/api/v2"),
        ("https://example.backlog.com/api/v2", "https://example.backlog.com/api/v2"),
        ("backlog.example.co.jp:8443", "https://backlog.example.co.jp:8443/api/v2"),
        (
            "https://example.co.jp:8443/backlog/",
            "https://example.co.jp:8443/backlog/api/v2",
        ),
        ("http://localhost:8080/a/b", "http://localhost:8080/a/b/api/v2"),
        ("http://127.0.0.9", "http://127.0.0.9/api/v2"),
        ("http://[::1]:80", "http://[::1]:80/api/v2"),
    ],
)
def test_the_root_of_the_api_follows_from_the_host(host: str, expected: str) -> None:
    assert not problems({"host": host, "api_key": "k"}, {})
    assert base_url(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "http://example.backlog.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "https://",
        "https:///backlog",
        "example.com/%2e%2e",
        "example.com/a#b",
        "a..b",
        "-a.com",
        "example.com\n",
        "example。com",
    ],
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    assert problems({"host": host, "api_key": "k"}, {})


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-01-02", 0),
        ("2026-01-02T03:00:00Z", 3),
        ("2026-01-02T12:00:00+09:00", 3),
        ("2026-01-02 03:00:00", 3),
        ("2026-01-02T03:00:00.000Z", 3),
    ],
)
def test_a_date_is_read_in_utc(text: str, hour: int) -> None:
    assert moment(text) == dt.datetime(2026, 1, 2, hour, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    "text", ["", "today", "20260102", "2026-02-30", "2026-01-02T25:00:00Z"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)


def test_no_complaint_repeats_a_value() -> None:
    secret = "VERY\tsecret"
    config = dict.fromkeys(("host", "api_key", "start_date", "api_key_in"), secret)
    assert "VERY" not in " ".join(problems(config, {}))
    assert list(secrets(config)) == [secret]


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+09:00", "9999-12-31T23:00:00-09:00"]
)
def test_a_date_outside_of_all_years_of_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("0999-12-31T23:59:59.9Z", "0999-12-31T23:59:59Z"),
        ("2026-01-02T12:00:00+09:00", "2026-01-02T03:00:00Z"),
    ],
)
def test_stamps_of_all_years_sort(date: str, expected: str) -> None:
    assert stamp(moment(date)) == expected


def test_nothing_is_earlier_than_the_first_moment() -> None:
    day = dt.timedelta(days=1)
    assert stamp(earlier(moment("0001-01-02"), day)) == "0001-01-01T00:00:00Z"
    assert stamp(earlier(moment("0001-01-01"), day)) == "0001-01-01T00:00:00Z"
    assert stamp(earlier(moment("2026-01-01"), day)) == "2025-12-31T00:00:00Z"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"host": HOST, "api_key": KEY},
        {"host": "http://example.com", "api_key": "", "max_retries": "many"},
        {"host": HOST, "oauth_credentials": {"client_id": "x", "token_file": ""}},
        {"host": HOST, "api_key": KEY, "stream_maps": {"issues": {"__else__": 1}}},
        {"host": HOST, "api_key": KEY, "batch_config": {"encoding": {}}},
    ],
)
def test_asking_what_is_wrong_changes_nothing(config: Row) -> None:
    before, schema = copy.deepcopy(config), copy.deepcopy(SCHEMA)
    problems(config, SCHEMA)
    assert config == before
    assert schema == SCHEMA


def test_defaults_are_filled_in_where_nothing_is_set() -> None:
    given = {"max_retries": 0, "show_progress": False, "_comment": "mine"}
    before = dict(given)
    assert with_defaults(given, SCHEMA) == {**DEFAULTS, **given}
    assert given == before
    assert with_defaults({}, {"properties": {}}) == {}


def test_the_tap_has_all_settings_with_their_defaults() -> None:
    given = {"host": HOST, "api_key": KEY, "max_retries": 3}
    before = dict(given)
    assert TapBacklog(config=given).config == {**DEFAULTS, **given}
    assert given == before
    assert TapBacklog(config={}, validate_config=False).config == DEFAULTS


def test_no_part_of_a_setting_has_a_default() -> None:
    """Not of the SDK's settings either: ``with_defaults`` does not look inside them."""
    assert {*defaults_in(SCHEMA["properties"])} == {(name,) for name in DEFAULTS}


def defaults_in(part: object, *path: object) -> Iterator[tuple[object, ...]]:
    """Yield the paths at which a JSON schema has a default."""
    if isinstance(part, dict) and "default" in part:
        yield path
    inner = part.items() if isinstance(part, dict) else ()
    for name, one in enumerate(part) if isinstance(part, list) else inner:
        yield from defaults_in(one, *path, name)
