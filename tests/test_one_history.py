"""The sample space tells one history: feed, comments and issues agree.

See docs/api-facts.md, "Comments" and docs/api-facts.md, "Updates".
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, make_space
from tests.support import ROOT, Row, sync, without_limits

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = (7, 8, 2026)

Told = tuple[str, str, str | None, str | None, Row | None]
"""Moment, field, what it was, what it became, and by whom."""


def an_id(item: Row | None) -> str | None:
    return str(item["id"]) if item else None


def a_text(value: object) -> str | None:
    return None if value is None else str(value)


PRESENT: dict[str, Callable[[Row], str | None]] = {
    "status": lambda issue: an_id(issue["status"]),
    "assigner": lambda issue: an_id(issue["assignee"]),
    "priority": lambda issue: an_id(issue["priority"]),
    "issueType": lambda issue: an_id(issue["issueType"]),
    "resolution": lambda issue: an_id(issue["resolution"]),
    "milestone": lambda issue: ", ".join(m["name"] for m in issue["milestone"]) or None,
    "limitDate": lambda issue: issue["dueDate"] and issue["dueDate"][:10],
    "description": lambda issue: issue["description"],
    "estimatedHours": lambda issue: a_text(issue["estimatedHours"]),
    "actualHours": lambda issue: a_text(issue["actualHours"]),
    "customField_8003": lambda issue: a_text(issue["customFields"][2]["value"]),
}


def feed_of_issues(space: Space) -> dict[int, list[Row]]:
    """Return the entries of the feed that change or add an issue of the space."""
    feed = defaultdict(list)
    for entry in space.activities:
        if entry["type"] in {1, 2, 3, 14, 34, 35, 47}:
            content = entry["content"]
            for issue in content.get("link", [content]):
                if issue["id"] in space.issues:
                    feed[issue["id"]].append(entry)
    return feed


@pytest.mark.parametrize("seed", SEEDS)
def test_the_feed_leads_to_what_each_issue_has_now(seed: int) -> None:
    space = make_space(Options(seed=seed, activities=8000))
    feed = feed_of_issues(space)
    assert len(feed) == len(space.issues) == 1234
    assert len(space.activities) == 8000
    for issue_id, issue in space.issues.items():
        assert [entry["type"] for entry in feed[issue_id]].count(1) == 1
        assert feed[issue_id][0]["created"] == issue["created"]
        assert feed[issue_id][0]["createdUser"] == issue["createdUser"]
        assert feed[issue_id][-1]["created"] == issue["updated"]
        if len(feed[issue_id]) > 1:
            assert feed[issue_id][-1]["createdUser"] == issue["updatedUser"]
        now: dict[str, str | None] = {}
        for entry in feed[issue_id]:
            for change in entry["content"].get("changes", []):
                field = change["field"]
                if field in now and "old_value" in change:
                    assert change["old_value"] == now[field]
                now[field] = change["new_value"]
        assert now == {field: PRESENT[field](issue) for field in now}


def test_every_comment_is_in_the_feed() -> None:
    space = make_space(Options(activities=8000))
    told: dict[int, str] = {}
    for issue_id, entries in feed_of_issues(space).items():
        for entry in entries:
            links = entry["content"].get("link", [entry["content"]])
            content = next(one for one in links if one["id"] == issue_id)
            if "comment" in content:
                told[content["comment"]["id"]] = entry["created"]
    comments = [one for some in space.contents.comments.values() for one in some]
    assert told == {comment["id"]: comment["created"] for comment in comments}
    assert len(told) == 3390


def test_issues_changed_together_have_a_comment_each() -> None:
    space = make_space(Options(activities=8000))
    together = [
        entry
        for entry in space.activities
        if entry["type"] == 14 and entry["content"]["link"][0]["id"] in space.issues
    ]
    fields = Counter(entry["content"]["changes"][0]["field"] for entry in together)
    assert fields == {"status": 12, "priority": 9, "issueType": 1, "assigner": 1}
    for entry in together:
        (change,) = entry["content"]["changes"]
        assert change.keys() == {"field", "new_value", "type"}
        assert len(entry["content"]["link"]) > 1
        for link in entry["content"]["link"]:
            issue = space.issues[link["id"]]
            comment = space.contents.comments[link["id"]][-1]
            assert PRESENT[change["field"]](issue) == change["new_value"]
            assert issue["projectId"] == entry["project"]["id"]
            assert comment["id"] == link["comment"]["id"]
            assert comment["createdUser"] == entry["createdUser"]
            assert [one["field"] for one in comment["changeLog"]] == [change["field"]]


def names_in(space: Space) -> dict[tuple[int | None, str, str], str]:
    """Return the names by project, field and id, from the lists of the space."""
    names: dict[tuple[int | None, str, str], str] = {}
    for home in space.projects:
        for field, rows in (
            ("status", home.statuses),
            ("issueType", home.issue_types),
            ("assigner", [*space.users, {"id": 9999, "name": "退会したユーザー"}]),
            ("priority", [{"id": n, "name": "高中低"[n - 2]} for n in (2, 3, 4)]),
            (
                "resolution",
                [
                    {"id": place, "name": name}
                    for place, name in enumerate(
                        ("対応済み", "対応しない", "無効", "重複", "再現しない")
                    )
                ],
            ),
        ):
            names |= {(home.id, field, str(row["id"])): str(row["name"]) for row in rows}
    return names


def both_ways(
    space: Space, state: Row | None = None
) -> tuple[dict[int, list[Told]], dict[int, list[Told]], Row]:
    """Run the tap; return by issue what the feed says, what comments say, and the state.

    Without a state, both begin where the feed does.
    """
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": space.options.admin_key}
        output = sync(config, "issue_history", "issue_change_log", state=state)
    names = names_in(space)
    since = "" if state else space.activities[0]["created"]
    log: dict[int, list[Told]] = defaultdict(list)
    for row in output.by_stream["issue_change_log"]:
        if row["created"] > since:
            values = row["originalValue"], row["newValue"]
            log[row["issueId"]].append(
                (row["created"], row["field"], *values, row["createdUser"])
            )
    history: dict[int, list[Told]] = defaultdict(list)
    for row in output.by_stream["issue_history"]:
        issue_id, field = row["issueId"], row["fieldText"] or row["field"]
        if issue_id not in space.issues or not field or row["changed"] <= since:
            continue
        old, new = (
            names.get((row["projectId"], field, value), value)
            for value in (row["oldValue"], row["newValue"])
        )
        if row["type"] == 14:
            # Backlog does not tell; so the comment has to.
            assert old is None
            place = len(history[issue_id])
            old = log[issue_id][place][2]
        history[issue_id].append((row["changed"], field, old, new, row["changedUser"]))
    return history, log, output.states[-1]


@pytest.mark.parametrize(
    ("seed", "activities", "changes", "issues"),
    [
        (7, 731, 775, 249),
        (7, 8000, 5273, 1147),
        (8, 731, 731, 248),
        (2026, 731, 736, 239),
    ],
)
def test_history_and_change_log_are_the_same(
    seed: int, activities: int, changes: int, issues: int
) -> None:
    options = without_limits(Options(seed=seed, activities=activities))
    history, log, _ = both_ways(make_space(options))
    assert history == log
    assert (sum(map(len, history.values())), len(history)) == (changes, issues)


def test_changes_of_today_are_told_alike() -> None:
    options = without_limits(Options(projects=2, users=4, issues=60, activities=400))
    space = make_space(options)
    state = both_ways(space)[2]
    issue = next(one for one in space.issues.values() if one["status"]["id"] == 1)
    aoi = space.users[2]
    then = space.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    space.wait(3600)
    space.change_status(issue["id"], 3)
    space.wait(60)
    space.assign(issue["id"], aoi)
    space.wait(60)
    now = space.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    space.change_status(issue["id"], 4)
    assert space.issues[issue["id"]]["status"]["name"] == "完了"
    assert space.issues[issue["id"]]["assignee"] == aoi
    assert space.issues[issue["id"]]["updated"] == now
    history, log, _ = both_ways(space, state)
    new = {
        issue_id: [change for change in changes if change[0] > then]
        for issue_id, changes in history.items()
    }
    assert new == {**{key: [] for key in new}, issue["id"]: log[issue["id"]][-3:]}
    assert [change[1:4] for change in new[issue["id"]]] == [
        ("status", "未対応", "処理済み"),
        ("assigner", (issue["assignee"] or {}).get("name"), aoi["name"]),
        ("status", "処理済み", "完了"),
    ]


def test_a_status_with_a_new_name_is_told_by_its_id() -> None:
    space = make_space(Options(projects=2, users=4, issues=60, activities=400))
    issue = next(one for one in space.issues.values() if one["status"]["id"] == 1)
    space.change_status(issue["id"], 2)
    updated = space.issues[issue["id"]]["updated"]
    space.rename_status(issue["projectId"], 2, "Doing")
    assert space.issues[issue["id"]]["status"]["name"] == "Doing"
    assert space.issues[issue["id"]]["updated"] == updated
    assert space.activities[-1]["content"]["changes"] == [
        {"field": "status", "new_value": "2", "type": "standard", "old_value": "1"}
    ]
    assert [
        (change["originalValue"], change["newValue"])
        for change in space.contents.comments[issue["id"]][-1]["changeLog"]
    ] == [("未対応", "処理中")]
    other = next(home for home in space.projects if home.id != issue["projectId"])
    assert other.statuses[1]["name"] == "処理中"


def test_a_parent_counts_a_child_that_was_closed() -> None:
    space = make_space(Options(issues=300))
    child = next(
        one
        for one in space.issues.values()
        if one["parentIssueId"] and one["status"]["id"] != 4
    )
    summary = space.issues[child["parentIssueId"]]["childIssueSummary"]
    before = summary["closed"]
    space.change_status(child["id"], 4)
    assert summary["closed"] == before + 1
    space.change_status(child["id"], 1)
    assert summary["closed"] == before


def test_what_was_deleted_is_not_there_any_longer() -> None:
    space = make_space(Options(activities=8000))
    contents = space.contents
    comments = [one for some in contents.document_comments.values() for one in some]
    there: dict[int, set[Any]] = {
        4: set(space.issues),
        7: set(contents.wikis),
        10: {row["id"] for rows in contents.files.values() for row in rows},
        24: {row["id"] for home in space.projects for row in home.versions},
        37: set(contents.documents),
        42: {one["id"] for one in comments},
        45: {reply["id"] for one in comments for reply in one["replies"]},
    }
    inside = {42: "comment", 45: "reply"}
    for kind, ids in there.items():
        contents_of_kind = [
            entry["content"] for entry in space.activities if entry["type"] == kind
        ]
        gone = [
            (content[inside[kind]] if kind in inside else content)["id"]
            for content in contents_of_kind
        ]
        assert len(gone) == len(set(gone)) > 50
        assert ids
        assert ids.isdisjoint(gone)


def test_ids_grow_with_time_and_with_gaps() -> None:
    activities = make_space().activities
    assert len(activities) == 731
    order = [(entry["created"], entry["id"]) for entry in activities]
    assert order == sorted(order)
    ids = [entry["id"] for entry in activities]
    assert len(set(ids)) == 731
    assert ids[-1] - ids[0] > 2 * 731


def test_another_process_makes_the_same_space() -> None:
    code = (
        "import hashlib, json; from sample_space import make_space; s = make_space();"
        "rows = [s.activities, s.issues, s.contents.comments];"
        "print(hashlib.sha256(json.dumps(rows).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
