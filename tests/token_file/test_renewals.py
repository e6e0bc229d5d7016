"""Renewals that are refused, late, or not needed any more."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from sample_space.wire.oauth import TOKEN_PATH
from tap_backlog.api import locked_file
from tap_backlog.api.token_file import TokenFile, Tokens
from tap_backlog.errors import BacklogError
from tests.support import sync
from tests.token_file.taps import (
    check_that_the_file_still_works,
    refresh_tokens_used,
    renew_elsewhere,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space.wire.request import Request

Row = dict[str, Any]


def test_a_refused_renewal_leaves_the_file_as_it_was(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    server.oauth.refresh_tokens.clear()
    with pytest.raises(BacklogError, match="invalid_grant"):
        sync(login, "space")
    assert not file.exists()
    file.write_text('{"refresh_token": "gone"}')
    with pytest.raises(BacklogError, match="invalid_grant"):
        sync(login, "space")
    assert file.read_text() == '{"refresh_token": "gone"}'


@pytest.mark.parametrize("is_due", [False, True])
def test_a_refused_refresh_token_is_looked_up_again(
    login: Row,
    file: Path,
    server: SampleServer,
    is_due: bool,  # noqa: FBT001
) -> None:
    def renew_first(request: Request) -> None:
        if request.path == TOKEN_PATH and server.count(TOKEN_PATH) == 1:
            renew_elsewhere(login, file, server)
            if is_due:
                kept = {**json.loads(file.read_text()), "expires_at": 1}
                file.write_text(json.dumps(kept))

    server.before_answer = renew_first
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == (2 if is_due else 1)
    check_that_the_file_still_works(file, server)


def test_a_new_access_token_that_is_refused_is_looked_up_again(
    login: Row,
    file: Path,
    server: SampleServer,
    options: Options,
) -> None:
    options.ends_old_access = True

    def renew_too(request: Request) -> None:
        if request.path != TOKEN_PATH and server.count() == 2:
            renew_elsewhere(login, file, server)

    server.before_answer = renew_too
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 1


def test_the_file_is_free_while_the_rate_limit_is_waited_out(
    login: Row,
    file: Path,
    server: SampleServer,
    options: Options,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options.rotates_tokens = False
    server.faults = [faults.Fault(faults.too_many(), TOKEN_PATH)]

    def renew_meanwhile(_: float) -> None:
        if not file.exists():
            with locked_file.locked(file, 0):
                renew_elsewhere(login, file, server)

    monkeypatch.setattr(time, "sleep", renew_meanwhile)
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 1


def test_tokens_of_a_newer_login_are_taken_and_stay_marked_as_such(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    server.oauth.refresh_tokens.add("new")
    newer = {**login, "oauth_credentials": {**login["oauth_credentials"]}}
    newer["oauth_credentials"]["refresh_token"] = "new"

    def log_in_anew(request: Request) -> None:
        if request.path == "projects" and server.count("projects") == 1:
            kept = TokenFile(str(file), "new")
            with kept.locked(0):
                kept.write(Tokens("new"))
            server.oauth.expiry_by_token.clear()

    server.before_answer = log_in_anew
    sync(login, "projects")
    server.oauth.expiry_by_token.clear()
    sync(newer, "space")
    used = refresh_tokens_used(server)
    assert used[1] == "new"
    assert len(used) == len(set(used)) == 3


def test_an_empty_file_is_filled(login: Row, file: Path, server: SampleServer) -> None:
    file.touch(mode=0o640)
    sync(login, "space")
    check_that_the_file_still_works(file, server)


def test_tokens_that_nobody_could_send_do_not_count(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    file.write_text(json.dumps({"refresh_token": "a\nb", "access_token": "c"}))
    assert sync(login, "space").by_stream["space"]
    file.write_text(
        json.dumps({**json.loads(file.read_text()), "access_token": "\ud83d"})
    )
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 2


def test_a_config_file_keeps_all_else_that_it_holds(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    more = {"user_agent": "\u6771\u4eac \ud83d", "project_keys": ["WEB"]}
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({**login, **more}).encode())
    sync(login, "space")
    check_that_the_file_still_works(file, server)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert {name: kept[name] for name in more} == more
    assert kept["oauth_credentials"]["client_id"] == "sample-client"
