"""Deselected and left-out fields are missing at every depth, in every kind of output."""

from __future__ import annotations

import fnmatch
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import faults
from sample_space.answers import Answer
from tap_backlog.errors import SettingsError
from tap_backlog.singer.selection import Selection, complete
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.misfits import misfits
from tests.support import Output, run, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sample_space import Options, SampleServer, Space
    from sample_space.wire.handler import Handler

Row = dict[str, Any]

NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
FLAT = {"flattening_enabled": True, "flattening_max_depth": 3}
MAPPED = {
    "stream_maps": {
        "issues": {"extra": "str(id)"},
        "watchings": {"__alias__": "watched"},
        "teams": {"__filter__": "True"},
    }
}
BATCHED: Row = {"batch_config": {"encoding": {"format": "jsonl", "compression": "gzip"}}}
WAYS = pytest.mark.parametrize(
    "way", [{}, FLAT, MAPPED, {**FLAT, **MAPPED}], ids=["raw", "flat", "mapped", "both"]
)


@pytest.fixture
def options(options: Options) -> Options:
    options.issues = 60
    options.teams = 20
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


@pytest.fixture
def space(space: Space) -> Space:
    """Put users into every place for which the schema allows anything."""
    user = space.users[0]
    contents = space.contents
    for rows in contents.watchings.values():
        for row in rows:
            row["issue"] = {"id": 1, "assignee": user, "stars": [{"presenter": user}]}
    for row in contents.viewed_issues:
        row["issue"]["createdUser"] = user
    for row in contents.viewed_wikis:
        row["page"]["createdUser"] = user
    for row in contents.notifications:
        row["issue"] = {"id": 1, "sharedFiles": [{"createdUser": user}]}
    for comments in contents.document_comments.values():
        for comment in comments:
            comment["createdUser"] = comment["replies"][0]["createdUser"] = user
    return space


def places(value: object, name: str, path: str = "") -> Iterator[str]:
    """Yield the places of a field, in rows and in JSON that is kept as text."""
    if isinstance(value, str) and value[:1] in "[{" and f'"{name}"' in value:
        value = json.loads(value)
    if isinstance(value, list):
        for item in value:
            yield from places(item, name, f"{path}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if name in (key, key.rsplit("__", 1)[-1]):
                yield f"{path}.{key}"
            yield from places(inner, name, f"{path}.{key}")


def left(output: Output, name: str) -> set[str]:
    """Return where a field still is, in rows and schemas."""
    found = set()
    for stream, rows in output.by_stream.items():
        found |= {f"{stream}{place}" for row in rows for place in places(row, name)}
    for stream, message in output.schemas.items():
        schema = message["schema"]
        found |= {f"SCHEMA {stream}{place}" for place in places(schema, name)}
    return found


def deselect(catalog: Row, is_meant: Callable[[list[str]], bool]) -> Row:
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if is_meant(metadata["breadcrumb"]):
                metadata["metadata"]["selected"] = False
    return catalog


def test_the_space_holds_addresses_in_lists_and_in_what_no_schema_describes(
    config: Row,
) -> None:
    found = left(sync(config, *NAMES), "mailAddress")
    for place in (
        "issues.sharedFiles[].createdUser",
        "issues.stars[].presenter",
        "teams.members[]",
        "recent_updates.content.users[]",
        "watchings.issue.stars[].presenter",
        "notifications.issue.sharedFiles[].createdUser",
        "document_comments.replies[].createdUser",
        "SCHEMA teams.properties.members.items.properties",
    ):
        assert f"{place}.mailAddress" in found


@WAYS
def test_an_address_that_is_deselected_everywhere_is_nowhere(
    config: Row,
    way: Row,
) -> None:
    catalog = deselect(select(*NAMES), lambda crumbs: crumbs[-1:] == ["mailAddress"])
    output = sync({**config, **way}, catalog=catalog)
    assert left(output, "mailAddress") == set()
    assert misfits(output) == []
    assert left(output, "userId")


@WAYS
@pytest.mark.parametrize("names", [["mailAddress"], ["mailAddress", "userId", "name"]])
def test_a_field_that_is_left_out_is_nowhere(
    config: Row,
    names: list[str],
    way: Row,
) -> None:
    wanted = {**config, **way, "leave_out_fields": names}
    output = sync(wanted, *NAMES)
    for name in names:
        allowed = {"user_stars.userId", "watchings.userId", "watched.userId"}
        found = left(output, name)
        assert {p for p in found if "SCHEMA" not in p} <= allowed
        assert {p.split(".")[0] for p in found if "SCHEMA" in p} <= {
            f"SCHEMA {place.split('.')[0]}" for place in allowed
        }
    assert misfits(output) == []


@pytest.mark.parametrize("way", [{}, FLAT], ids=["nested", "flat"])
@pytest.mark.parametrize("how", ["deselected", "left out"])
def test_files_of_batches_hold_no_more(
    config: Row,
    tmp_path: Path,
    way: Row,
    how: str,
) -> None:
    batches = {**BATCHED["batch_config"], "storage": {"root": tmp_path.as_uri()}}
    config = {**config, **way, "batch_config": batches}
    catalog = select("issues", "teams", "watchings", "recent_updates")
    if how == "left out":
        config["leave_out_fields"] = ["mailAddress"]
    else:
        deselect(catalog, lambda crumbs: crumbs[-1:] == ["mailAddress"])
    sync(config, catalog=catalog)
    files = [gzip.decompress(file.read_bytes()) for file in tmp_path.iterdir()]
    assert len(files) >= 4
    assert all(b"presenter" in file for file in files if b"issueKey" in file)
    assert not [file for file in files if b"mailAddress" in file]


def test_all_else_stays_as_it_was(config: Row) -> None:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without(v) for k, v in value.items() if k != "mailAddress"}
        return [without(one) for one in value] if isinstance(value, list) else value

    names = set(NAMES) - {"rate_limit"}
    whole = sync(config, *names)
    cut = sync({**config, "leave_out_fields": ["mailAddress"]}, *names)
    assert cut.by_stream == without(whole.by_stream)
    assert cut.states == whole.states
    for stream, message in whole.schemas.items():
        assert cut.schemas[stream]["schema"] == without(message["schema"])


MADE_OF_PARTS = {
    *("document_tree", "issue_attachments", "issue_categories"),
    *("issue_custom_field_values", "issue_milestones", "issue_stars"),
    *("issue_versions", "team_members"),
}


def spell_names_out(handler: Handler, answer: Answer) -> None:
    """Begin every name with a ``~`` in an unusual spelling."""
    body = answer.body.replace(b'"name":"', b'"name":"\\u007e')
    handler.send_answer(Answer(answer.status, body, answer.headers))


def spelt_anew(tmp_path: Path, config: Row) -> set[str]:
    """Return the streams whose rows were decoded: these have a plain ``~``."""
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select(*NAMES)))
    lines = run(tmp_path, config, "--catalog", str(catalog)).stdout.splitlines()
    return {json.loads(line)["stream"] for line in lines if "~" in line}


def test_rows_stay_raw_where_nothing_is_left_out(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.faults = [faults.Fault(spell_names_out, times=None)]
    # Rows that are made from parts of other rows are always decoded.
    assert spelt_anew(tmp_path, config) == MADE_OF_PARTS
    assert spelt_anew(tmp_path, {**config, "leave_out_fields": []}) == MADE_OF_PARTS
    cut = spelt_anew(tmp_path, {**config, "leave_out_fields": ["mailAddress"]})
    assert cut > {"issues", "users"} | MADE_OF_PARTS


@pytest.mark.parametrize("step", [[], ["items"]], ids=["plain", "with items"])
def test_a_list_is_entered_with_and_without_its_step(
    config: Row, step: list[str]
) -> None:
    crumbs = ["properties", "members", *step, "properties", "nulabAccount"]
    catalog = select("teams", "custom_fields")
    (teams,) = (entry for entry in catalog["streams"] if entry["stream"] == "teams")
    teams["metadata"] = [m for m in teams["metadata"] if len(m["breadcrumb"]) <= 2]
    entry = {"breadcrumb": crumbs, "metadata": {"selected": False}}
    teams["metadata"].append(entry)
    output = sync(config, catalog=catalog)
    places_left = left(output, "nulabAccount")
    assert "teams.createdUser.nulabAccount" in places_left
    assert not [place for place in places_left if "members" in place]
    assert any(row["members"] for row in output.by_stream["teams"])


def test_a_field_that_is_called_items_is_one(config: Row) -> None:
    crumbs = ["properties", "items", "properties", "displayOrder"]
    catalog = deselect(select("custom_fields"), lambda some: some == crumbs)
    rows = sync(config, catalog=catalog).by_stream["custom_fields"]
    items = [item for row in rows for item in row.get("items") or []]
    assert items
    assert not [item for item in items if "displayOrder" in item]
    assert all("displayOrder" in row for row in rows)


def test_a_place_that_no_schema_knows_can_be_deselected(config: Row) -> None:
    crumbs = ["properties", "content", "properties", "users", "properties", "lang"]
    catalog = select("recent_updates")
    entry = {"breadcrumb": crumbs, "metadata": {"selected": False}}
    for stream in catalog["streams"]:
        if stream["stream"] == "recent_updates":
            stream["metadata"].append(entry)
    rows = sync(config, catalog=catalog).by_stream["recent_updates"]
    users = [user for row in rows for user in row["content"].get("users", [])]
    assert users
    assert not [user for user in users if "lang" in user]
    assert all("lang" in row["createdUser"] for row in rows if row["createdUser"])


def test_one_pattern_of_meltano_reaches_every_address(config: Row) -> None:
    # So Meltano compares `!*.*mailAddress` with breadcrumbs.
    def is_meant(crumbs: list[str]) -> bool:
        return fnmatch.fnmatch(".".join(crumbs), "properties.*mailAddress")

    output = sync(config, catalog=deselect(select(*NAMES), is_meant))
    assert left(output, "mailAddress") == set()


def test_a_list_that_is_emptied_is_told(
    config: Row,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def is_meant(crumbs: list[str]) -> bool:
        return crumbs[1:2] == ["members"] and len(crumbs) > 2

    rows = sync(config, catalog=deselect(select("teams"), is_meant)).by_stream["teams"]
    assert all(member == {} for row in rows for member in row["members"])
    assert caplog.text.count("`teams.members` is selected, but nothing") == 1


def test_discovery_names_what_is_in_lists() -> None:
    tap = TapBacklog(config={}, validate_config=False)
    crumbs = {
        entry["stream"]: [tuple(m["breadcrumb"]) for m in entry["metadata"]]
        for entry in tap.catalog_dict["streams"]
    }
    for stream, *path in (
        ("issues", "sharedFiles", "createdUser", "mailAddress"),
        ("recent_updates", "content", "mailAddress"),
    ):
        there = tuple(crumb for name in path for crumb in ("properties", name))
        assert there in crumbs[stream]
    assert all(len(set(some)) == len(some) for some in crumbs.values())


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["id"], "cannot hold `id`: keys and bookmarks stay in each row"),
        (
            ["updated", "mailAddress", "projectId"],
            "cannot hold `projectId`, `updated`: keys",
        ),
        ({"x": 1}, "`leave_out_fields` must be a list"),
        ([1], "`leave_out_fields.0` must be text"),
    ],
)
def test_what_cannot_be_left_out_is_told_in_one_line(
    config: Row,
    names: Any,
    words: str,
) -> None:
    with pytest.raises(SettingsError) as raised:
        TapBacklog(config={**config, "leave_out_fields": names})
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_that_nothing_has_is_told_with_the_nearest(
    config: Row,
    tmp_path: Path,
) -> None:
    names = ["mailAdress", "key_id", "users", "keyID_", "mailAddress"]
    done = run(tmp_path, {**config, "leave_out_fields": names})
    assert done.returncode == 0
    told = [
        line for line in done.stderr.split("\n") if "`leave_out_fields` names" in line
    ]
    assert [line.split("names ")[1] for line in told] == [
        "`mailAdress`, which no report is known to hold. Did you mean `mailAddress`?",
        "`keyID_`, which no report is known to hold. Did you mean `keyId`?",
    ]
    assert '"mailAddress"' not in done.stdout


def test_the_setting_may_come_from_the_environment(config: Row, tmp_path: Path) -> None:
    env = {"TAP_BACKLOG_LEAVE_OUT_FIELDS": '["mailAddress"]'}
    done = run(tmp_path, config, "--config", "ENV", env=env)
    assert done.returncode == 0
    assert '"createdUser"' in done.stdout
    assert '"mailAddress"' not in done.stdout


def test_a_selection_without_cuts_changes_nothing() -> None:
    schema = {"type": "object", "properties": {"id": {"type": ["integer"]}}}
    selection = Selection(schema, {(): True})
    assert selection.schema == schema
    assert selection.apply({"id": 1, "x": {"y": 2}}) == {"id": 1, "x": {"y": 2}}
    assert not selection.looks_inside


def test_completing_metadata_twice_changes_nothing_more() -> None:
    stream = next(iter(TapBacklog(config={}, validate_config=False).all_streams))
    before = dict(stream.metadata)
    complete(stream.metadata, stream.schema)
    assert dict(stream.metadata) == before


@pytest.mark.parametrize("name", ["MailAddress", "mailaddress"])
def test_a_field_in_other_capitals_is_not_sent_after_all(name: str) -> None:
    config = {"host": "example.backlog.com", "api_key": "key"}
    with pytest.raises(SettingsError, match=f"`{name}` is not a field, write `mailAdd"):
        TapBacklog(config={**config, "leave_out_fields": [name]})


def test_a_field_of_a_free_object_may_be_named_like_another_one() -> None:
    config = {"host": "example.backlog.com", "api_key": "key"}
    TapBacklog(config={**config, "leave_out_fields": ["users", "user"]})
