"""The marts say what plain Python counts in the space's own history."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest

from sample_space import SampleServer
from scripts.compile_models import OFF_BY_DEFAULT, make_tables, source_tables
from tests.duckdb_door.support import door
from tests.models.support import AS_OF, dbt, edit, last_state, make, messages
from tests.models.truth import CLOSED, Truth, in_tokyo, moment
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Rows = list[tuple[Any, ...]]

LAST_DAY = dt.date.fromisoformat(AS_OF)


class Built(NamedTuple):
    """A file with marts, and what they should say."""

    file: str
    truth: Truth

    def rows(self, query: str) -> Rows:
        with duckdb.connect(self.file, read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module", params=["first load", "incremental load"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("models")
    file = folder / "backlog.duckdb"
    with SampleServer(make()) as server:
        first = messages(server, folder)
        assert door(file, stdin=first.encode()).returncode == 0
        if request.param == "incremental load":
            edit(server.space)
            later = messages(server, folder, last_state(first))
            assert door(file, stdin=later.encode()).returncode == 0
        dbt(folder, "run", BACKLOG_DUCKDB=file)
        yield Built(str(file), Truth(server.space, LAST_DAY))


def as_set(names: str | None) -> set[str]:
    return set(names.split(", ")) if names else set()


def test_issue_daily_is_the_state_at_the_end_of_each_day(built: Built) -> None:
    rows = built.rows(
        "SELECT issue_id, day, status_id, assignee_name, milestone_names, "
        "estimated_hours, actual_hours, is_closed FROM marts.issue_daily"
    )
    truth = built.truth
    projects = {i["id"]: i["projectId"] for i in truth.space.issues.values()}
    told = {
        key: (
            truth.statuses[projects[key[0]], state.status],
            state.assignee,
            as_set(state.milestones),
            state.estimated_hours,
            state.actual_hours,
        )
        for key, state in truth.by_day.items()
    }
    assert len(rows) == len(told)
    assert {(r[0], r[1]): (r[2], r[3], as_set(r[4]), r[5], r[6]) for r in rows} == told
    assert all(closed == (status == CLOSED) for _, _, status, *_, closed in rows)


def test_spans_are_the_statuses_one_after_the_other(built: Built) -> None:
    found: dict[int, Rows] = defaultdict(list)
    for issue_id, *row in built.rows(
        "SELECT issue_id, from_at, status_id, to_at, hours, working_days "
        "FROM marts.issue_status_spans ORDER BY issue_id, span"
    ):
        found[issue_id].append(tuple(row))
    truth = built.truth
    assert set(found) == set(truth.space.issues)
    end = dt.datetime(2026, 10, 5, 15)  # noqa: DTZ001 - midnight in Japan, in UTC
    for issue_id, rows in found.items():
        spans = truth.spans(issue_id)
        ends = [at for at, _ in spans[1:]] + [None]
        assert [row[:3] for row in rows] == [
            (at, status, to) for (at, status), to in zip(spans, ends, strict=True)
        ]
        for at, _, to, hours, working_days in rows:
            assert hours == pytest.approx(((to or end) - at) / dt.timedelta(hours=1))
            begin = in_tokyo(at)
            after = in_tokyo(to) if to else LAST_DAY + dt.timedelta(days=1)
            days = [begin + dt.timedelta(days=n) for n in range((after - begin).days)]
            assert working_days == sum(day.weekday() < 5 for day in days)


def test_issues_have_their_durations(built: Built) -> None:
    rows = built.rows(
        "SELECT issue_id, started_at, closed_at, closed_is_estimated, reopened_count, "
        "lead_time_days, cycle_time_days, is_overdue, days_overdue, created_on, "
        "status_id, assignee_name, milestone_names, category_names FROM marts.issues"
    )
    truth = built.truth
    assert {row[0] for row in rows} == set(truth.space.issues)
    for row in rows:
        issue = truth.space.issues[row[0]]
        started, closed = truth.started_at(row[0]), truth.closed_at(row[0])
        assert row[1:3] == (started, closed)
        assert row[3] is False
        assert row[4] == [what for _, what in truth.turns(row[0])].count("reopened")
        created = moment(issue["created"])
        lead, cycle = (
            (closed - begin) / dt.timedelta(days=1) if closed and begin else None
            for begin in (created, started)
        )
        assert row[5:7] == (pytest.approx(lead), pytest.approx(cycle))
        due = issue["dueDate"] and dt.date.fromisoformat(issue["dueDate"][:10])
        late = bool(not closed and due and due < LAST_DAY)
        assert row[7:9] == (late, (LAST_DAY - due).days if late else None)
        assert row[9:11] == (in_tokyo(created), issue["status"]["id"])
        assert row[11] == (issue["assignee"] and issue["assignee"]["name"])
        assert as_set(row[12]) == {one["name"] for one in issue["milestone"]}
        assert as_set(row[13]) == {one["name"] for one in issue["category"]}


def test_every_change_is_in_the_history_with_names(built: Built) -> None:
    rows = built.rows(
        "SELECT issue_id, changed_at, field, changed_by_name, new_name, old_name, "
        "activity_type = 14 AND old_value IS NULL AND NOT is_inferred "
        "FROM marts.issue_history WHERE field IS NOT NULL"
    )
    custom = "項目 3"
    told = Counter(
        (
            issue_id,
            moment(comment["created"]),
            "customField_8003" if change["field"] == custom else change["field"],
            comment["createdUser"] and comment["createdUser"]["name"],
            change["newValue"],
            change["originalValue"],
        )
        for issue_id in built.truth.space.issues
        for change, comment in built.truth.changes(issue_id)
    )
    assert Counter(row[:5] for row in rows) == Counter(key[:5] for key in told.elements())
    # What was before the first change is not known if issues were changed together.
    known = Counter(row[:6] for row in rows if not row[6])
    assert known <= told
    assert known.total() > 0.98 * told.total()


def test_milestones_progress_day_by_day(built: Built) -> None:
    rows = built.rows(
        "SELECT milestone_id, day, committed_issues, added_issues, removed_issues, "
        "done_issues, left_issues, scope_issues, committed_hours, added_hours, "
        "done_hours, left_hours, scope_hours FROM marts.milestone_progress "
        "ORDER BY milestone_id, day"
    )
    truth = built.truth
    inside: dict[tuple[str, dt.date], dict[int, tuple[bool, float]]] = defaultdict(dict)
    for (issue_id, day), state in truth.by_day.items():
        project = truth.space.issues[issue_id]["projectId"]
        is_closed = truth.statuses[project, state.status] == CLOSED
        for name in as_set(state.milestones):
            inside[f"{project} {name}", day][issue_id] = (
                is_closed,
                state.estimated_hours or 0,
            )
    milestones = {
        version["id"]: (f"{home.id} {version['name']}", version)
        for home in truth.space.projects
        for version in home.versions
    }
    by_milestone: dict[int, Rows] = defaultdict(list)
    for number, *row in rows:
        by_milestone[number].append(tuple(row))
    assert len(by_milestone) > 6
    for number, of_milestone in by_milestone.items():
        key, version = milestones[number]
        start = dt.date.fromisoformat(version["startDate"][:10])
        committed = inside[key, start]
        hours_before = sum(hours for _, hours in committed.values())
        days = [day for day, *_ in of_milestone]
        assert days[0] == start
        assert days == [start + dt.timedelta(days=n) for n in range(len(days))]
        for day, *counts in of_milestone:
            now = inside[key, day]
            done = [hours for is_closed, hours in now.values() if is_closed]
            scope = sum(hours for _, hours in now.values())
            assert counts[:6] == [
                len(committed),
                len(now.keys() - committed.keys()),
                len(committed.keys() - now.keys()),
                len(done),
                len(now) - len(done),
                len(now),
            ]
            assert counts[6:] == pytest.approx(
                [hours_before, scope - hours_before, sum(done), scope - sum(done), scope]
            )


def test_milestones_end_with_their_due_date_or_the_last_closing(built: Built) -> None:
    rows = built.rows(
        "SELECT milestone_id, max(day) FROM marts.milestone_progress GROUP BY ALL"
    )
    truth = built.truth
    ends: dict[int, dt.date] = dict(rows)
    for home in truth.space.projects:
        for version in home.versions:
            closings = [
                in_tokyo(closed)
                for issue in truth.space.issues.values()
                if version["id"] in [one["id"] for one in issue["milestone"]]
                and (closed := truth.closed_at(issue["id"]))
            ]
            due = version["releaseDueDate"]
            end = max([dt.date.fromisoformat(due[:10]), *closings]) if due else LAST_DAY
            assert ends[version["id"]] == end


def test_weeks_count_what_was_added_closed_and_left(built: Built) -> None:
    rows = built.rows(
        "SELECT project_id, week, added_issues, closed_issues, reopened_issues, "
        "open_issues, lead_time_days_median, lead_time_days_p85, cycle_time_days_median "
        "FROM marts.project_weekly"
    )
    truth = built.truth
    turns: dict[tuple[int, dt.date], Counter[str]] = defaultdict(Counter)
    leads: dict[tuple[int, dt.date], list[float]] = defaultdict(list)
    cycles: dict[tuple[int, dt.date], list[float]] = defaultdict(list)
    for issue_id, issue in truth.space.issues.items():
        for day, what in truth.turns(issue_id):
            week = day - dt.timedelta(days=day.weekday())
            turns[issue["projectId"], week][what] += 1
        if closed := truth.closed_at(issue_id):
            day = in_tokyo(closed)
            key = issue["projectId"], day - dt.timedelta(days=day.weekday())
            took = closed - moment(issue["created"])
            leads[key].append(took / dt.timedelta(days=1))
            if started := truth.started_at(issue_id):
                cycles[key].append((closed - started) / dt.timedelta(days=1))
    assert turns.keys() <= {(row[0], row[1]) for row in rows}
    for project, week, added, closings, reopened, left, *times in rows:
        count = turns[project, week]
        assert (added, closings, reopened) == (
            count["added"],
            count["closed"],
            count["reopened"],
        )
        sunday = week + dt.timedelta(days=6)
        assert left == sum(
            truth.statuses[project, state.status] != CLOSED
            for (issue_id, day), state in truth.by_day.items()
            if day == min(sunday, LAST_DAY)
            and truth.space.issues[issue_id]["projectId"] == project
        )
        lead, cycle = leads[project, week], cycles[project, week]
        assert times == [
            pytest.approx(statistics.median(lead)) if lead else None,
            pytest.approx(below(0.85, lead)) if lead else None,
            pytest.approx(statistics.median(cycle)) if cycle else None,
        ]


def below(share: float, values: list[float]) -> float:
    """The value below which a share lies, between two values in a straight line."""
    ordered = sorted(values)
    whole, rest = divmod(share * (len(ordered) - 1), 1)
    place = int(whole)
    after = ordered[min(place + 1, len(ordered) - 1)]
    return ordered[place] + rest * (after - ordered[place])


def test_hours_belong_to_who_wrote_them_down(built: Built) -> None:
    rows = built.rows(
        "SELECT project_id, person_id, month, hours, issues, estimated_hours "
        "FROM marts.person_monthly_hours"
    )
    truth = built.truth
    hours: Counter[tuple[int, int, dt.date]] = Counter()
    concerned: dict[tuple[int, int, dt.date], set[int]] = defaultdict(set)
    for issue_id, person, day, amount in truth.booked():
        key = (
            truth.space.issues[issue_id]["projectId"],
            person["id"] if person else 0,
            day.replace(day=1),
        )
        hours[key] += amount  # type: ignore[assignment]
        concerned[key].add(issue_id)
    assert {row[:3]: row[3] for row in rows} == pytest.approx(dict(hours))
    assert {row[:3]: row[4] for row in rows} == {k: len(v) for k, v in concerned.items()}
    booked = {issue_id for issue_id, *_ in truth.booked()}
    assert sum(row[5] for row in rows) == pytest.approx(
        sum(truth.space.issues[one]["estimatedHours"] or 0 for one in booked)
    )


def test_the_queries_for_the_report_make_the_same_tables(
    built: Built, tmp_path: Path
) -> None:
    queries = sorted((ROOT / "tap_backlog_report/sql").glob("*.sql"))
    with duckdb.connect(str(tmp_path / "report.duckdb")) as connection:
        connection.execute(f"ATTACH '{built.file}' AS built (READ_ONLY)")
        connection.execute("CREATE SCHEMA marts")
        connection.execute(f"SET VARIABLE today = '{AS_OF}'")
        make_tables(tmp_path / "empty.duckdb", sorted(OFF_BY_DEFAULT))
        connection.execute(f"ATTACH '{tmp_path / 'empty.duckdb'}' AS empty (READ_ONLY)")
        for table in source_tables():
            origin = "empty" if table in OFF_BY_DEFAULT else "built"
            connection.execute(f"CREATE TABLE main.{table} AS FROM {origin}.main.{table}")
        for path in queries:
            name = path.stem.partition("_")[2]
            query = path.read_text(encoding="utf-8")
            connection.execute(f"CREATE TABLE marts.{name} AS {query}")
            if not name.startswith(("stg_", "int_")):
                here, there = f"FROM marts.{name}", f"FROM built.marts.{name}"
                for one, other in ((here, there), (there, here)):
                    differing = connection.execute(f"{one} EXCEPT ALL {other}")
                    assert differing.fetchall() == [], name
