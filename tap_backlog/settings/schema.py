"""The settings: their schema, and how they are cleaned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_backlog.hosts import BLANKS, without_page
from tap_backlog.names import near_miss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS_SCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "host",
        th.StringType,
        required=True,
        title="Host",
        description="The space's host name, such as `example.backlog.com` or "
        "`example.backlog.jp`. For Backlog Enterprise a full URL with port and "
        "context path, such as `https://backlog.example.co.jp:8443/backlog`. "
        "Plain http is accepted for this machine's own addresses only.",
    ),
    th.Property(
        "api_key",
        th.StringType,
        secret=True,
        title="API key",
        description="API key of a user of the space "
        "(Backlog: Personal Settings > API). The tap sees what this user sees. "
        "Needed unless `oauth_credentials` are given; if both are set, the key is used.",
    ),
    th.Property(
        "api_key_in",
        th.StringType,
        default="header",
        allowed_values=["header", "query"],
        title="Where the API key travels",
        description="`header` (Backlog-API-Key), or `query` (apiKey=...) for "
        "servers that do not know the header.",
    ),
    th.Property(
        "oauth_credentials",
        th.ObjectType(
            th.Property(
                "client_id",
                th.StringType,
                required=True,
                title="Client id",
                description="Of the application, as registered on Backlog's developer "
                "site.",
            ),
            th.Property(
                "client_secret",
                th.StringType,
                required=True,
                secret=True,
                title="Client secret",
                description="Of the same application.",
            ),
            th.Property(
                "refresh_token",
                th.StringType,
                required=True,
                secret=True,
                title="Refresh token",
                description="Gets access tokens; `tap-backlog-login` prints one.",
            ),
            th.Property(
                "access_token",
                th.StringType,
                secret=True,
                title="Access token",
                description="Used until it is refused. Without it, the tap begins with "
                "asking for one.",
            ),
            th.Property(
                "token_file",
                th.StringType,
                title="Token file",
                description="File that keeps renewed tokens for the next run, since "
                "Backlog may change the refresh token. It may be this config file, or "
                "one of its own.",
            ),
        ),
        title="OAuth 2.0 credentials",
        description="Instead of an API key: access on behalf of a user who has allowed "
        "it.",
    ),
    th.Property(
        "project_keys",
        th.ArrayType(th.StringType),
        title="Project keys",
        description='Only these projects, such as `["WEB", "OPS"]`: projects, '
        "issues, recent updates and everything that belongs to a project. "
        "Without it, all projects that the key's owner has joined.",
    ),
    th.Property(
        "include_archived",
        th.BooleanType,
        default=True,
        title="Include archived projects",
        description="Whether archived projects are read, with all that is in them.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="On a first run, fetch issues updated, and updates made, on or "
        "after this moment (UTC if it has no offset), such as "
        "`2026-01-01` or `2026-01-01T09:00:00+09:00`. Later runs go on from their "
        "bookmark.",
    ),
    th.Property(
        "lookback_minutes",
        th.IntegerType(minimum=0, maximum=525_600),
        default=10,
        title="Minutes to look back",
        description="How far behind its bookmark a run reads again, by the rows' own "
        "timestamps: Backlog may show a row late. 0 turns it off.",
    ),
    th.Property(
        "comments_lookback_days",
        th.IntegerType(minimum=0, maximum=3650),
        default=0,
        title="Days of comments to read again",
        description="Reads the comments of issues that were touched within so many days "
        "before the bookmark again: a comment that is edited may leave its issue's "
        "`updated` as it was.",
    ),
    th.Property(
        "refresh_hours",
        th.NumberType(minimum=0, maximum=8760),
        default=0,
        title="Hours between full readings",
        description="Streams that are read in full are read again only if their last "
        "complete reading is at least so many hours old. 0 reads them in each run.",
    ),
    th.Property(
        "leave_out_fields",
        th.ArrayType(th.StringType),
        title="Fields to leave out everywhere",
        description="Names of fields that are left out of every row, at every depth, "
        'such as `["mailAddress"]`. Keys cannot be left out.',
    ),
    th.Property(
        "readable_lists",
        th.BooleanType,
        default=False,
        title="Write lists for people",
        description="With flattening: what stays nested is written for people, lists of "
        "things as their names, custom fields as `name: value`.",
    ),
    th.Property(
        "readable_times",
        th.BooleanType,
        default=False,
        title="Write times for spreadsheets",
        description="With flattening: times as `2026-10-01 11:59:58` in the time zone of "
        "this machine, days as `2026-10-01`, which spreadsheets read as dates.",
    ),
    th.Property(
        "request_timeout",
        th.IntegerType(minimum=1, maximum=3600),
        default=60,
        title="Request timeout",
        description="Seconds that one request may take.",
    ),
    th.Property(
        "max_retries",
        th.IntegerType(minimum=0, maximum=100),
        default=8,
        title="Retries",
        description="How often a request that failed transiently (outage, cut "
        "connection) is tried again. Waiting for the rate limit does not count.",
    ),
    th.Property(
        "rate_limit_reserve",
        th.NumberType(minimum=0, maximum=1),
        default=0.1,
        title="Share of the rate limit left to others",
        description="Share of Backlog's limit of requests per minute that is left to "
        "the user's other tools, from 0 to 1.",
    ),
    th.Property(
        "requests_per_minute",
        th.NumberType(minimum=1),
        title="Most requests per minute",
        description="Keeps the tap below Backlog's own limit.",
    ),
    th.Property(
        "max_requests",
        th.IntegerType(minimum=0),
        default=0,
        title="Most requests of a run",
        description="A run that has sent so many requests stops between two pages, with "
        "exit code 0, and the next run goes on there. 0 for any number.",
    ),
    th.Property(
        "max_minutes",
        th.NumberType(minimum=0),
        default=0,
        title="Most minutes of a run",
        description="A run that has taken so many minutes stops between two pages, with "
        "exit code 0, and the next run goes on there. 0 for any time.",
    ),
    th.Property(
        "show_progress",
        th.BooleanType,
        default=True,
        title="Show progress",
        description="Whether a run shows how far it is: a live display on a terminal, a "
        "log line every 30 seconds elsewhere.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        title="User agent",
        description="Replaces the `User-Agent` header, which is `tap-backlog/<version>`.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=False,
        title="Emit `ACTIVATE_VERSION` messages",
        description="Let loaders drop rows that no longer exist, of streams that are "
        "read in full.",
    ),
).to_dict()


def without_empty_texts(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without empty ones: an empty variable counts as not set.

    Args:
        config: The settings, some of them from the environment.
    """
    return {name: value for name, value in config.items() if value not in ("", [""])}


def without_gaps(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without those that are not set.

    Meltano passes null for these, and an object of nulls if none of its parts is set.

    Args:
        config: The settings as given.
    """
    given = {name: value for name, value in config.items() if value is not None}
    for name in ("oauth_credentials", "batch_config"):
        if isinstance(parts := given.get(name), dict):
            given[name] = _without_nulls(parts)
            if not given[name]:
                del given[name]
    return given


def _without_nulls(parts: Mapping[str, Any]) -> dict[str, Any]:
    filled = {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in parts.items()
    }
    return {name: value for name, value in filled.items() if value not in (None, {})}


def cleaned(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as the user meant them.

    Spaces around texts are removed. From a host, the path of a Backlog screen is removed,
    if it was copied from a browser. A text with commas becomes a list, and project keys
    become upper case.

    Args:
        config: The settings as given, usable or not.
    """
    given = dict(config)
    for name in _TRIMMED:
        if isinstance(text := given.get(name), str):
            given[name] = text.strip(BLANKS)
    if isinstance(host := given.get("host"), str):
        given["host"] = without_page(host)
    for name in _LISTS:
        if isinstance(text := given.get(name), str):
            given[name] = list(filter(None, re.split(r"[,\u3001\uff0c\s]+", text))) or [
                ""
            ]
    for name in _NUMBERS:
        # The SDK converts integers from the environment, but not other numbers.
        text = given.get(name)
        if isinstance(text, str) and re.fullmatch(r"-?\d+(\.\d+)?", text):
            given[name] = float(text)
    if isinstance(keys := given.get("project_keys"), list):
        given["project_keys"] = list(map(_project_key, keys))
    if isinstance(parts := given.get("oauth_credentials"), dict):
        given["oauth_credentials"] = {
            name: text.strip(BLANKS) if isinstance(text, str) else text
            for name, text in parts.items()
        }
    return given


_TRIMMED = ("api_key", "api_key_in", "start_date")
_NUMBERS = (
    *("rate_limit_reserve", "requests_per_minute"),
    *("refresh_hours", "max_minutes"),
)
_LISTS = ("project_keys", "leave_out_fields")


def _project_key(key: object) -> object:
    # In other alphabets, upper case may give letters that a key can hold.
    return key.strip(BLANKS).upper() if isinstance(key, str) and key.isascii() else key


def with_defaults(
    config: Mapping[str, Any],
    schema: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the settings, with defaults for those that are not set.

    Args:
        config: The settings.
        schema: JSON schema of all settings, including the SDK's.
    """
    defaults = {
        name: declared["default"]
        for name, declared in schema["properties"].items()
        if name not in config and "default" in declared
    }
    return {**config, **defaults}


def is_placeholder(key: str) -> bool:
    """Return whether an API key is only a placeholder from an example.

    Args:
        key: The setting ``api_key``.
    """
    letters = re.sub(r"[\W_]", "", key).lower()
    return bool(key) and (letters in _PLACEHOLDERS or not letters.strip("x"))


_PLACEHOLDERS = {
    *("apikey", "yourapikey", "yourkey", "myapikey", "yourbacklogapikey", "changeme"),
    *("apikeyhere", "yourapikeyhere", "あなたのapiキー", "apiキー"),
}


def secrets(
    config: Mapping[str, Any],
    schema: Mapping[str, Any] = SETTINGS_SCHEMA,
) -> Iterator[str]:
    """Yield every secret value in the settings, usable or not.

    This includes secrets under misspelt names. A placeholder from an example is not a
    secret, and hiding it would break words in messages.

    Args:
        config: The settings as given.
        schema: Their JSON schema.
    """
    known = schema["properties"]
    for name, value in config.items():
        declared = known.get(name) or known.get(near_miss(name, known), {})
        if declared.get("secret") and value:
            if not (name == "api_key" and is_placeholder(str(value))):
                yield str(value)
        elif "properties" in declared and isinstance(value, dict):
            yield from secrets(value, declared)
