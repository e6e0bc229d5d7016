"""``--test`` says whether a sync can run, and what the key may not read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import faults
from sample_space.answers import Answer
from tests.support import run

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]


def host_of(config: Row) -> str:
    return str(config["host"]).removeprefix("http://")


def test_the_verdict_names_space_user_role_projects_and_limit(
    tmp_path: Path, config: Row, space: Space
) -> None:
    result = run(tmp_path, config, "--test")
    connection, streams = result.stdout.splitlines()
    owner = next(user for user in space.users if user["roleType"] == 1)
    assert re.fullmatch(
        re.escape(f"Connected to サンプル株式会社 ({host_of(config)}) as ")
        + re.escape(f"{owner['name']}, administrator; 4 projects; ")
        + r"\d+ of 600 read requests left this minute\.",
        connection,
    )
    assert streams == "This key may read all 42 streams that are selected."
    assert result.stderr == ""
    assert result.returncode == 0


def test_what_the_key_may_not_read_is_named_once(
    tmp_path: Path, member_config: Row
) -> None:
    result = run(tmp_path, member_config, "--test", "--exclude=users")
    connection, streams = result.stdout.splitlines()
    assert ", member; " in connection
    assert streams == (
        "This key may not read 5 streams: project_disk_usage, space_disk_usage, "
        "team_members, teams, webhooks."
    )
    assert result.stderr == ""
    assert result.returncode == 0


def test_a_choice_of_streams_is_all_that_is_asked_for(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    result = run(tmp_path, config, "--test", "--select=issues")
    assert result.stdout.splitlines()[1] == "This key may read `issues`."
    paths = [request.path for request in server.requests]
    assert set(paths) == {"issues", "projects", "space", "users/myself"}
    assert len(paths) <= 5  # the second page of the issues is requested ahead


def test_a_stream_that_is_refused_row_by_row_is_named(
    tmp_path: Path, config: Row, server: SampleServer, space: Space
) -> None:
    play = faults.error(403, 5, "You do not have permission.")
    server.faults = [
        faults.Fault(play, f"issues/{issue}/comments", times=None)
        for issue in space.issues
    ]
    result = run(tmp_path, config, "--test", "--select=issues,issue_comments")
    assert result.stdout.splitlines()[1] == (
        "This key may not read 1 stream: issue_comments."
    )
    assert result.stderr == ""
    assert len(server.requests) <= 10


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_key": "another-key"}, "Authentication failure."),
        ({"project_keys": ["NOPE"]}, "No project NOPE"),
        ({"host": "no-such-space.invalid"}, "No host no-such-space.invalid is known"),
    ],
)
def test_wrong_settings_are_one_line_and_exit_code_1(
    tmp_path: Path, config: Row, settings: Row, words: str
) -> None:
    result = run(tmp_path, config | settings, "--test")
    assert result.returncode == 1
    assert result.stdout == ""
    assert words in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_a_stream_that_fails_ends_with_exit_code_1(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.faults = [faults.Fault(faults.error(500, 1, "Broken."), "users", times=None)]
    result = run(tmp_path, config | {"max_retries": 0}, "--test", "--select=users")
    assert result.returncode == 1
    assert "GET /api/v2/users failed" in result.stderr


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (1, ", administrator;"),
        (2, ", member;"),
        (4, ", viewer;"),
        (255, ";"),
        (None, ";"),
        ("1", ";"),
    ],
)
def test_the_role_is_told_in_words_where_it_is_known(
    tmp_path: Path, config: Row, server: SampleServer, role: object, words: str
) -> None:
    owner = {"id": 1, "userId": "me", "name": "Me", "roleType": role}
    server.faults = [
        faults.Fault(
            faults.instead(Answer(200, json.dumps(owner).encode())),
            "users/myself",
            times=None,
        )
    ]
    connection, _ = run(tmp_path, config, "--test", "--select=space").stdout.splitlines()
    assert f" as Me{words} 4 projects;" in connection


def test_the_schemas_can_still_be_tested_alone(tmp_path: Path, config: Row) -> None:
    result = run(tmp_path, config, "--test=schema")
    assert result.stdout.count('"SCHEMA"') == 53
    assert result.returncode == 0
