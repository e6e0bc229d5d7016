"""What the file says about the space: its name, zone, language and address."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HOST = re.compile(r"(?:https?://)?[\w.-]+(?::\d+)?(?:/[\w./-]*)?", re.ASCII)


@dataclass(frozen=True)
class About:
    """A space.

    Args:
        name: Its name.
        zone: Its time zone, such as ``Asia/Tokyo``.
        language: ``en`` or ``ja``.
        url: Where it is, without a slash at the end; empty if the file does not say.
        read_at: The moment that the file is about.
    """

    name: str
    zone: ZoneInfo
    language: str
    url: str
    read_at: dt.datetime

    @property
    def today(self) -> dt.date:
        """The day of ``read_at``, where the space is."""
        return self.read_at.astimezone(self.zone).date()


def about(connection: DuckDBPyConnection, now: dt.datetime | None) -> About:
    """Return what the file says.

    Args:
        connection: The file.
        now: The moment that the file is about; none for that of the last loading.
    """
    row = _space(connection)
    host = str(in_state(connection).get("host") or "")
    _, loaded = _last_state(connection)
    return About(
        name=str(row.get("name") or row.get("spaceKey") or host or "Backlog"),
        zone=_zone(str(row.get("timezone") or "UTC")),
        language="ja" if row.get("lang") == "ja" else "en",
        url=_url(host),
        read_at=now or loaded or dt.datetime.now(dt.timezone.utc),
    )


def in_state(connection: DuckDBPyConnection) -> dict[str, Any]:
    """Return the space that the state of a file is of: ``host`` and ``spaceKey``.

    Args:
        connection: The file.
    """
    state, _ = _last_state(connection)
    found = json.loads(state).get("space") if state else None
    return found if isinstance(found, dict) else {}


def keep(connection: DuckDBPyConnection, space: About) -> None:
    """Write into the file what charts need of it, as ``report.space``.

    The models take its time zone, too: that in the file may be one that nobody knows.

    Args:
        connection: The file.
        space: The space.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS report")
    connection.execute(
        "CREATE OR REPLACE TABLE report.space AS "
        "SELECT ?::VARCHAR AS name, ?::VARCHAR AS timezone, ?::DATE AS as_of",
        [space.name, space.zone.key, space.today],
    )
    connection.execute("SET VARIABLE timezone = ?", [space.zone.key])


def _space(connection: DuckDBPyConnection) -> dict[str, Any]:
    if not _has(connection, "main", "space"):
        return {}
    found = connection.execute("SELECT * FROM main.space LIMIT 1")
    names = [column[0] for column in found.description or ()]
    return dict(zip(names, found.fetchone() or (), strict=False))


def _last_state(
    connection: DuckDBPyConnection,
) -> tuple[str | None, dt.datetime | None]:
    if not _has(connection, "singer", "state"):
        return None, None
    query = "SELECT value::VARCHAR, epoch(loaded::TIMESTAMPTZ) FROM singer.state"
    row = connection.execute(query).fetchone()
    if row is None:
        return None, None
    return row[0], dt.datetime.fromtimestamp(row[1], dt.timezone.utc)


def _has(connection: DuckDBPyConnection, schema: str, table: str) -> bool:
    query = """
        SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()
        AND schema_name = ? AND table_name = ?
    """
    return connection.execute(query, [schema, table]).fetchone() is not None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _url(host: str) -> str:
    if not _HOST.fullmatch(host):
        return ""
    return (host if "://" in host else f"https://{host}").rstrip("/")
