"""``max_requests`` and ``max_minutes``: a run stops, and the next one goes on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space
from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, parse, run, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Row = dict[str, Any]

ALL = tuple(one.name for one in STREAM_TYPES if one.name != "rate_limit")
DEFAULT = tuple(
    one.name
    for one in STREAM_TYPES
    if one.selected_by_default and one.name != "rate_limit"
)
SELECTIONS = {
    "default": DEFAULT,
    "comments": ("issues", "issue_comments", "issue_participants", "related_issues"),
    "all": ALL,
}


@pytest.fixture
def options() -> Options:
    limits = dict.fromkeys(("read", "update", "search", "icon"), 10**6)
    return Options(
        projects=6, users=25, teams=120, issues=260, activities=330, limits=limits
    )


@pytest.fixture
def config(config: Row) -> Row:
    return {**config, "lookback_minutes": 0}


def one_round(
    tmp_path: Path,
    config: Row,
    streams: tuple[str, ...],
    between: Callable[[], object] = lambda: None,
) -> Iterator[tuple[Output, str]]:
    """Run until nothing is left, each time from the state of before."""
    catalog, state = tmp_path / "catalog.json", tmp_path / "state.json"
    catalog.write_text(json.dumps(select(*streams)))
    arguments = [f"--catalog={catalog}"]
    for _ in range(80):
        result = run(tmp_path, config, *arguments)
        assert result.returncode == 0, result.stderr
        output = parse(result.stdout)
        yield output, result.stderr
        last = output.states[-1]
        if "round" not in last:
            return
        state.write_text(json.dumps(last))
        arguments = [f"--catalog={catalog}", f"--state={state}"]
        between()
    pytest.fail("the runs do not come to an end")


def rows_of(outputs: list[Output]) -> dict[str, dict[tuple[Any, ...], Row]]:
    """Return the last version of each row, by stream and key."""
    tables: dict[str, dict[tuple[Any, ...], Row]] = {}
    for output in outputs:
        for stream, rows in output.by_stream.items():
            keys = output.schemas[stream]["key_properties"]
            found = {tuple(row[key] for key in keys): row for row in rows}
            tables.setdefault(stream, {}).update(found)
    return tables


@pytest.mark.parametrize(
    ("selection", "budget", "more"),
    [("default", 70, 13), ("comments", 300, 8), ("all", 500, 32)],
)
def test_several_runs_bring_what_one_brings_for_hardly_more_requests(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    selection: str,
    budget: int,
    more: int,
) -> None:
    streams = SELECTIONS[selection]
    whole = sync(config, *streams)
    alone = server.count()
    server.requests.clear()
    spent = []
    outputs = []
    for output, _ in one_round(tmp_path, {**config, "max_requests": budget}, streams):
        outputs.append(output)
        spent.append(server.count())
        server.requests.clear()
    assert rows_of(outputs) == rows_of([whole])
    assert len(spent) >= alone // budget
    assert max(spent) <= budget + 4
    assert sum(spent) <= alone + more


def test_a_run_says_what_is_done_and_left_and_ends_with_0(
    tmp_path: Path, config: Row
) -> None:
    config |= {"max_requests": 20, "emit_activate_version_messages": True}
    (output, log), *rest = one_round(tmp_path, config, DEFAULT)
    last = log.strip().splitlines()[-1]
    assert re.search(
        r"Stopped after \d+ s: [\d,]+ rows, \d+ requests, no waits\. `max_requests` "
        r"is used up: \d+ of 41 streams read, \d+ left, about \d+ more runs\. ",
        last,
    )
    assert "ERROR" not in log
    done = set(output.states[-1]["round"]["done"])
    for message in output.messages:
        if message["type"] == "ACTIVATE_VERSION":
            assert message["stream"] in done
    assert "round" not in rest[-1][0].states[-1]
    assert "Left out, since read by the runs before" in rest[0][1]


def test_the_setting_that_was_used_up_is_named_though_both_are_set(
    tmp_path: Path, config: Row
) -> None:
    config |= {"max_requests": 50, "max_minutes": 30}
    _, log = next(one_round(tmp_path, config, SELECTIONS["comments"]))
    assert "`max_requests` is used up" in log


def test_a_stream_of_two_runs_activates_no_version(tmp_path: Path, config: Row) -> None:
    config |= {"max_requests": 4, "emit_activate_version_messages": True}
    outputs = [output for output, _ in one_round(tmp_path, config, ("statuses",))]
    assert len(outputs) > 1
    kinds = {m["type"] for output in outputs for m in output.messages}
    assert "ACTIVATE_VERSION" not in kinds


def test_time_may_be_spent_too(tmp_path: Path, config: Row) -> None:
    config |= {"max_minutes": 0.0001}
    outputs = list(one_round(tmp_path, config, ("categories", "issues", "statuses")))
    assert len(outputs) > 2
    assert "`max_minutes` is used up" in outputs[0][1]
    tables = rows_of([output for output, _ in outputs])
    assert tables == rows_of([sync(config | {"max_minutes": 0}, *tables)])


def test_nothing_is_lost_while_people_edit(
    tmp_path: Path, config: Row, space: Space
) -> None:
    streams = ("issues", "issue_comments", "recent_updates", "documents")

    def edit() -> None:
        space.wait(60)
        space.edit_issues(list(space.issues)[::7])

    budget = {**config, "max_requests": 50}
    outputs = [output for output, _ in one_round(tmp_path, budget, streams, edit)]
    assert len(outputs) > 3
    outputs.append(sync(config, *streams, state=outputs[-1].states[-1]))
    tables = rows_of(outputs)
    assert {row["id"]: row["updated"] for row in tables["issues"].values()} == {
        issue_id: issue["updated"] for issue_id, issue in space.issues.items()
    }
    comments = {c["id"] for many in space.contents.comments.values() for c in many}
    assert {i for (i,) in tables["issue_comments"]} == comments
    assert {i for (i,) in tables["recent_updates"]} == {
        row["id"] for row in space.activities
    }


def test_without_a_budget_pull_requests_and_their_parts_leave_a_bookmark(
    config: Row, server: SampleServer
) -> None:
    streams = ("pull_requests", "pull_request_comments")
    state = sync(config, *streams).states[-1]
    assert state["bookmarks"]["pull_requests"]["replication_key_value"]
    server.requests.clear()
    sync(config, *streams, state=state)
    assert server.count() < 30
