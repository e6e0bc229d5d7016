"""The tables that charts draw from: schema ``marts``, and views on it in ``report``.

The models come from ``dbt/``, compiled (``make docs``); dbt is not needed here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_report.errors import ReportError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

_HERE = Path(__file__).parent
MODELS = _HERE / "sql"
VIEWS = _HERE / "views"

_AS_VIEWS = {
    "issue_daily",
    "milestone_progress",
    "person_monthly_hours",
    "project_weekly",
}
"""The page does not read them, and a view costs nothing until somebody asks it."""


_VITAL = ("id", "issueKey", "projectId", "status", "created", "updated")
"""What each issue must have."""


def build(connection: DuckDBPyConnection, today: dt.date) -> Iterator[str]:
    """Build all tables of the schema ``marts`` again; yield the name of each.

    Args:
        connection: The file, with the tables that the tap has filled.
        today: The last day that they tell of.

    Raises:
        ReportError: There are no issues in the file, or not as Backlog sends them.
    """
    known = _columns_by_table(connection)
    _check_issues(connection, known.get("issues"))
    connection.execute("SET VARIABLE today = ?::DATE", [today])
    connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
    connection.execute("CREATE SCHEMA IF NOT EXISTS report")
    models = {file: file.read_text(encoding="utf-8") for file in sorted(MODELS.glob("*"))}
    for table, needed in _needed(models.values()).items():
        _complete(connection, table, needed, known.get(table, set()))
    for file, query in models.items():
        name = file.stem.partition("_")[2]
        kind = "VIEW" if name in _AS_VIEWS else "TABLE"
        found = _TABLE.sub(r"report.loaded_\1", query)
        _drop(connection, name, kind)
        connection.execute(f"CREATE OR REPLACE {kind} marts.{name} AS {found}")
        yield name


def has_issues(connection: DuckDBPyConnection) -> bool:
    """Return whether issues have been loaded, even if there were none.

    Args:
        connection: The file.
    """
    return "issues" in _columns_by_table(connection)


def _check_issues(connection: DuckDBPyConnection, known: set[str] | None) -> None:
    if known is None:
        message = (
            "The file has no issues yet. Run this command without --offline and without "
            "--select."
        )
        raise ReportError(message)
    missing = [name for name in _VITAL if name not in known]
    if not missing:
        counts = ", ".join(f'count("{name}")' for name in _VITAL)
        query = f"SELECT count(*), {counts} FROM main.issues"
        issues, *filled = connection.execute(query).fetchone() or (0,)
        pairs = zip(_VITAL, filled, strict=True)
        missing = [name for name, count in pairs if count < issues]
    if missing:
        message = (
            f"The issues in the file lack {', '.join(missing)}: they were flattened, or "
            "your settings leave it out. Load them into another file: --file NAME.duckdb"
        )
        raise ReportError(message)


def _drop(connection: DuckDBPyConnection, name: str, kind: str) -> None:
    """Make room if somebody, such as dbt, has made the other kind of relation."""
    query = "SELECT table_type FROM information_schema.tables WHERE table_catalog = "
    query += "current_database() AND table_schema = 'marts' AND table_name = ?"
    row = connection.execute(query, [name]).fetchone()
    other = {"BASE TABLE": "TABLE", "VIEW": "VIEW"}.get(row[0]) if row else None
    if other and other != kind:
        connection.execute(f"DROP {other} marts.{name}")


def add_views(connection: DuckDBPyConnection) -> None:
    """Make the views of the schema ``report``, which obey the variables of the session.

    Args:
        connection: The file, with the schema ``marts`` and ``report.space``.
    """
    for file in sorted(VIEWS.glob("*.sql")):
        name = file.stem.partition("_")[2]
        query = file.read_text(encoding="utf-8")
        connection.execute(f"CREATE OR REPLACE VIEW report.{name} AS {query}")


_TABLE = re.compile(r"\bmain\.(\w+)")
_COLUMN = re.compile(r'"(\w+)"')


def _needed(queries: Iterable[str]) -> dict[str, set[str]]:
    """Return which columns models read of each table that the tap fills."""
    found: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        for table in _TABLE.findall(query):
            found[table].update(_COLUMN.findall(query))
    return found


def _complete(
    connection: DuckDBPyConnection, table: str, needed: set[str], have: set[str]
) -> None:
    """Make a view of a table that has all columns; a missing table has no rows."""
    missing = sorted(needed - have)
    columns = ["*"] * bool(have) + [f'NULL::VARCHAR AS "{name}"' for name in missing]
    source = f"FROM main.{table}" if have else "WHERE false"
    connection.execute(
        f"CREATE OR REPLACE VIEW report.loaded_{table} AS "
        f"SELECT {', '.join(columns)} {source}"
    )


def _columns_by_table(connection: DuckDBPyConnection) -> dict[str, set[str]]:
    query = """
        SELECT table_name, list(column_name) FROM duckdb_columns()
        WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
        GROUP BY table_name
    """
    return {
        table: set(columns) for table, columns in connection.execute(query).fetchall()
    }
