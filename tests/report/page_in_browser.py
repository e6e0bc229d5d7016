"""What a reader sees: the numbers are those of the space, whatever they choose."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space.clock import parse
from tests.report import spaces
from tests.report.browser import Reader
from tests.report.spaces import NOW

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from sample_space import Space

Row = dict[str, Any]

CLOSED = 4
JAPAN = dt.timezone(dt.timedelta(hours=9))
TODAY = NOW.astimezone(JAPAN).date()


def issues_of(space: Space, project: str, milestone: str | None = None) -> list[Row]:
    """Issues of a project, and of a milestone, from the space itself."""
    return [
        issue
        for issue in space.issues.values()
        if issue["issueKey"].rpartition("-")[0] == project
        and (milestone is None or milestone in [m["name"] for m in issue["milestone"]])
    ]


def day(text: str) -> dt.date:
    return parse(text).astimezone(JAPAN).date()


def is_open(issue: Row) -> bool:
    return bool(issue["status"]["id"] != CLOSED)


def due(issue: Row) -> dt.date | None:
    text = issue["dueDate"]
    return dt.date.fromisoformat(text[:10]) if text else None


def closings(space: Space, issue: Row) -> list[dt.date]:
    """The days on which an issue was closed, from its comments."""
    names = {s["name"] for s in space.project_of(issue).statuses if s["id"] == CLOSED}
    return [
        day(comment["created"])
        for comment in space.contents.comments.get(issue["id"], [])
        for change in comment["changeLog"] or ()
        if change["field"] == "status" and change["newValue"] in names
    ]


def tile(reader: Reader, figure: str) -> tuple[float, str]:
    now = reader.text(f"#tile-{figure} .now")
    return float(now.replace(",", "")), reader.text(f"#tile-{figure} .then")


def test_the_figures_of_the_week_are_counted_right(
    reader: Reader, living_space: Space
) -> None:
    week = {TODAY - dt.timedelta(days=n) for n in range(7)}
    before = {TODAY - dt.timedelta(days=n) for n in range(7, 14)}
    for project in (None, "WEB"):
        issues = list(living_space.issues.values())
        if project:
            reader.choose("project", project)
            issues = issues_of(living_space, project)
        added = [day(issue["created"]) for issue in issues]
        closed = [
            closings(living_space, issue)[-1]
            for issue in issues
            if not is_open(issue) and closings(living_space, issue)
        ]
        assert len(added) > 20
        assert tile(reader, "added") == (
            sum(one in week for one in added),
            f"week before: {sum(one in before for one in added)}",
        )
        assert tile(reader, "closed") == (
            sum(one in week for one in closed),
            f"week before: {sum(one in before for one in closed)}",
        )
        assert tile(reader, "open")[0] == sum(map(is_open, issues))
        overdue = [i for i in issues if is_open(i) and (due(i) or TODAY) < TODAY]
        assert tile(reader, "overdue")[0] == len(overdue)


def test_a_milestone_burns_down_to_what_is_open_in_it(
    reader: Reader, living_space: Space
) -> None:
    reader.choose("project", "APP")
    assert reader.options("milestone") == ["All", "v1.0", "v2.0", "v3.0"]
    reader.choose("milestone", "v2.0")
    assert reader.text("#title-burndown") == "Burn-down of APP / v2.0"
    issues = issues_of(living_space, "APP", "v2.0")
    left = [issue for issue in issues if is_open(issue)]
    assert len(left) > 1
    assert reader.text("#found-burndown").startswith(f"Left: {len(left)} issues; due: ")
    last = reader.csv("burndown")[-1]
    hours = sum(issue["estimatedHours"] or 0 for issue in left)
    assert last[:3] == [TODAY.isoformat(), str(len(left)), str(len(issues))]
    assert float(last[4]) == hours
    reader.page.click("#unit")
    reader.wait()
    assert reader.text("#found-burndown").startswith(f"Left: {hours:g} hours; due: ")
    assert "unit=hours" in reader.page.url


def test_what_is_left_of_a_milestone_is_what_is_open_today(
    reader: Reader, living_space: Space
) -> None:
    """Also after its due date, where its chart ends."""
    for project in ("WEB", "APP", "LIB"):
        reader.choose("project", project)
        for milestone in ("v1.0", "v2.0"):
            reader.choose("milestone", milestone)
            issues = issues_of(living_space, project, milestone)
            left = sum(map(is_open, issues))
            said = reader.text("#found-burndown")
            assert said.startswith(f"Left: {left} issues; due: ")


def test_the_skip_link_keeps_what_was_chosen(reader: Reader) -> None:
    reader.choose("project", "WEB")
    reader.page.focus(".skip")
    reader.page.keyboard.press("Enter")
    assert reader.page.url.endswith("#project=WEB&period=91")
    assert reader.evaluate("document.activeElement.id") == "charts"
    assert reader.page.input_value("#choose-project") == "WEB"


def test_a_project_has_its_own_colours(
    browser: Browser, living_file: Path, living_space: Space, tmp_path: Path
) -> None:
    file = Path(shutil.copy(living_file, tmp_path))
    home = next(one for one in living_space.projects if one.key == "APP")
    with duckdb.connect(str(file)) as connection:
        change = "UPDATE statuses SET color = '#123456' WHERE projectId = ? AND id = 2"
        connection.execute(change, [home.id])
    context = browser.new_context()
    reader = Reader(context.new_page(), spaces.draw(file))
    bands = (
        "[...document.querySelectorAll('#flow path')].map(p => p.getAttribute('fill'))"
    )
    assert "#123456" not in reader.evaluate(bands)
    reader.choose("project", "APP")
    assert "#123456" in reader.evaluate(bands)
    assert "#4488c5" not in reader.evaluate(bands)
    context.close()


@pytest.mark.parametrize("since", ["0001-01-01", "2099-01-01"])
def test_a_period_may_begin_anywhere(
    browser: Browser, living_file: Path, tmp_path: Path, since: str
) -> None:
    file = Path(shutil.copy(living_file, tmp_path))
    context = browser.new_context()
    reader = Reader(context.new_page(), spaces.draw(file, since=since))
    assert reader.wrong == []
    assert 1 <= len(reader.csv("throughput")) < 110
    context.close()


def test_the_lines_of_a_table_link_to_the_issues(
    reader: Reader, living_space: Space
) -> None:
    reader.choose("project", "OPS")
    soon = TODAY + dt.timedelta(days=7)
    expected = {
        (issue["issueKey"], (TODAY - date).days)
        for issue in issues_of(living_space, "OPS")
        if is_open(issue) and (date := due(issue)) and date <= soon
    }
    found = {(row[1], int(row[4])) for row in reader.csv("due")[1:]}
    assert found == expected
    link = reader.page.locator("#due td a").first
    key = link.inner_text()
    assert (link.get_attribute("href") or "").endswith(f"/view/{key}")
    assert key in {name for name, _ in expected}


def test_workload_is_by_person(reader: Reader, living_space: Space) -> None:
    expected: dict[str, int] = {}
    for issue in living_space.issues.values():
        if is_open(issue):
            name = (issue["assignee"] or {}).get("name") or ""
            expected[name] = expected.get(name, 0) + 1
    rows = reader.csv("workload")[1:]
    assert {row[0]: sum(map(int, row[1:5])) for row in rows} == expected
    (person, number), *_ = sorted(expected.items(), key=lambda one: -one[1])
    reader.choose("person", person)
    assert [row[0] for row in reader.csv("workload")[1:]] == [person]
    assert tile(reader, "open")[0] == number


def test_points_are_the_issues_closed_in_the_period(
    reader: Reader, living_space: Space
) -> None:
    reader.choose("period", "Last 4 weeks")
    since = TODAY - dt.timedelta(days=27)
    expected = {
        issue["issueKey"]: days[-1].isoformat()
        for issue in living_space.issues.values()
        if not is_open(issue)
        and (days := closings(living_space, issue))
        and days[-1] >= since
    }
    rows = reader.csv("lead")[1:]
    assert {row[0]: row[2] for row in rows} == expected
    times = sorted(float(row[3]) for row in rows)
    middle = (times[len(times) // 2] + times[(len(times) - 1) // 2]) / 2
    said = reader.text("#found-lead")
    assert said.startswith(
        f"{len(expected)} issues: half within {middle:.1f}".rstrip("0")
    )


def test_the_forecast_goes_on_at_the_speed_of_the_last_weeks(
    reader: Reader, living_space: Space
) -> None:
    reader.choose("project", "WEB")
    reader.choose("milestone", "v2.0")
    issues = issues_of(living_space, "WEB", "v2.0")
    left = sum(map(is_open, issues))
    begin = TODAY - dt.timedelta(days=35)  # its first day, five whole weeks ago
    weeks = [0] * 5
    for issue in issues:
        days = [] if is_open(issue) else closings(living_space, issue)
        if days and days[-1] > begin:
            weeks[(TODAY - days[-1]).days // 7] += 1
    speed = sum(weeks) / 5
    fast = sum(sorted(weeks)[-3:]) / 3
    done = [TODAY + dt.timedelta(days=-(-left * 7 // one)) for one in (speed, fast)]
    assert left > 0
    assert f"last 5 weeks ({speed:.1f} issues per week)" in reader.text("#found-burndown")
    assert f"done on {done[0]}" in reader.text("#found-burndown")
    assert f"with the faster half of these weeks on {done[1]}" in reader.text(
        "#found-burndown"
    )


def test_a_point_opens_its_issue(reader: Reader) -> None:
    row = reader.csv("lead")[-1]
    x, y = reader.evaluate(
        """([day, days]) => {
            const place = document.querySelector("#lead .chart");
            place.scrollIntoView();
            const chart = echarts.getInstanceByDom(place);
            const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, [day, days]);
            const { left, top } = place.getBoundingClientRect();
            return [left + x, top + y];
        }""",
        [row[2], float(row[3])],
    )
    reader.evaluate("window.open = (address) => { window.opened = address; }")
    reader.page.mouse.click(x, y)
    asked = reader.evaluate("window.opened").rpartition("/view/")[2]
    days = {one[0]: one[2] for one in reader.csv("lead")}
    assert days[asked] == row[2]  # points of one day may cover each other


def test_a_choice_is_in_the_address_and_comes_back(reader: Reader) -> None:
    reader.choose("project", "WEB")
    reader.choose("period", "Last 4 weeks")
    address = reader.page.url.partition("#")[2]
    assert address == "project=WEB&period=28"
    before = {card: reader.csv(card) for card in ("week", "throughput", "due")}
    reader.open(f"#{address}")
    assert {card: reader.csv(card) for card in before} == before
    assert reader.page.input_value("#choose-project") == "WEB"
    reader.page.click("#choices button")
    reader.wait()
    assert "#" not in reader.page.url
    assert reader.csv("due") != before["due"]


def test_an_address_that_is_wrong_shows_everything(reader: Reader) -> None:
    everything = reader.csv("throughput")
    reader.open("#project=NONE&milestone=x&person=9&period=-5&unit=%3Cb%3E")
    assert reader.csv("throughput") == everything


def test_nothing_is_requested(reader: Reader) -> None:
    reader.choose("project", "WEB")
    reader.csv("week")
    own = reader.file.as_uri()
    assert {url for url in reader.requested if not url.startswith("blob:")} == {own}
