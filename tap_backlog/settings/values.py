"""The settings as the tap reads them: typed, and the same for the whole run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_backlog.settings.schema import SETTINGS_SCHEMA, with_defaults
from tap_backlog.times import moment

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthCredentials:
    """Credentials to use instead of an API key.

    Args:
        client_id: Of the application.
        client_secret: Of the same application.
        refresh_token: Gets access tokens.
        access_token: Used until it is refused; None if it has to be asked for.
        token_file: File that keeps renewed tokens; None for no such file.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str | None = field(repr=False)
    token_file: str | None

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> OAuthCredentials:
        """Return the credentials.

        Args:
            parts: The setting ``oauth_credentials``, checked.
        """
        return cls(
            client_id=parts["client_id"],
            client_secret=parts["client_secret"],
            refresh_token=parts["refresh_token"],
            access_token=parts.get("access_token"),
            token_file=parts.get("token_file"),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings that the tap itself reads; the SDK reads the others.

    ``SETTINGS_SCHEMA`` holds the meaning and the default of each. A field has the name of
    its setting, except if its type already says the unit.

    Args:
        host: "" if there are no settings at all, as with ``--discover``.
        api_key: None if there are ``oauth_credentials`` instead.
        api_key_in: ``header`` or ``query``.
        oauth_credentials: None for none.
        project_keys: Empty for all projects.
        include_archived: Whether archived projects are read.
        start_date: In UTC; None for the beginning.
        lookback: The setting ``lookback_minutes``.
        comments_lookback: The setting ``comments_lookback_days``.
        refresh: The setting ``refresh_hours``.
        leave_out_fields: Names of fields.
        readable_lists: Whether lists are written for people.
        readable_times: Whether times are written for spreadsheets.
        request_timeout: Seconds that one request may take.
        max_retries: How often a request that failed transiently is sent again.
        rate_limit_reserve: Share of each limit that is kept for other tools, 0 to 1.
        requests_per_minute: Most requests per minute; 0 for no such limit.
        max_requests: Most requests of a run; 0 for any number.
        max_seconds: The setting ``max_minutes``, in seconds; 0 for any time.
        show_progress: Whether a run shows its progress.
        user_agent: "" for the tap's own.
    """

    host: str
    api_key: str | None = field(repr=False)
    api_key_in: str
    oauth_credentials: OAuthCredentials | None
    project_keys: tuple[str, ...]
    include_archived: bool
    start_date: dt.datetime | None
    lookback: dt.timedelta
    comments_lookback: dt.timedelta
    refresh: dt.timedelta
    leave_out_fields: tuple[str, ...]
    readable_lists: bool
    readable_times: bool
    request_timeout: int
    max_retries: int
    rate_limit_reserve: float
    requests_per_minute: float
    max_requests: int
    max_seconds: float
    show_progress: bool
    user_agent: str

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Return the settings, with defaults for those that are not set.

        Args:
            config: The settings, cleaned and without problems; they may be empty.
        """
        given = with_defaults(config, SETTINGS_SCHEMA)
        credentials, start = given.get("oauth_credentials"), given.get("start_date")
        return cls(
            host=given.get("host", ""),
            api_key=given.get("api_key"),
            api_key_in=given["api_key_in"],
            oauth_credentials=OAuthCredentials.of(credentials) if credentials else None,
            project_keys=tuple(given.get("project_keys", ())),
            include_archived=given["include_archived"],
            start_date=moment(start) if start else None,
            lookback=dt.timedelta(minutes=given["lookback_minutes"]),
            comments_lookback=dt.timedelta(days=given["comments_lookback_days"]),
            refresh=dt.timedelta(hours=float(given["refresh_hours"])),
            leave_out_fields=tuple(given.get("leave_out_fields", ())),
            readable_lists=given["readable_lists"],
            readable_times=given["readable_times"],
            request_timeout=int(given["request_timeout"]),
            max_retries=int(given["max_retries"]),
            rate_limit_reserve=float(given["rate_limit_reserve"]),
            requests_per_minute=float(given.get("requests_per_minute", 0)),
            max_requests=int(given["max_requests"]),
            max_seconds=float(given["max_minutes"]) * 60,
            show_progress=given["show_progress"],
            user_agent=given.get("user_agent", ""),
        )
