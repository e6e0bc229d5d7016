"""Projects that come, go and refuse: nothing is lost, and no other is read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, faults, make_space
from tap_backlog.errors import BacklogError
from tests.support import as_sent, run, select, sync

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

STREAMS = (
    "issues",
    "issue_comments",
    "recent_updates",
    "documents",
    "wikis",
    "wiki_history",
    "pull_requests",
)


@pytest.fixture
def options() -> Options:
    return Options(
        projects=4,
        users=6,
        teams=3,
        issues=160,
        activities=150,
        limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
    )


def by_id(rows: list[Row]) -> dict[Any, Row]:
    return {row["id"]: row for row in rows}


def of_project(space: Space, project_id: int) -> dict[str, set[Any]]:
    """Return the ids of all rows of a project, by stream."""
    contents = space.contents
    issues = {i["id"] for i in space.issues.values() if i["projectId"] == project_id}
    return {
        "issues": issues,
        "issue_comments": {
            comment["id"] for i in issues for comment in contents.comments.get(i, [])
        },
        "recent_updates": {
            row["id"] for row in space.activities if row["project"]["id"] == project_id
        },
        "documents": {
            key for key, d in contents.documents.items() if d["projectId"] == project_id
        },
        "wikis": {
            w["id"] for w in contents.wikis.values() if w["projectId"] == project_id
        },
        "pull_requests": {
            pull["id"]
            for repository in contents.repositories.get(project_id, [])
            for pull in contents.pull_requests[repository["id"]]
        },
    }


def test_a_project_that_is_joined_brings_its_past_once_and_alone(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    joined = space.projects[0].id
    space.leave(joined)
    first = sync(config, *STREAMS)
    space.join(joined)
    server.requests.clear()
    second = sync(config, *STREAMS, state=first.states[-1])
    for stream, ids in of_project(space, joined).items():
        assert ids
        sent = by_id(first.by_stream[stream])
        assert not ids & sent.keys(), stream
        assert ids <= by_id(second.by_stream[stream]).keys(), stream
    lists = [
        r.query["projectId[]"]
        for r in server.requests
        if r.path in {"issues", "documents"}
    ]
    others = [str(home.id) for home in space.projects if home.id != joined]
    assert all(ids == [str(joined)] or set(ids) <= set(others) for ids in lists)
    assert server.count(f"projects/{joined}/activities") <= 2
    assert len(second.by_stream["issues"]) < len(of_project(space, joined)["issues"]) + 9
    server.requests.clear()
    third = sync(config, *STREAMS, state=second.states[-1])
    assert server.count("issues") == 1
    assert server.count("space/activities") == 1
    assert not [r for r in server.requests if r.path.endswith("/activities")][1:]
    assert len(third.by_stream["issues"]) < 9


def test_a_project_added_to_project_keys_brings_its_past(
    config: Row,
    space: Space,
) -> None:
    one, other = space.projects[0], space.projects[3]
    state = sync({**config, "project_keys": [one.key]}, *STREAMS).states[-1]
    both = {**config, "project_keys": [one.key, other.key]}
    rows = sync(both, *STREAMS, state=state).by_stream
    for stream, ids in of_project(space, other.id).items():
        assert ids <= by_id(rows[stream]).keys(), stream


@pytest.mark.parametrize("away", ["left", "archived", "off"])
def test_a_project_that_was_away_goes_on_from_where_it_was_good(
    config: Row,
    space: Space,
    away: str,
) -> None:
    home = space.projects[0]
    config = {**config, "include_archived": away != "archived"}
    state = sync(config, *STREAMS).states[-1]
    edited = next(i for i in space.issues.values() if i["projectId"] == home.id)["id"]
    document = next(
        d for d in space.contents.documents.values() if d["projectId"] == home.id
    )
    if away == "left":
        space.leave(home.id)
    else:
        home.project["archived" if away == "archived" else "useDocument"] = (
            away == "archived"
        )
        space.version += 1
    space.wait(86_400)
    space.edit_issue(edited)
    space.touch(document)
    space.wait(86_400)
    other = next(i for i in space.issues.values() if i["projectId"] != home.id)["id"]
    space.edit_issue(other)
    space.touch(
        next(d for d in space.contents.documents.values() if d["projectId"] != home.id)
    )
    state = sync(config, *STREAMS, state=state).states[-1]
    space.join(home.id)
    home.project |= {"archived": False, "useDocument": True}
    space.version += 1
    output = sync(config, *STREAMS, state=state)
    if away != "off":
        assert by_id(output.by_stream["issues"])[edited] == as_sent(space.issues[edited])
        told = [row["content"]["id"] for row in output.by_stream["recent_updates"]]
        assert edited in told
    assert document["id"] in by_id(output.by_stream["documents"])
    assert len(output.by_stream["issues"]) < 9
    assert len(output.by_stream["documents"]) < 9


@pytest.mark.parametrize(
    ("stream", "flag"),
    [("documents", "useDocument"), ("wikis", "useWiki"), ("pull_requests", "useGit")],
)
def test_a_feature_that_was_off_in_the_first_run_brings_its_past_once_it_is_on(
    config: Row, space: Space, stream: str, flag: str
) -> None:
    home = next(one for one in space.projects if one.project[flag])
    home.project[flag] = False
    space.version += 1
    state = sync(config, stream).states[-1]
    home.project[flag] = True
    space.version += 1
    rows = by_id(sync(config, stream, state=state).by_stream[stream])
    past = of_project(space, home.id)[stream]
    assert past
    assert past <= rows.keys()


@pytest.mark.parametrize(
    ("stream", "pattern"),
    [
        ("wikis", "wikis"),
        ("issue_comments", "issues/.*"),
        ("wiki_history", "wikis/.*/history"),
        ("pull_requests", "projects/.*/git/.*"),
        ("recent_updates", "projects/.*/activities"),
    ],
)
def test_what_a_project_refused_once_comes_when_it_answers(
    config: Row,
    space: Space,
    stream: str,
    pattern: str,
) -> None:
    home = space.projects[0]
    if stream == "recent_updates":
        space.leave(home.id)
    first = sync(config, stream)
    state = first.states[-1]
    space.join(home.id)
    fresh = {} if stream != "recent_updates" else state
    space.close(home.id, pattern)
    closed = sync(config, stream, state=fresh or None)
    space.reopen()
    after = sync(config, stream, state=closed.states[-1])
    keys = first.schemas[stream]["key_properties"]
    sent = {
        tuple(row[key] for key in keys)
        for output in (first if stream == "recent_updates" else closed, closed, after)
        for row in output.by_stream[stream]
    }
    truth = sync(config, stream).by_stream[stream]
    assert sent >= {tuple(row[key] for key in keys) for row in truth}


def test_a_project_that_refuses_for_ever_costs_little_each_run(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    space.close(space.projects[0].id, "issues/.*")
    state = sync(config, "issue_comments").states[-1]
    counts = []
    for _ in range(3):
        server.requests.clear()
        state = sync(config, "issue_comments", state=state).states[-1]
        counts.append(server.count())
    assert counts[0] == counts[1] == counts[2] <= 9


def test_a_project_deleted_since_the_list_was_read_leaves_the_others(
    config: Row,
    space: Space,
    server: SampleServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    space.options.omits_unjoined = False
    gone = space.projects[0]

    def delete(request: Any) -> None:
        if request.path in {"issues", "documents", "wikis"}:
            space.doors.unjoined.add(gone.id)
            space.version += 1

    server.before_answer = delete
    rows = sync(config, "issues", "documents", "wikis").by_stream
    for home in space.projects[2:]:
        for stream in ("issues", "documents", "wikis"):
            assert of_project(space, home.id)[stream] <= by_id(rows[stream]).keys()
    assert caplog.text.count("was left out for 1") == 3


def test_comments_that_always_fail_are_named_and_owed(
    tmp_path: Path,
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    broken = next(i for i, c in space.contents.comments.items() if c)
    path = f"issues/{broken}/comments"
    server.faults = [faults.Fault(faults.error(500, 1, "Broken."), path, times=None)]
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("issues", "issue_comments", "recent_updates")))
    result = run(tmp_path, {**config, "max_retries": 1}, f"--catalog={catalog}")
    assert result.returncode == 1
    key = space.issues[broken]["issueKey"]
    assert f"Could not be read: `issue_comments` of issue {key}." in result.stderr
    assert "Traceback" not in result.stderr
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    state = messages[-1]["value"]
    assert [
        r["id"] for r in state["bookmarks"]["issues"]["failed"]["issue_comments"]
    ] == [broken]
    assert "recent_updates" in state["bookmarks"]
    others = {
        c["id"]
        for i, some in space.contents.comments.items()
        if i != broken
        for c in some
    }
    sent = {
        m["record"]["id"]
        for m in messages
        if m.get("stream") == "issue_comments" and m["type"] == "RECORD"
    }
    assert sent == others
    server.faults.clear()
    rows = sync(config, "issues", "issue_comments", "recent_updates", state=state)
    wanted = {c["id"] for c in space.contents.comments[broken]}
    assert wanted <= by_id(rows.by_stream["issue_comments"]).keys()
    assert "failed" not in rows.states[-1]["bookmarks"]["issues"]


def test_a_server_that_is_down_is_not_taken_for_one_broken_row(
    config: Row,
    server: SampleServer,
    waits: list[float],
) -> None:
    play = faults.maintenance(503)
    server.faults = [faults.Fault(play, skip=12, times=None)]
    with pytest.raises(BacklogError, match="503"):
        sync({**config, "max_retries": 1}, "issue_comments")
    assert len(waits) < 30


def test_a_state_is_small_with_600_scattered_projects() -> None:
    options = Options(projects=600, users=3, teams=1, issues=700, activities=300)
    options.scatters_ids = True
    options.limits = dict.fromkeys(options.limits, 10**6)
    with SampleServer(make_space(options)) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        streams = ("issues", "issue_milestones", "recent_updates", "deleted_issues")
        output = sync(config, *streams, "documents", "wikis")
    assert len(json.dumps(output.states[-1])) < 4000


def test_the_state_knows_its_space(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    state = sync(config, "issues").states[-1]
    assert state["space"] == {"host": server.url[7:], "spaceKey": "sample"}
    server.requests.clear()
    sync(config, "issues", state=state)
    assert server.count("space") == 0
    with SampleServer(space) as moved:
        elsewhere = {**config, "host": moved.url}
        again = sync(elsewhere, "issues", state=state)
        assert moved.count("space") == 1
        assert again.states[-1]["space"]["host"] == moved.url[7:]
        space.info["spaceKey"] = "another"
        with pytest.raises(BacklogError, match="The state is of the space sample"):
            sync(elsewhere, "issues", state=state)
        assert moved.count("issues") == 1


def test_an_old_state_goes_on(config: Row, space: Space, server: SampleServer) -> None:
    new = sync(config, "issues", "recent_updates").states[-1]["bookmarks"]
    old = {
        "bookmarks": {
            "issues": {
                "streams": ["issues"],
                "replication_key": "updated",
                "replication_key_value": new["issues"]["replication_key_value"],
            },
            "recent_updates": {
                "replication_key": "id",
                "replication_key_value": new["recent_updates"]["replication_key_value"],
            },
        }
    }
    space.wait(60)
    edited = space.edit_issue(next(iter(space.issues)))
    server.requests.clear()
    output = sync(config, "issues", "recent_updates", state=old)
    assert as_sent(edited) in output.by_stream["issues"]
    assert len(output.by_stream["issues"]) < 9
    assert [row["type"] for row in output.by_stream["recent_updates"]] == [2]
    assert server.count("issues") == 1
    assert output.states[-1]["projects"] == "50-53"
