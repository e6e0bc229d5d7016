"""``--plan`` says what the sync will cost, and costs little itself."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, make_space
from tap_backlog.cli.plan import REQUESTS_BESIDE_PROJECTS, Plan
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import command, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]

NINE = (
    *("space", "projects", "users", "teams", "issue_types", "categories", "issues"),
    *("recent_updates", "rate_limit"),
)
DEFAULT = tuple(str(vars(t)["name"]) for t in STREAM_TYPES if t.selected_by_default)
COUNTABLE_PER_ROW = (*DEFAULT, "issue_comments", "issue_participants", "related_issues")
ALL = tuple(str(vars(t)["name"]) for t in STREAM_TYPES)
SELECTIONS = {"nine": NINE, "default": DEFAULT, "per issue": COUNTABLE_PER_ROW}
SPACES = {
    "small": Options(projects=4, users=12, teams=130, issues=330, activities=250),
    "usual": Options(),
    "wide": Options(projects=25, users=60, teams=5, issues=1500, activities=5000, seed=3),
    "one project": Options(projects=1, users=3, teams=0, issues=5, activities=20, seed=9),
}


def plan(
    config: Row, *streams: str, state: Row | None = None, catalog: Row | None = None
) -> Plan:
    catalog = catalog or select(*streams)
    tap = TapBacklog(config=dict(config), catalog=catalog, state=state)
    return Plan(*tap.get_sync())


def edit_some(space: Space) -> None:
    space.edit_issues(list(space.issues)[:150])


def stay(_: Space) -> None:
    pass


@pytest.mark.parametrize(
    ("size", "selection"),
    [*itertools.product(SPACES, SELECTIONS), ("usual", "all")],
)
def test_a_plan_is_within_a_tenth_of_the_sync_and_spends_little(
    size: str, selection: str
) -> None:
    options = SPACES[size]
    options.limits = dict.fromkeys(options.limits, 10**6)
    streams = SELECTIONS.get(selection, ALL)
    state = None
    with SampleServer(make_space(options)) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        changes: list[Callable[[Space], None]] = [stay, stay, edit_some]
        for change in changes:
            change(server.space)
            server.requests.clear()
            planned = plan(config, *streams, state=state)
            spent = len(server.requests)
            assert spent <= len(server.space.projects) + REQUESTS_BESIDE_PROJECTS
            server.requests.clear()
            state = sync(config, *streams, state=state).states[-1]
            taken = len(server.requests)
            assert abs(planned.requests - taken) <= max(0.1 * taken, 1)


def test_a_plan_writes_nothing_to_the_state_and_no_message(
    config: Row, tmp_path: Path, space: Space
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    table = command(f"--config={file}", "--plan")
    assert table.returncode == 0, table.stderr
    head, rule, *rows = table.stdout.splitlines()
    assert head.split() == ["stream", "rows", "requests", "minutes"]
    assert set(rule) == {"-", " "}
    assert [row.split()[0] for row in rows[: len(DEFAULT)]] == sorted(DEFAULT)
    issues = next(row.split() for row in rows if row.startswith("issues "))
    assert issues[1] == f"{len(space.issues):,}"
    assert "Leaving out saves most:" in rows
    assert all(not line.startswith("{") for line in table.stdout.splitlines())

    answer = command(f"--config={file}", "--plan", "--plan-format=json")
    plan = json.loads(answer.stdout)
    assert {tuple(line) for line in plan["streams"]} == {
        ("stream", "rows", "requests", "minutes")
    }
    assert plan["total"]["requests"] == sum(line["requests"] for line in plan["streams"])
    by_name = {line["stream"]: line for line in plan["streams"]}
    assert by_name["issues"]["rows"] == len(space.issues)


@pytest.mark.parametrize("stream", ALL)
def test_a_stream_that_can_be_counted_costs_what_was_planned(
    config: Row, server: SampleServer, stream: str
) -> None:
    state = None
    for _ in range(2):
        planned = plan(config, stream, state=state)
        server.requests.clear()
        states = sync(config, stream, state=state).states
        state = states[-1] if states else None
        taken = len(server.requests)
        assert abs(planned.requests - taken) <= max(0.15 * taken, 1)


@pytest.mark.usefixtures("waits")
def test_minutes_follow_the_limit_of_the_class_and_the_reserve(
    config: Row, space: Space
) -> None:
    space.options.limits |= {"search": 20, "read": 100}
    by_reserve = {
        reserve: plan(config | {"rate_limit_reserve": reserve}, "issues").minutes
        for reserve in (0, 0.5)
    }
    # Four pages of issues, and one request each for the projects and the space.
    assert by_reserve[0] == pytest.approx(4 / 20 + 2 / 100)
    assert by_reserve[0.5] == pytest.approx(4 / 10 + 2 / 50)
    slow = plan(config | {"requests_per_minute": 2}, "issues")
    assert slow.minutes == pytest.approx(6 / 2)


def test_the_most_expensive_streams_are_told_with_what_they_alone_cost(
    config: Row,
) -> None:
    most = plan(
        config, "issues", "issue_comments", "issue_change_log", "users"
    ).most_expensive
    assert [saving.stream for saving in most] == ["users"]
    most = plan(config, "issues", "issue_comments", "issue_participants").most_expensive
    assert [(s.stream, s.requests) for s in most] == [
        ("issue_comments", 330),
        ("issue_participants", 330),
    ]


def test_a_run_that_was_cut_off_is_planned_from_where_it_stopped(
    config: Row, server: SampleServer
) -> None:
    states = sync(config, "issues").states
    cut = next(s for s in states if s["bookmarks"]["issues"].get("unfinished"))
    planned = plan(config, "issues", state=cut)
    server.requests.clear()
    sync(config, "issues", state=cut)
    assert abs(planned.requests - len(server.requests)) <= 1


def test_a_first_run_from_a_start_date_is_planned_for_that(
    config: Row, server: SampleServer, space: Space
) -> None:
    stamps = sorted(issue["updated"] for issue in space.issues.values())
    config |= {"start_date": stamps[-150]}
    planned = plan(config, "issues", "recent_updates")
    server.requests.clear()
    sync(config, "issues", "recent_updates")
    by_stream = {line.stream: line for line in planned.lines}
    assert by_stream["issues"].rows == pytest.approx(150, rel=0.1)
    assert abs(planned.requests - len(server.requests)) <= 4


def test_a_key_that_may_read_little_still_has_a_plan(
    member_config: Row, server: SampleServer
) -> None:
    planned = plan(member_config, *DEFAULT)
    server.requests.clear()
    sync(member_config, *DEFAULT)
    assert planned.requests == pytest.approx(len(server.requests), rel=0.1)


def test_a_run_in_batches_is_planned_like_any_other(
    config: Row, server: SampleServer, tmp_path: Path
) -> None:
    streams = ("issues", "issue_attachments", "issue_stars")
    without = plan(config, *streams)
    config |= {
        "batch_config": {
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": tmp_path.as_uri()},
        }
    }
    planned = plan(config, *streams)
    assert planned.requests == without.requests
    server.requests.clear()
    sync(config, *streams)
    assert planned.requests == pytest.approx(len(server.requests), abs=1)


def test_a_refused_key_is_told_in_one_line(tmp_path: Path, config: Row) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config | {"api_key": "wrong-key"}))
    answer = command(f"--config={file}", "--plan")
    assert answer.returncode == 1
    assert not answer.stdout
    assert "Traceback" not in answer.stderr
    assert "401" in answer.stderr


def figures_of(config: Row, tmp_path: Path, *arguments: str) -> dict[str, list[str]]:
    """Return what the table says about each stream: rows, requests, minutes if any."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    table = command(f"--config={file}", "--plan", *arguments).stdout
    lines = table.partition("\n\n")[0].splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines[2:]}


def test_what_is_guessed_is_marked_and_what_is_counted_is_not(
    config: Row, tmp_path: Path, space: Space
) -> None:
    figures = figures_of(config, tmp_path, "--select=issues,statuses,issue_stars,users")
    assert figures["issues"] == ["330", "0"]
    assert figures["users"] == ["12", "1", "<0.1"]
    rows, requests, minutes = figures["statuses"]
    assert (rows[0], requests, minutes) == ("~", "4", "<0.1")
    rows, requests, minutes = figures["issue_stars"]
    assert (rows[0], requests, minutes) == ("~", "6", "<0.1")
    assert figures["total"] == ["11", "<0.1"]
    assert len(space.issues) == 330


def test_requests_that_follow_from_a_guess_are_marked_too(
    config: Row, tmp_path: Path
) -> None:
    figures = figures_of(config, tmp_path)
    for stream in ("pull_requests", "shared_files", "total"):
        requests, minutes = figures[stream][-2:]
        assert (requests[0], minutes[0]) == ("~", "~"), stream


def test_what_costs_nothing_takes_no_time(config: Row, tmp_path: Path) -> None:
    figures = figures_of(config, tmp_path)
    assert figures["issue_milestones"][1:] == ["0"]
    assert not [name for name, line in figures.items() if line[-1] in {"0.0", "~0.0"}]
