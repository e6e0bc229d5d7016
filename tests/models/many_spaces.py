"""Spaces in schemas of their own stay apart, although their ids are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from sample_space import SampleServer
from tests.duckdb_door.support import door
from tests.models.support import add_schema, dbt, edit, make, messages

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

KEYS = {
    "issues": "issue_id",
    "issue_history": "activity_id, position",
    "issue_daily": "day, issue_id",
    "issue_status_spans": "issue_id, span",
    "milestones": "milestone_id",
    "milestone_progress": "milestone_id, day",
    "project_weekly": "project_id, week",
    "person_monthly_hours": "project_id, person_id, month",
    "statuses": "project_id, status_id",
    "custom_field_columns": "issue_id",
}


@pytest.fixture(scope="module")
def spaces() -> dict[str, Space]:
    found = {"sales": make(issues=60), "support": make(issues=60)}
    edit(found["support"])
    return found


@pytest.fixture(scope="module")
def file(spaces: dict[str, Space], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spaces")
    both = folder / "both.duckdb"
    for name, space in spaces.items():
        one = folder / f"{name}.duckdb"
        with SampleServer(space) as server:
            loaded = door(one, stdin=messages(server, folder).encode())
        assert loaded.returncode == 0
        add_schema(both, name, one)
    dbt(folder, "run", BACKLOG_DUCKDB=both, backlog_schemas=list(spaces))
    return both


def test_each_issue_is_there_once_for_its_space(
    file: Path, spaces: dict[str, Space]
) -> None:
    query = "SELECT source_relation, issue_id, status_id FROM marts.issues"
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(query).fetchall()
    assert sorted(found) == sorted(
        (name, issue["id"], issue["status"]["id"])
        for name, space in spaces.items()
        for issue in space.issues.values()
    )


@pytest.mark.parametrize("mart", KEYS)
def test_keys_are_of_one_row_together_with_the_space(file: Path, mart: str) -> None:
    key = f"source_relation, {KEYS[mart]}"
    query = (
        f"SELECT count(*), count(DISTINCT ({key})), count(DISTINCT source_relation) "
        f"FROM marts.{mart}"
    )
    with duckdb.connect(str(file), read_only=True) as connection:
        rows, keys, spaces = connection.execute(query).fetchall()[0]
    assert rows == keys
    assert (spaces, rows > 1) == (2, True)
