"""Unusual states: wrapped, of other taps, of old versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.odd_inputs.runs import MARK, error_of, run_with, success_of, warnings_of, write
from tests.support import parse, run

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

STAMP = "2026-01-31T09:00:00Z"
STRETCH = {"newest": STAMP, "oldest": STAMP, "id": 7, "offset": 3}
UNFINISHED = {"list": 0, "of": 0, "bookmark": STAMP, "read": [STRETCH]}


@pytest.mark.parametrize(
    "state",
    [
        "null",
        {},
        {"bookmarks": None},
        {"bookmarks": {}},
        {"bookmarks": {"issues": None}},
        {"bookmarks": {"issues": {}}},
        {"bookmarks": {"issues": {"unfinished": None, "streams": None}}},
        {"bookmarks": {"issues": {"replication_key_value": None}}},
        {"bookmarks": {"issues": {"partitions": None, "progress_markers": None}}},
        {"bookmarks": {"issues": {"partitions": []}}},
        {"type": "STATE", "value": None},
        {"singer_state": None},
        {"completed": None, "partial": {}},
    ],
)
def test_null_in_a_state_means_that_nothing_is_kept(
    tmp_path: Path, config: Row, state: object
) -> None:
    output = success_of(run_with(tmp_path, config, "issues", state=state))
    assert len(output.by_stream["issues"]) == 30


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"singer_state": state},
        lambda state: {"type": "STATE", "value": state},
        lambda state: {"type": "STATE", "value": {"singer_state": state}},
        lambda state: {"completed": {"singer_state": state}, "partial": {}},
        lambda state: {**state, "currently_syncing": "issues", "anything": [1]},
    ],
)
def test_a_state_is_unwrapped(tmp_path: Path, config: Row, wrap: Any) -> None:
    state = wrap({"bookmarks": {"issues": MARK}})
    output = success_of(run_with(tmp_path, config, "issues", state=state))
    assert output.by_stream == {}
    assert output.states[-1]["bookmarks"]["issues"].items() >= MARK.items()


def bookmark(**entries: object) -> Row:
    return {"bookmarks": {"issues": entries}}


def unfinished(**parts: object) -> Row:
    return bookmark(unfinished={**UNFINISHED, **parts})


def stretch(**parts: object) -> Row:
    return unfinished(read=[{**STRETCH, **parts}])


IN_UNFINISHED = "`bookmarks.issues.unfinished"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ([], "it must be an object"),
        ('"text"', "it must be an object"),
        ({"type": "STATE", "value": [1]}, "it must be an object"),
        ({"bookmarks": []}, "`bookmarks` must be an object"),
        ({"bookmarks": [1]}, "`bookmarks` must be an object"),
        ({"bookmarks": "x"}, "`bookmarks` must be an object"),
        ({"bookmark": {}}, "it has no `bookmarks`, but `bookmark`"),
        ({"Bookmarks": {}}, "it has no `bookmarks`, but `Bookmarks`"),
        ({"issues": MARK}, "`issues` must stand in `bookmarks`"),
        ({"streams": []}, "it is another kind of file"),
        ({"type": "RECORD", "record": {}}, "it is another kind of file"),
        ({"completed": {}, "partial": {"singer_state": MARK}}, "`meltano state get`"),
        ({"bookmarks": {"issues": "x"}}, "`bookmarks.issues` must be an object"),
        ({"bookmarks": {"issues": []}}, "`bookmarks.issues` must be an object"),
        ({"bookmarks": {"issues": 5}}, "`bookmarks.issues` must be an object"),
        (bookmark(partitions=[{"context": {}}]), "which only other taps write"),
        (bookmark(streams="issues"), "`bookmarks.issues.streams` must be a list"),
        (bookmark(streams=[{}]), "`bookmarks.issues.streams` must be a list of names"),
        (bookmark(replication_key="created"), "the bookmark of `issues` is one of `cr"),
        (bookmark(replication_key=5), "the bookmark of `issues` is one of `5`"),
        (bookmark(replication_key_value=5), "bookmark of `issues` cannot be read: 5"),
        (bookmark(replication_key_value="x"), "bookmark of `issues` cannot be read: 'x'"),
        (bookmark(replication_key_value=[]), "bookmark of `issues` cannot be read: []"),
        (bookmark(replication_key_value=True), "of `issues` cannot be read: True"),
        (bookmark(replication_key_value="0001-01-01T00:00:00+09:00"), "cannot be read"),
        (bookmark(replication_key_value=10**40), "_value` is beyond range"),
        ('{"bookmarks": {"issues": {"x": [1e400]}}}', "`bookmarks.issues.x.0` is beyond"),
        (bookmark(unfinished=[]), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished="x"), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished=3), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished={"x": 1}), "`unfinished` of `issues` cannot be read"),
        (unfinished(list="a"), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(list=-1), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(list=True), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(of=None), f"{IN_UNFINISHED}.of` must be a whole number"),
        (unfinished(bookmark=5), f"{IN_UNFINISHED}.bookmark` must be a moment"),
        (unfinished(read=None), f"{IN_UNFINISHED}.read` must be a list"),
        (unfinished(read={}), f"{IN_UNFINISHED}.read` must be a list"),
        (unfinished(read=[None]), f"{IN_UNFINISHED}.read.0` must be an object"),
        (unfinished(read=[{}]), "`unfinished` of `issues` cannot be read"),
        (stretch(newest=1), f"{IN_UNFINISHED}.read.0.newest` must be a moment"),
        (stretch(oldest="x"), f"{IN_UNFINISHED}.read.0.oldest` must be a moment"),
        (stretch(id=None), f"{IN_UNFINISHED}.read.0.id` must be an id"),
        (stretch(offset=-2), f"{IN_UNFINISHED}.read.0.offset` must be a whole"),
        (stretch(offset=2**63), "offset` is beyond range"),
        ({"bookmarks": {"x": json.loads("[" * 40 + "]" * 40)}}, "nested too deep"),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": "x"}}},
            "the bookmark of `recent_updates` cannot be read: 'x'",
        ),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": -5}}},
            "the bookmark of `recent_updates` cannot be read: -5",
        ),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": 5.5}}},
            "the bookmark of `recent_updates` cannot be read",
        ),
    ],
)
def test_a_state_that_cannot_be_understood_is_told(
    tmp_path: Path, config: Row, state: object, words: str
) -> None:
    result = run_with(tmp_path, config, "issues", "recent_updates", state=state)
    assert words in error_of(result)


@pytest.mark.parametrize("value", [10**9, "1000000000", 1000000000.0])
def test_an_id_may_be_kept_in_several_ways(
    tmp_path: Path, config: Row, value: object
) -> None:
    state = {"bookmarks": {"recent_updates": {"replication_key_value": value}}}
    output = success_of(run_with(tmp_path, config, "recent_updates", state=state))
    assert output.by_stream == {}


def test_a_bookmark_of_an_unknown_stream_is_told(tmp_path: Path, config: Row) -> None:
    state = {"bookmarks": {"isues": MARK, "issues": MARK}}
    result = run_with(tmp_path, config, "issues", state=state)
    assert warnings_of(result) == [
        (
            "The state has a bookmark of `isues`, which does not exist. Did you mean "
            "`issues`?"
        )
    ]
    assert parse(result.stdout).by_stream == {}


@pytest.mark.parametrize("arguments", [(), ("--plan",)])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "0999-06-01T00:00:00Z"])
def test_a_bookmark_of_long_ago_is_no_harm(
    tmp_path: Path, config: Row, moment: str, arguments: tuple[str, ...]
) -> None:
    state = bookmark(replication_key="updated", replication_key_value=moment)
    file = write(tmp_path, "state.json", state)
    result = run(
        tmp_path, {**config, "comments_lookback_days": 9}, "--state", file, *arguments
    )
    assert result.returncode == 0, result.stderr
    if not arguments:
        assert len(parse(result.stdout).by_stream["issues"]) == 30
