"""The settings: their schema, and what makes one unusable."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from singer_sdk import typing as th
from singer_sdk.plugin_base import JSONSchemaValidator

from tap_backlog.names import suggestion
from tap_backlog.rate_limit import DEFAULT_RESERVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError

API_PATH = "/api/v2"

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
        "Needed unless `oauth_credentials` are given; where both are, the key counts.",
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
        "issues, recent updates and everything that hangs on a project. "
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
        "after this moment (UTC where it names no offset), such as "
        "`2026-01-01` or `2026-01-01T09:00:00+09:00`. Later runs go on from their "
        "bookmark.",
    ),
    th.Property(
        "lookback_minutes",
        th.IntegerType(minimum=0, maximum=525_600),
        default=10,
        title="Minutes to look back",
        description="How far behind its bookmark a run reads again, by the rows' own "
        "stamps: Backlog may show a row some time after its stamp. 0 turns it off.",
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
        "leave_out_fields",
        th.ArrayType(th.StringType),
        title="Fields to leave out everywhere",
        description="Names of fields that no row holds then, at whatever depth, such as "
        '`["mailAddress"]`. Keys cannot be left out.',
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
        description="How often a request that failed for a passing reason (outage, "
        "cut connection) is asked again. Waiting for the rate limit does not count.",
    ),
    th.Property(
        "rate_limit_reserve",
        th.NumberType(minimum=0, maximum=1),
        default=DEFAULT_RESERVE,
        title="Share of the rate limit left to others",
        description="Share of Backlog's limit of requests a minute that is left to "
        "the user's other tools, from 0 to 1.",
    ),
    th.Property(
        "requests_per_minute",
        th.NumberType(minimum=1),
        title="Most requests a minute",
        description="Keeps the tap below Backlog's own limit.",
    ),
    th.Property(
        "show_progress",
        th.BooleanType,
        default=True,
        title="Show progress",
        description="Whether a run tells how far it is: a live display on a terminal, a "
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
        description="Let loaders drop rows that are gone from streams that are read "
        "in full.",
    ),
).to_dict()


def problems(config: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Say what is wrong with the settings, one sentence each.

    Fills in defaults as a side effect, as the SDK's validator does. No sentence
    repeats a value, since it could be a secret in the wrong place.

    Args:
        config: The settings as given.
        schema: JSON schema of all settings, the SDK's included.

    Returns:
        The sentences; empty where all is well.
    """
    # The validator would end on what is wrong there, so that comes first and alone.
    if complaints := list(_else_complaints(config.get("stream_maps"))):
        return complaints
    found = [_wording(error) for error in JSONSchemaValidator(schema).iter_errors(config)]
    if not (config.get("oauth_credentials") or "api_key" in config):
        found.append("`api_key` is missing (or `oauth_credentials` instead)")
    found += _credential_complaints(config.get("oauth_credentials"))
    for name, check in _CHECKS.items():
        value = config.get(name)
        if isinstance(value, str) and (complaint := check(value)):
            found.append(f"`{name}` {complaint}")
    keys = config.get("project_keys")
    if isinstance(keys, list) and not all(
        isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9_]+", key) for key in keys
    ):
        found.append(
            "`project_keys` must be a list of project keys such as WEB "
            "(letters, digits, underscore)",
        )
    if config.get("flattening_enabled") and "flattening_max_depth" not in config:
        found.append("`flattening_max_depth` is missing, which flattening needs")
    return list(dict.fromkeys(found))


def unknown(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each setting that seems to be another one, misspelt.

    Other tools' settings may stand in the same file.

    Args:
        config: The settings as given.
        schema: JSON schema of all settings, the SDK's included.
    """
    known = schema["properties"]
    for name in config:
        if name not in known and (hint := suggestion(name, known)):
            yield f"There is no setting `{name}`, so it has no effect.{hint}"


def _wording(error: ValidationError) -> str:
    name = ".".join(str(step) for step in error.path)
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            given: Any = error.instance
            missing = [f"{name}.{key}".strip(".") for key in wanted if key not in given]
            return "; ".join(f"`{key}` is missing" for key in missing)
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            words = [_KINDS.get(kind, kind) for kind in kinds if kind != "null"]
            return f"`{name}` must be {' or '.join(words)}"
        case "enum":
            return f"`{name}` must be one of {', '.join(map(str, filter(None, wanted)))}"
        case "minimum":
            return f"`{name}` must be at least {wanted}"
        case "maximum":
            return f"`{name}` must be at most {wanted}"
        case _:
            return f"`{name}` does not have the right form ({error.validator})"


_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def _host_complaint(host: str) -> str | None:
    if not host.strip():
        return "is empty; it is the space's host name, such as example.backlog.com"
    try:
        url = _split(host)
        port_is_fine = url.port is None or url.port > 0
    except ValueError:
        return "is not a host name or URL"
    if (
        not port_is_fine
        or not re.fullmatch(r"[!-~]+", host)
        or url.scheme not in {"http", "https"}
        or not _is_host_name(url.hostname or "")
        or not re.fullmatch(r"(/[\w.~-]+)*/?", url.path, re.ASCII)
        or ".." in url.path
        or "?" in host
        or "#" in host
        or "@" in host
    ):
        return (
            "is not a host name such as example.backlog.com, nor a URL such as "
            "https://example.co.jp:8443/backlog"
        )
    if url.scheme == "http" and not _is_loopback(url.hostname or ""):
        return "must be reached by https; plain http would show the key to the network"
    return None


def _is_host_name(name: str) -> bool:
    if ":" in name:
        return _is_ip_address(name)
    labels = name.removesuffix(".").split(".")
    return all(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", label) for label in labels)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    return _is_ip_address(name) and ipaddress.ip_address(name).is_loopback


def _api_key_complaint(api_key: str) -> str | None:
    if not api_key:
        return "is empty"
    if not re.fullmatch(r"[!-~]+", api_key):
        return (
            "holds characters that no key has, such as a space, a line break or a "
            "full-width letter; copy it again from Personal Settings > API"
        )
    return None


def _credential_complaints(credentials: object) -> Iterator[str]:
    for name, value in credentials.items() if isinstance(credentials, dict) else ():
        if isinstance(value, str):
            allowed = r"[^\0\n]*" if name == "token_file" else r"[!-~]+"
            if not value:
                yield f"`oauth_credentials.{name}` is empty"
            elif not re.fullmatch(allowed, value):
                yield f"`oauth_credentials.{name}` holds characters that none has"


def _else_complaints(stream_maps: object) -> Iterator[str]:
    """Yield what is wrong with the ``__else__`` of all maps, and of each."""
    maps = {"stream_maps": stream_maps}
    if isinstance(stream_maps, dict):
        maps |= {f"stream_maps.{name}": inner for name, inner in stream_maps.items()}
    for name, content in maps.items():
        rest = content.get("__else__") if isinstance(content, dict) else None
        if rest not in _NOTHING:
            yield f"`{name}.__else__` can be null alone, which leaves out all others"


_NOTHING = (None, "__NULL__")


def _start_date_complaint(start_date: str) -> str | None:
    try:
        moment(start_date)
    except ValueError:
        return "is not a date such as 2026-01-01 or 2026-01-01T09:00:00+09:00"
    return None


def _user_agent_complaint(user_agent: str) -> str | None:
    if not re.fullmatch(r"[ -~]*", user_agent):
        return "holds characters that no header can carry"
    return None


_CHECKS = {
    "host": _host_complaint,
    "api_key": _api_key_complaint,
    "start_date": _start_date_complaint,
    "user_agent": _user_agent_complaint,
}


def _split(host: str) -> SplitResult:
    return urlsplit(host if "://" in host else f"https://{host}")


def base_url(host: str) -> str:
    """Return the root of the API for a valid ``host`` setting.

    Args:
        host: A host name, or a URL with port and context path.

    Returns:
        Such as ``https://example.backlog.com/api/v2``, without a slash at the end.
    """
    url = _split(host)
    path = url.path.rstrip("/").removesuffix(API_PATH)
    return f"{url.scheme}://{url.netloc}{path}{API_PATH}"


def moment(text: str) -> dt.datetime:
    """Parse a date or date-time; what names no offset is taken as UTC.

    Raises:
        ValueError: If the text is neither.
    """
    if not re.match(r"\d{4}-\d\d-\d\d([T ]|$)", text):
        raise ValueError(text)
    # Python 3.10 reads no "Z".
    parsed = dt.datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=dt.timezone.utc)
    try:
        return parsed.astimezone(dt.timezone.utc)
    except OverflowError:  # in the year 0 or 10000 of UTC
        raise ValueError(text) from None


def earlier(when: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """Return a moment in UTC less a span, or the first moment that there is.

    Args:
        when: The moment.
        span: How much earlier.
    """
    first = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
    return when - span if when - first > span else first


def stamp(when: dt.datetime) -> str:
    """Return a moment in UTC as Backlog writes it."""
    # Not by strftime: stamps are compared as texts, and it may write year 999 as "999".
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def without_gaps(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without those that are not set.

    Meltano hands over null for these, and an object of nulls where all of its parts
    are not set.

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


def secrets(
    config: Mapping[str, Any],
    schema: Mapping[str, Any] = SETTINGS_SCHEMA,
) -> Iterator[str]:
    """Yield every secret value that the settings hold, usable or not.

    Args:
        config: The settings as given.
        schema: Their JSON schema.
    """
    for name, declared in schema["properties"].items():
        value = config.get(name)
        if declared.get("secret") and value:
            yield str(value)
        elif "properties" in declared and isinstance(value, dict):
            yield from secrets(value, declared)
