"""What a chart's SQL counts, against a count of the space itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options
from tap_backlog_report.demo import make_living_space
from tap_backlog_report.page import CHARTS
from tests.models.truth import Truth, in_tokyo, moment
from tests.report import spaces
from tests.report.spaces import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

TODAY = in_tokyo(NOW.replace(tzinfo=None))
WEEK_AGO = TODAY - dt.timedelta(days=7)


@pytest.fixture(scope="module")
def space() -> Space:
    """A space in which due dates were moved, and two projects review."""
    options = Options(projects=3, users=6, teams=1, issues=60, activities=400)
    space = make_living_space(options)
    for home, place in zip(space.projects[::2], (1, 3), strict=True):
        review = {"id": 10 + place, "projectId": home.id, "name": "Review"}
        review["color"] = f"#{place}00000"
        home.statuses.insert(place, review)
        for number, status in enumerate(home.statuses):
            status["displayOrder"] = 1000 + number
    unfinished = [issue for issue in space.issues.values() if issue["status"]["id"] != 4]
    dates = ["2026-12-24", None, "2026-09-01", "2026-09-23", "2026-09-24"]
    for number, issue in enumerate(unfinished[:20]):
        space.wait(60)
        space.move_due_date(issue["id"], dates[number % 5])
    for issue in unfinished[20:32]:
        home = space.project_of(issue)
        review_id = next(s["id"] for s in home.statuses if s["name"] == "Review")
        space.change_status(issue["id"], review_id)
    return space


@pytest.fixture(scope="module")
def file(space: Space, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = spaces.load(tmp_path_factory.mktemp("charts"), space)
    spaces.draw(file)
    return file


def rows(file: Path, chart: str, **variables: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        for name, value in variables.items():
            connection.execute(f"SET VARIABLE {name} = ?", [value])
        return connection.execute((CHARTS / f"{chart}.sql").read_text()).fetchall()


def was_overdue(truth: Truth, issue: dict[str, Any], day: dt.date) -> bool:
    """Whether an issue was open and past its due date at the end of a day."""
    steps = truth.steps(issue["id"], "status")
    then = [step.value for step in steps if in_tokyo(step.at) <= day]
    home = truth.space.project_of(issue)
    closed = {status["name"] for status in home.statuses if status["id"] == 4}
    later = [
        change["originalValue"]
        for change, comment in truth.changes(issue["id"])
        if change["field"] == "limitDate" and in_tokyo(moment(comment["created"])) > day
    ]
    due = later[0] if later else issue["dueDate"]
    is_past = bool(due) and dt.date.fromisoformat(due[:10]) < day
    return bool(then) and then[-1] not in closed and is_past


def test_what_is_overdue_stands_beside_what_was_a_week_ago(
    file: Path, space: Space
) -> None:
    truth = Truth(space, TODAY)
    expected = [
        sum(was_overdue(truth, issue, day) for issue in space.issues.values())
        for day in (TODAY, WEEK_AGO)
    ]
    found = {figure: values for figure, *values in rows(file, "week")}
    assert found["overdue"] == expected
    assert min(expected) > 3
    assert expected[0] != expected[1]


def test_statuses_come_in_the_order_of_the_project(file: Path) -> None:
    orders = {}
    for project in ("WEB", "APP"):
        last = [row for row in rows(file, "flow", project=project) if row[0] == TODAY]
        orders[project] = [row[1] for row in last]
    assert orders["WEB"] == ["未対応", "Review", "処理中", "処理済み", "完了"]
    assert orders["APP"] == ["未対応", "処理中", "処理済み", "Review", "完了"]
    together = [row[1] for row in rows(file, "flow") if row[0] == TODAY]
    assert together[-1] == "完了"
