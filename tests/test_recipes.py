"""The recipes are right for the sample space, and can be drawn."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options, SampleServer, Space, make_space
from scripts.recipe_pictures import STREAMS
from tests.duckdb_door.support import door
from tests.models.truth import Truth
from tests.support import ROOT, run, select
from tests.test_loaders import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Rows = list[tuple[Any, ...]]

RECIPES = ROOT / "docs/recipes"
NAMES = sorted(path.stem for path in RECIPES.glob("*.sql"))
MARTS = sorted(path.stem for path in (RECIPES / "marts").glob("*.sql"))
CLOSED = 4

AS_OF = dt.date(2025, 6, 1)
"""A day on which everything in the sample space has happened."""


@pytest.fixture(scope="module")
def space() -> Space:
    options = Options(projects=3, users=12, teams=5, issues=200, activities=1500)
    options.limits = dict.fromkeys(options.limits, 10**6)
    return make_space(options)


@pytest.fixture(scope="module", params=["target-duckdb", "tap-backlog-duckdb"])
def file(
    request: pytest.FixtureRequest, space: Space, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    catalog = folder / "catalog.json"
    catalog.write_text(json.dumps(select(*STREAMS)))
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": space.options.admin_key}
        messages = run(folder, config, f"--catalog={catalog}").stdout
    database = folder / "backlog.duckdb"
    if request.param == "target-duckdb":
        settings = {"filepath": str(database), "default_target_schema": "main"}
        load("target-duckdb", settings, messages, folder)
    else:
        assert door(database, stdin=messages.encode()).returncode == 0
    return database


@pytest.fixture
def database(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def rows_of(database: duckdb.DuckDBPyConnection, name: str) -> Rows:
    query = (RECIPES / f"{name}.sql").read_text(encoding="utf-8")
    return database.execute(query).fetchall()


def day(stamp: str) -> dt.date:
    return dt.date.fromisoformat(stamp[:10])


def day_in_tokyo(moment: dt.datetime) -> dt.date:
    """The day in the time zone of the space."""
    return (moment + dt.timedelta(hours=9)).date()


def added_on(issue: dict[str, Any]) -> dt.date:
    return day_in_tokyo(dt.datetime.fromisoformat(issue["created"][:19]))


def is_open(issue: dict[str, Any]) -> bool:
    return bool(issue["status"]["id"] != CLOSED)


def closed_at(space: Space, issue: dict[str, Any]) -> dt.datetime:
    changes = [
        comment["created"]
        for comment in space.contents.comments[issue["id"]]
        for change in comment["changeLog"] or []
        if change["field"] == "status" and change["newValue"] == issue["status"]["name"]
    ]
    return dt.datetime.fromisoformat(max(changes)[:19])


def test_burndown_counts_what_is_open_at_the_end_of_each_day(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    database.execute(f"SET VARIABLE today = '{AS_OF}'")
    truth = Truth(space, AS_OF)
    for home in space.projects:
        milestone = home.versions[1]
        database.execute(f"SET VARIABLE milestone = {milestone['id']}")
        rows = rows_of(database, "burndown")
        assert rows[0][0] == day(milestone["startDate"])
        for when, open_issues, open_hours in rows:
            left = [
                state.estimated_hours or 0
                for (issue_id, then), state in truth.by_day.items()
                if then == when
                and space.issues[issue_id]["projectId"] == home.id
                and milestone["name"] in (state.milestones or "").split(", ")
                and truth.statuses[home.id, state.status] != CLOSED
            ]
            assert open_issues == len(left)
            assert open_hours == pytest.approx(sum(left), abs=0.01)


def test_burndown_takes_the_milestone_in_which_most_was_closed(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    done: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    for issue in space.issues.values():
        for milestone in issue["milestone"]:
            sizes[milestone["id"]] += 1
            done[milestone["id"]] += not is_open(issue)
    by_itself = rows_of(database, "burndown")
    chosen = min(done, key=lambda one: (-done[one], -sizes[one], one))
    database.execute(f"SET VARIABLE milestone = {chosen}")
    assert rows_of(database, "burndown") == by_itself


def test_cumulative_flow_ends_with_the_statuses_of_today(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    rows = rows_of(database, "cumulative_flow")
    last = {status: count for when, status, count, _ in rows if when == rows[-1][0]}
    assert last == Counter(i["status"]["name"] for i in space.issues.values())
    by_day: Counter[dt.date] = Counter()
    for when, _, count, _ in rows:
        by_day[when] += count
    for when, count in by_day.items():
        assert count == sum(added_on(i) <= when for i in space.issues.values())


def test_lead_time_counts_every_closed_issue(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    rows = rows_of(database, "lead_time")
    by_week: dict[dt.date, list[float]] = {}
    for issue in space.issues.values():
        if not is_open(issue):
            closed = closed_at(space, issue)
            took = closed - dt.datetime.fromisoformat(issue["created"][:19])
            closed_on = day_in_tokyo(closed)
            week = closed_on - dt.timedelta(days=closed_on.weekday())
            by_week.setdefault(week, []).append(took / dt.timedelta(days=1))
    assert [(week, count) for week, count, *_ in rows] == [
        (week, len(days)) for week, days in sorted(by_week.items())
    ]
    for week, _, median, _ in rows:
        assert median == pytest.approx(statistics.median(by_week[week]), abs=0.06)


def test_overdue_counts_by_person(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    today = dt.date(2025, 3, 1)
    database.execute(f"SET VARIABLE today = '{today}'")
    late = [
        issue
        for issue in space.issues.values()
        if is_open(issue) and issue["dueDate"] and day(issue["dueDate"]) < today
    ]
    people = Counter((i["assignee"] or {"name": "(nobody)"})["name"] for i in late)
    rows = rows_of(database, "overdue")
    assert {person: count for person, count, _ in rows} == people
    longest = max(today - day(issue["dueDate"]) for issue in late)
    assert max(days for *_, days in rows) == longest.days


def test_estimates_compare_issues_that_have_both(
    database: duckdb.DuckDBPyConnection, space: Space
) -> None:
    both = [
        issue
        for issue in space.issues.values()
        if issue["estimatedHours"] is not None and issue["actualHours"] is not None
    ]
    rows = rows_of(database, "estimates")
    assert {row[0]: row[1] for row in rows} == Counter(
        issue["issueType"]["name"] for issue in both
    )
    assert sum(row[2] for row in rows) == pytest.approx(
        sum(issue["estimatedHours"] for issue in both), abs=0.1
    )
    assert sum(row[3] for row in rows) == pytest.approx(
        sum(issue["actualHours"] for issue in both), abs=0.1
    )


@pytest.mark.parametrize("name", NAMES + [f"marts/{name}" for name in MARTS])
def test_every_recipe_runs_from_the_command_line_of_the_door(
    file: Path, name: str
) -> None:
    result = door(file, "--sql", RECIPES / f"{name}.sql")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("\n") > 3


def test_every_recipe_is_described_and_has_its_picture() -> None:
    text = (RECIPES / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"[{name}.sql]({name}.sql)" in text
        assert f"({name}.png)" in text
        assert (RECIPES / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_every_recipe_can_be_drawn(file: Path, tmp_path: Path) -> None:
    program = (".venvs/report/bin/python", "scripts/draw_recipes.py")
    subprocess.run([*program, str(file), str(tmp_path)], cwd=ROOT, check=True)
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == NAMES
