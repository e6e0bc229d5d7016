"""``dbt build`` on DuckDB and on PostgreSQL, twice, on nested and on flat tables.

Every test of the package runs in it, and the marts are the same on each. Run by ``make
models``: it takes longer than the other tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import SampleServer
from tests import postgres
from tests.duckdb_door.support import door
from tests.models.support import dbt, edit, last_state, make, messages
from tests.support import ROOT
from tests.test_loaders import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLAT: dict[str, Any] = {"flattening_enabled": True, "flattening_max_depth": 1}

SUMS = {
    "issues": (
        "count(*), count(started_at), count(closed_at), sum(reopened_count), "
        "round(cast(sum(lead_time_days) as numeric), 3), sum(days_overdue), "
        "sum(length(milestone_names)), sum(length(category_names)), "
        "sum(length(status_name)), sum(length(assignee_name)), min(created_on), "
        "max(due_date), count(closed_on)"
    ),
    "issue_history": (
        # One of the loaders writes the ends of lines in long texts in its own way.
        "count(*), sum(case when field <> 'description' then length(old_name) end), "
        "sum(case when field <> 'description' then length(new_name) end), "
        "max(changed_at), "
        "max(changed_on), sum(length(changed_by_name)), "
        "sum(case when is_inferred then 1 else 0 end)"
    ),
    "issue_daily": (
        "count(*), sum(status_id), sum(assignee_id), sum(length(milestone_names)), "
        "round(cast(sum(estimated_hours) as numeric), 2), "
        "round(cast(sum(actual_hours) as numeric), 2), min(day), max(day)"
    ),
    "issue_status_spans": (
        "count(*), round(cast(sum(hours) as numeric), 2), sum(working_days), max(from_at)"
    ),
    "milestones": "count(*), sum(issues), sum(closed_issues), max(due_date)",
    "milestone_progress": (
        "count(*), sum(committed_issues), sum(added_issues), sum(removed_issues), "
        "sum(done_issues), round(cast(sum(left_hours) as numeric), 2)"
    ),
    "project_weekly": (
        "count(*), sum(added_issues), sum(closed_issues), sum(open_issues), "
        "round(cast(sum(lead_time_days_p85) as numeric), 3), "
        "round(cast(sum(cycle_time_days_median) as numeric), 3)"
    ),
    "person_monthly_hours": (
        "count(*), round(cast(sum(hours) as numeric), 2), sum(issues), min(month), "
        "round(cast(sum(estimated_hours) as numeric), 2), sum(length(person_name))"
    ),
    "statuses": "count(*), sum(length(status_name)), sum(status_order)",
    "custom_field_columns": (
        'count(*), sum(length("項目 1 (8001)")), '
        'round(cast(sum("項目 3 (8003)") as numeric), 2), max("項目 4 (8004)")'
    ),
}
"""What is compared of each mart, in SQL that both databases read."""


@dataclass
class Loads:
    """The messages of a first and a later run, by shape."""

    nested: tuple[str, str]
    flat: tuple[str, str]


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Loads:
    folder = tmp_path_factory.mktemp("loads")
    with SampleServer(make(issues=80, activities=1500)) as server:
        nested, flat = messages(server, folder), messages(server, folder, **FLAT)
        edit(server.space)
        return Loads(
            (nested, messages(server, folder, last_state(nested))),
            (flat, messages(server, folder, last_state(flat), **FLAT)),
        )


@pytest.fixture(scope="module")
def expected(loads: Loads, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The marts on nested tables in DuckDB, which test_numbers.py checks."""
    folder = tmp_path_factory.mktemp("expected")
    return built_on_duckdb(loads.nested, folder)


def plain(value: object) -> object:
    """A value as text, the same of both databases."""
    if value is None or value == "":
        return None
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def built_on_duckdb(runs: tuple[str, str], folder: Path) -> list[Any]:
    found = []
    for output in runs:
        file = folder / "backlog.duckdb"
        assert door(file, stdin=output.encode()).returncode == 0
        dbt(folder, "build", BACKLOG_DUCKDB=file)
        with duckdb.connect(str(file), read_only=True) as connection:
            sums = {
                name: connection.execute(f"SELECT {what} FROM marts.{name}").fetchall()[0]
                for name, what in SUMS.items()
            }
        found.append({name: [*map(plain, row)] for name, row in sums.items()})
    return found


def test_flat_tables_in_duckdb(loads: Loads, expected: list[Any], tmp_path: Path) -> None:
    assert built_on_duckdb(loads.flat, tmp_path) == expected


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgres.serve() as port:
        yield port


@pytest.mark.parametrize(
    ("loader", "shape"),
    [("target-postgres", "nested"), ("pipelinewise-postgres", "flat")],
)
def test_postgresql(
    loads: Loads, expected: list[Any], tmp_path: Path, port: int, loader: str, shape: str
) -> None:
    schema = f"backlog_{shape}"
    settings = {
        "host": "127.0.0.1",
        "port": port,
        "user": "postgres",
        "password": "none is asked for",
        "default_target_schema": schema,
        ("database" if loader == "target-postgres" else "dbname"): "postgres",
    }
    name = loader
    if loader == "pipelinewise-postgres":
        name = str(ROOT / ".venvs/target-pipelinewise-postgres/bin/target-postgres")
    for output, sums in zip(getattr(loads, shape), expected, strict=True):
        load(name, settings, output, tmp_path)
        dbt(
            tmp_path,
            "build",
            backlog_schemas=[schema],
            BACKLOG_TARGET="postgres",
            BACKLOG_MARTS=f"marts_{shape}",
            PGHOST="127.0.0.1",
            PGPORT=port,
        )
        for mart, what in SUMS.items():
            (row,) = postgres.query(port, f"SELECT {what} FROM marts_{shape}.{mart}")
            assert [*map(plain, row)] == sums[mart], mart
