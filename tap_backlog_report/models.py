"""The tables that charts draw from: schema ``marts``, and views on it in ``report``.

The models come from ``dbt/``, compiled (``make docs``); dbt is not needed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_report.errors import ReportError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HERE = Path(__file__).parent
MODELS = _HERE / "sql"
VIEWS = _HERE / "views"


def build(connection: DuckDBPyConnection) -> int:
    """Build all tables of the schema ``marts`` again; return how many.

    Args:
        connection: The file, with the tables that the tap has filled.

    Raises:
        ReportError: There are no issues in the file.
    """
    if not _has_issues(connection):
        message = "The file has no issues yet. Run this command without --offline first."
        raise ReportError(message)
    connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
    return _run(connection, MODELS, "CREATE OR REPLACE TABLE marts")


def add_views(connection: DuckDBPyConnection) -> None:
    """Make the views of the schema ``report``, which obey the variables of the session.

    Args:
        connection: The file, with the schema ``marts`` and ``report.space``.
    """
    _run(connection, VIEWS, "CREATE OR REPLACE VIEW report")


def _run(connection: DuckDBPyConnection, folder: Path, begin: str) -> int:
    files = sorted(folder.glob("*.sql"))
    for file in files:
        name = file.stem.partition("_")[2]
        connection.execute(f"{begin}.{name} AS {file.read_text(encoding='utf-8')}")
    return len(files)


def _has_issues(connection: DuckDBPyConnection) -> bool:
    query = """
        SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()
        AND schema_name = 'main' AND table_name = 'issues'
    """
    return connection.execute(query).fetchone() is not None
