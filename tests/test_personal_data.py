"""docs/personal-data.md names all columns with people; its settings leave them out."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema
import pytest

from sample_space import Options, Space
from scripts.personal_data import FREE_TEXTS, PERSON_FIELDS, is_person, rows, shapes
from tap_backlog.streams.shapes import PERSONAL_FIELDS
from tap_backlog.tap import TapBacklog
from tests.pages import blocks, tables
from tests.support import ROOT, Output, sync, without_limits

Row = dict[str, Any]
PAGES = ["docs/personal-data.md", "docs/personal-data.ja.md"]
ALL = list(TapBacklog(config={}, validate_config=False).streams)


@pytest.fixture
def options() -> Options:
    """Return a space without rate limits."""
    return without_limits(
        Options(projects=3, users=12, teams=5, issues=60, activities=60)
    )


def settings() -> list[Row]:
    return [json.loads(block) for block in blocks(PAGES[0], "json")]


def strings(value: object) -> set[str]:
    """Return every text in plain JSON."""
    if isinstance(value, dict):
        return {text for inner in value.values() for text in strings(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in strings(inner)}
    return {value} if isinstance(value, str) else set()


def told_of_people(space: Space, *fields: str) -> set[str]:
    """Return what the sample space says about its people in some fields."""
    found: set[str] = set()
    for user in space.users:
        account = user["nulabAccount"] or {}
        found |= {
            text for name in fields if (text := user.get(name) or account.get(name))
        }
    return found


def words_of(output: Output) -> str:
    return "\n".join(sorted(strings(list(output.by_stream.values()))))


def test_every_field_with_the_shape_of_a_person_is_known() -> None:
    persons = {name for name, schema in shapes() if is_person(schema)}
    assert persons | {"users"} == PERSON_FIELDS
    assert not PERSON_FIELDS & FREE_TEXTS


@pytest.mark.parametrize("page", PAGES)
def test_the_table_is_that_of_the_schemas(page: str) -> None:
    shown = [[cell.replace("各行", "each row") for cell in row] for row in tables(page)]
    assert shown == [row.cells for row in rows()]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_told_of_a_person_is_listed(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").partition("\n| ")[0]
    assert all(f"`{name}`" in text for name in PERSONAL_FIELDS)


def test_both_pages_hold_the_same_settings() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])


def test_people_are_there_unless_they_are_left_out(config: Row, space: Space) -> None:
    words = words_of(sync(config, *ALL))
    for text in told_of_people(space, "mailAddress", "name", "userId", "nulabId"):
        assert text in words


def test_mail_addresses_and_logins_are_left_out(config: Row, space: Space) -> None:
    output = sync(config | settings()[0], *ALL)
    words = words_of(output)
    for text in told_of_people(space, "mailAddress", "userId", "nulabId", "uniqueId"):
        assert text not in words
    assert any(row["name"] for row in output.by_stream["users"])


@pytest.mark.parametrize(
    "flat", [{}, {"flattening_enabled": True, "flattening_max_depth": 1}]
)
def test_nobody_is_left_where_people_are_left_out(
    config: Row, space: Space, flat: Row
) -> None:
    output = sync(config | settings()[1] | flat, *ALL)
    words = words_of(output)
    for text in told_of_people(space, "mailAddress", "name", "userId", "nulabId"):
        assert text not in words
    people = {"users", "project_users", "project_administrators", "team_members"}
    assert not (people | {"issue_participants"}) & output.schemas.keys()
    assert len(output.by_stream["issues"]) == len(space.issues)
    for schema in output.schemas.values():
        assert not {"assignee", "createdUser"} & schema["schema"]["properties"].keys()


def hashed(text: str | None) -> str | None:
    secret = settings()[2]["stream_map_config"]["secret"]
    return text and hashlib.sha256((secret + text).encode()).hexdigest()


def test_hashes_tell_the_same_person_and_nothing_else(config: Row, space: Space) -> None:
    output = sync(config | settings()[2], *ALL)
    words = words_of(output)
    for text in told_of_people(space, "mailAddress", "name", "userId", "nulabId"):
        assert text not in words
    by_id = {user["id"]: user for user in space.users}
    for row in output.by_stream["users"]:
        for name in ("userId", "name", "mailAddress"):
            assert row[name] == hashed(by_id[row["id"]][name])
    for row in output.by_stream["issues"]:
        assignee = space.issues[row["id"]]["assignee"] or {}
        assert row["assigneeHash"] == hashed(assignee.get("userId"))
        assert "assignee" not in row
    mails = [row["mailAddress"] for row in output.by_stream["users"]]
    assert None in mails
    assert None in [row["assigneeHash"] for row in output.by_stream["issues"]]
    for stream, found in output.by_stream.items():
        validator = jsonschema.Draft7Validator(output.schemas[stream]["schema"])
        for row in found:
            assert validator.is_valid(json.loads(json.dumps(row, default=float)))


def test_texts_can_be_left_out_too(config: Row) -> None:
    output = sync(config | settings()[3], "issues", "issue_comments")
    assert "issue_comments" not in output.schemas
    assert (
        not {"summary", "description", "customFields"}
        & output.by_stream["issues"][0].keys()
    )
