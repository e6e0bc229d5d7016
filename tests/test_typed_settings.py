"""The settings as the tap reads them: typed, frozen, each default from the schema."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tap_backlog.settings.schema import SETTINGS_SCHEMA, secrets
from tap_backlog.settings.values import OAuthCredentials, Settings
from tap_backlog.tap import TapBacklog

Row = dict[str, Any]

PROPERTIES: dict[str, Row] = SETTINGS_SCHEMA["properties"]
THE_SDKS = {"emit_activate_version_messages"}
"""In our schema only for its description; the SDK reads it."""

FIELDS = {name: name for name in PROPERTIES if name not in THE_SDKS} | {
    "lookback_minutes": "lookback",
    "comments_lookback_days": "comments_lookback",
    "refresh_hours": "refresh",
    "max_minutes": "max_seconds",
}
"""The field of each setting."""

GIVEN: Row = {
    "host": "example.backlog.jp",
    "api_key": "the+key",
    "api_key_in": "query",
    "oauth_credentials": {
        "client_id": "an-id",
        "client_secret": "the+client+secret",
        "refresh_token": "the+refresh+token",
        "access_token": "the+access+token",
        "token_file": "tokens.json",
        "_comment": "of the application for reports",
    },
    "project_keys": ["WEB", "OPS"],
    "include_archived": False,
    "start_date": "2026-01-02T12:00:00+09:00",
    "lookback_minutes": 90,
    "comments_lookback_days": 14,
    "refresh_hours": 1.5,
    "leave_out_fields": ["mailAddress"],
    "readable_lists": True,
    "readable_times": True,
    "request_timeout": 5,
    "max_retries": 0,
    "rate_limit_reserve": 0,
    "requests_per_minute": 30,
    "max_requests": 200,
    "max_minutes": 1.5,
    "show_progress": False,
    "user_agent": "reports/2.0",
    "emit_activate_version_messages": True,
    "flattening_enabled": True,
    "flattening_max_depth": 1,
    "_comment": "of the space of the sales team",
}
"""All settings, none with its default, and some that are not the tap's."""

TAKEN = Settings(
    host="example.backlog.jp",
    api_key="the+key",
    api_key_in="query",
    oauth_credentials=OAuthCredentials(
        client_id="an-id",
        client_secret="the+client+secret",
        refresh_token="the+refresh+token",
        access_token="the+access+token",
        token_file="tokens.json",
    ),
    project_keys=("WEB", "OPS"),
    include_archived=False,
    start_date=dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone.utc),
    lookback=dt.timedelta(minutes=90),
    comments_lookback=dt.timedelta(days=14),
    refresh=dt.timedelta(minutes=90),
    leave_out_fields=("mailAddress",),
    readable_lists=True,
    readable_times=True,
    request_timeout=5,
    max_retries=0,
    rate_limit_reserve=0.0,
    requests_per_minute=30.0,
    max_requests=200,
    max_seconds=90.0,
    show_progress=False,
    user_agent="reports/2.0",
)


def test_all_settings_are_taken_with_their_types() -> None:
    taken = Settings.of(GIVEN)
    assert taken == TAKEN
    assert [type(getattr(taken, field)) for field in FIELDS.values()] == [
        type(getattr(TAKEN, field)) for field in FIELDS.values()
    ]


def test_without_any_setting_there_are_the_defaults() -> None:
    assert Settings.of({}) == Settings(
        host="",
        api_key=None,
        api_key_in="header",
        oauth_credentials=None,
        project_keys=(),
        include_archived=True,
        start_date=None,
        lookback=dt.timedelta(minutes=10),
        comments_lookback=dt.timedelta(),
        refresh=dt.timedelta(),
        leave_out_fields=(),
        readable_lists=False,
        readable_times=False,
        request_timeout=60,
        max_retries=8,
        rate_limit_reserve=0.1,
        requests_per_minute=0.0,
        max_requests=0,
        max_seconds=0.0,
        show_progress=True,
        user_agent="",
    )


def test_the_settings_of_a_tap_are_taken(config: Row) -> None:
    taken = Settings.of(TapBacklog(config=config | {"project_keys": "web"}).config)
    assert taken == dataclasses.replace(
        Settings.of({}),
        host=config["host"],
        api_key=config["api_key"],
        project_keys=("WEB",),
    )
    nothing = TapBacklog(config={}, validate_config=False).config
    assert Settings.of(nothing) == Settings.of({})


def test_tokens_may_be_left_to_the_first_request() -> None:
    needed = {"client_id": "i", "client_secret": "s", "refresh_token": "r"}
    taken = Settings.of({"oauth_credentials": needed}).oauth_credentials
    assert taken == OAuthCredentials(**needed, access_token=None, token_file=None)


def test_each_setting_of_the_tap_has_a_field() -> None:
    parts = PROPERTIES["oauth_credentials"]["properties"]
    assert list(FIELDS.values()) == [field.name for field in dataclasses.fields(Settings)]
    assert list(parts) == [field.name for field in dataclasses.fields(OAuthCredentials)]


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_filled_from_its_setting(name: str) -> None:
    plain, given = Settings.of({}), Settings.of({name: GIVEN[name]})
    field = FIELDS[name]
    assert getattr(given, field) == getattr(TAKEN, field) != getattr(plain, field)
    assert dataclasses.replace(given, **{field: getattr(plain, field)}) == plain


@pytest.mark.parametrize("name", [n for n in FIELDS if "default" in PROPERTIES[n]])
def test_each_default_is_that_of_the_schema(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    declared, plain = PROPERTIES[name], Settings.of({})
    assert Settings.of({name: declared["default"]}) == plain
    monkeypatch.setitem(declared, "default", GIVEN[name])
    assert Settings.of({}) == Settings.of({name: GIVEN[name]}) != plain


def test_settings_cannot_be_changed() -> None:
    taken = Settings.of(GIVEN)
    with pytest.raises(dataclasses.FrozenInstanceError):
        taken.host = "example.com"  # type: ignore[misc]
    assert taken.oauth_credentials
    with pytest.raises(dataclasses.FrozenInstanceError):
        taken.oauth_credentials.token_file = None  # type: ignore[misc]
    assert hash(taken) == hash(TAKEN)


def test_no_secret_is_shown() -> None:
    taken, hidden = Settings.of(GIVEN), list(secrets(GIVEN))
    assert len(hidden) == 4
    shown = f"{taken} {taken!r} {taken.oauth_credentials}"
    assert [secret for secret in hidden if secret in shown] == []
    assert "example.backlog.jp" in shown


def test_settings_are_taken_and_not_touched() -> None:
    given = {"project_keys": ["WEB"]}
    taken = Settings.of(given)
    given["project_keys"].append("OPS")
    assert taken.project_keys == ("WEB",)
    assert given == {"project_keys": ["WEB", "OPS"]}
