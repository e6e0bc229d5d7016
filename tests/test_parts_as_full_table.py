"""Parts of a row are always right: timestamps, FULL_TABLE, and ACTIVATE_VERSION."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, faults
from tap_backlog.errors import BacklogError
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.streams.kinds.dependents import Dependent
from tests.support import Output, select, sync

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]

PARTS = {
    "issue_attachments": "attachments",
    "issue_categories": "category",
    "issue_milestones": "milestone",
    "issue_versions": "versions",
    "issue_stars": "stars",
    "issue_custom_field_values": "customFields",
}
LISTS = {"issue_participants": "participants", "related_issues": "related"}


@pytest.fixture
def options() -> Options:
    return Options(
        projects=4,
        users=6,
        teams=20,
        issues=60,
        activities=400,
        limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
    )


@pytest.fixture
def config(config: Row) -> Row:
    return {**config, "emit_activate_version_messages": True}


class Tables:
    """The tables of a loader that merges rows by key."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {}

    def load(self, output: Output) -> None:
        """Load rows; if a version is activated, remove all others of its table."""
        fresh: dict[str, dict[tuple[Any, ...], Row]] = {}
        for message in output.messages:
            stream = message.get("stream", "")
            if message["type"] == "RECORD":
                keys = output.schemas[stream]["key_properties"]
                key = tuple(message["record"][name] for name in keys)
                self.tables.setdefault(stream, {})[key] = message["record"]
                fresh.setdefault(stream, {})[key] = message["record"]
            elif message["type"] == "ACTIVATE_VERSION":
                self.tables[stream] = fresh.get(stream, {})

    def now(self, stream: str, stamp: str, head: str, key: str) -> list[Row]:
        """Return the parts that exist now, by the rule of docs/loaders.md."""
        stamps = {row["id"]: row["updated"] for row in self.tables[head].values()}
        return [
            row
            for row in self.tables.get(stream, {}).values()
            if row[stamp] == stamps.get(row[key])
        ]


def catalog_of(methods: dict[str, str | None]) -> Row:
    """Return a catalog in which streams are selected, each with its method."""
    catalog = select(*methods)
    for entry in catalog["streams"]:
        if method := methods.get(entry["stream"]):
            entry["replication_method"] = method
            for metadata in entry["metadata"]:
                if not metadata["breadcrumb"]:
                    metadata["metadata"]["forced-replication-method"] = method
    return catalog


def activated(output: Output) -> set[str]:
    kinds = (m for m in output.messages if m["type"] == "ACTIVATE_VERSION")
    return {message["stream"] for message in kinds}


def test_all_that_hangs_on_a_row_that_is_stamped_bears_its_stamp() -> None:
    """The streams listed here have ids that never change, or are a history."""
    without = {
        stream.__dict__["name"]
        for stream in STREAM_TYPES
        if issubclass(stream, Dependent) and not stream.stamp_field
    }
    assert without == {
        "issue_comments",
        "issue_change_log",
        "issue_history",
        "deletions",
        "wiki_history",
        "document_comments",
        "pull_request_comments",
        "user_stars",
        "watchings",
    }


@pytest.mark.parametrize("stream", [*PARTS, *LISTS])
def test_a_part_that_is_taken_off_an_issue_is_no_part_of_it_now(
    config: Row,
    space: Space,
    stream: str,
) -> None:
    tables = Tables()
    tables.load(first := sync(config, "issues", stream))
    before = tables.now(stream, "issueUpdated", "issues", "issueId")
    assert len(before) == len(tables.tables[stream]) > 0
    chosen = before[0]["issueId"]
    space.wait(60)
    if stream in PARTS:
        space.issues[chosen][PARTS[stream]] = []
    else:
        getattr(space.contents, LISTS[stream])[chosen] = []
    space.edit_issue(chosen)
    tables.load(sync(config, "issues", stream, state=first.states[-1]))
    after = tables.now(stream, "issueUpdated", "issues", "issueId")
    assert after == [row for row in before if row["issueId"] != chosen]


def test_a_milestone_that_is_changed_replaces_the_one_before(
    config: Row,
    space: Space,
) -> None:
    tables = Tables()
    tables.load(first := sync(config, "issues", "issue_milestones"))
    issue = next(i for i in space.issues.values() if len(i["milestone"]) == 1)
    versions = space.project_of(issue).versions
    other = next(v for v in versions if v["id"] != issue["milestone"][0]["id"])
    issue["milestone"] = [other]
    space.wait(1)
    space.edit_issue(issue["id"])
    output = sync(config, "issues", "issue_milestones", state=first.states[-1])
    tables.load(output)
    now = tables.now("issue_milestones", "issueUpdated", "issues", "issueId")
    assert [r["id"] for r in now if r["issueId"] == issue["id"]] == [other["id"]]
    assert len(tables.tables["issue_milestones"]) == len(now) + 1


def test_parts_of_teams_and_pull_requests_bear_their_stamps(
    config: Row,
    space: Space,
) -> None:
    output = sync(config, "teams", "team_members", "pull_request_attachments")
    stamps = {team["id"]: team["updated"] for team in space.teams}
    members = output.by_stream["team_members"]
    assert members
    assert all(row["teamUpdated"] == stamps[row["teamId"]] for row in members)
    pulls = {
        (pull["repositoryId"], pull["number"]): pull["updated"]
        for rows in space.contents.pull_requests.values()
        for pull in rows
    }
    files = output.by_stream["pull_request_attachments"]
    assert files
    for row in files:
        assert row["pullRequestUpdated"] == pulls[row["repositoryId"], row["number"]]


def heads_and_parts() -> Iterable[tuple[str, str]]:
    for stream in STREAM_TYPES:
        if issubclass(stream, Dependent) and stream.follows_changes:
            yield stream.source, stream.__dict__["name"]


@pytest.mark.parametrize(("head", "part"), list(heads_and_parts()))
@pytest.mark.parametrize("head_is_selected", [True, False])
def test_a_part_as_full_table_never_activates_a_partial_version(
    config: Row,
    space: Space,
    head: str,
    part: str,
    head_is_selected: bool,  # noqa: FBT001
) -> None:
    methods: dict[str, str | None] = {part: "FULL_TABLE"}
    if head_is_selected:
        methods[head] = None
    catalog = catalog_of(methods)
    if head_is_selected:
        with pytest.raises(BacklogError, match=f"`{part}` cannot be read as FULL_TABLE"):
            sync(config, catalog=catalog)
        return
    tables = Tables()
    tables.load(first := sync(config, catalog=catalog))
    before = len(tables.tables[part])
    assert before
    assert activated(first) == {part}
    space.wait(60)
    space.edit_issue(next(iter(space.issues)))
    state = first.states[-1] if first.states else None
    tables.load(sync(config, catalog=catalog, state=state))
    assert len(tables.tables[part]) == before


@pytest.mark.parametrize(
    ("head", "part"), [("issues", "issue_categories"), ("wikis", "wiki_history")]
)
def test_a_family_as_full_table_is_read_in_full_each_time(
    config: Row,
    head: str,
    part: str,
) -> None:
    catalog = catalog_of({head: "FULL_TABLE", part: "FULL_TABLE"})
    counts = []
    state = sync(config, head, part).states[-1]
    for _ in range(2):
        output = sync(config, catalog=catalog, state=state)
        state = output.states[-1]
        assert activated(output) == {head, part}
        counts.append({name: len(output.by_stream[name]) for name in (head, part)})
    assert counts[0] == counts[1]
    assert all(counts[0].values())


@pytest.mark.parametrize(
    "stream", ["issues", "documents", "wikis", "pull_requests", "recent_updates"]
)
def test_full_table_from_a_start_date_on_activates_nothing(
    config: Row,
    stream: str,
) -> None:
    config = {**config, "start_date": "2025-02-01T00:00:00Z"}
    output = sync(config, catalog=catalog_of({stream: "FULL_TABLE"}))
    assert output.by_stream[stream]
    assert not activated(output)


def test_an_answer_of_no_projects_empties_no_table(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    names = [stream.__dict__["name"] for stream in STREAM_TYPES if stream.needs_projects]
    methods: dict[str, str | None] = dict.fromkeys(names, "FULL_TABLE")
    tables = Tables()
    tables.load(sync(config, catalog=catalog_of(methods)))
    before = {name: len(rows) for name, rows in tables.tables.items()}
    assert {"projects", "milestones", "issues", "wiki_tags"} <= before.keys()
    for home in space.projects:
        space.leave(home.id)
    output = sync(config, catalog=catalog_of(methods))
    tables.load(output)
    assert {name: len(rows) for name, rows in tables.tables.items()} == before
    assert not activated(output)
    assert server.count("projects") == 2


def test_members_of_a_plain_key_without_projects_empty_no_table(
    member_config: Row,
    space: Space,
) -> None:
    for home in space.projects:
        space.leave(home.id)
    output = sync(member_config, "users", "projects")
    assert not activated(output)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(
    ("head", "part", "pattern"),
    [
        ("issues", "issue_categories", "issues"),
        ("issues", "issue_change_log", "issues/.*/comments"),
        ("wikis", "wiki_history", "wikis"),
        ("wikis", "wiki_history", "wikis/[0-9]+"),
        ("pull_requests", "pull_request_comments", "projects/.*/pullRequests"),
    ],
)
def test_a_project_that_is_left_out_keeps_its_rows_and_their_parts(
    config: Row,
    space: Space,
    head: str,
    part: str,
    pattern: str,
    status: int,
) -> None:
    catalog = catalog_of({head: "FULL_TABLE", part: "FULL_TABLE"})
    tables = Tables()
    tables.load(sync(config, catalog=catalog))
    before = {name: set(rows) for name, rows in tables.tables.items()}
    space.close(space.projects[0].id, pattern, status)
    tables.load(sync(config, catalog=catalog))
    assert {name: set(rows) for name, rows in tables.tables.items()} == before


def test_a_comment_list_that_fails_keeps_the_change_log_of_before(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    streams = ("issues", "issue_comments", "issue_change_log")
    catalog = catalog_of(dict.fromkeys(streams, "FULL_TABLE"))
    tables = Tables()
    tables.load(sync(config, catalog=catalog))
    before = {name: set(rows) for name, rows in tables.tables.items()}
    comments = space.contents.comments
    broken = next(i for i, some in comments.items() if any(c["changeLog"] for c in some))
    play = faults.error(500, 1, "Broken.")
    server.faults = [faults.Fault(play, f"issues/{broken}/comments", times=None)]
    tables.load(sync({**config, "max_retries": 0}, catalog=catalog))
    assert {name: set(rows) for name, rows in tables.tables.items()} == before
