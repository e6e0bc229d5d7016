"""OAuth 2.0 with the sample space's authorization server."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import SampleServer, faults
from sample_space.answers import Answer
from sample_space.wire.oauth import TOKEN_PATH
from tap_backlog.errors import BacklogError, SettingsError
from tests.support import run, sync

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Options

Row = dict[str, Any]


@pytest.fixture
def login(server: SampleServer, options: Options) -> Row:
    """Return a config with OAuth credentials and no key."""
    return {
        "host": server.url,
        "oauth_credentials": {
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "refresh_token": options.refresh_token,
        },
    }


def with_(login: Row, **credentials: object) -> Row:
    return {
        **login,
        "oauth_credentials": {**login["oauth_credentials"], **credentials},
    }


def test_a_run_asks_for_a_token_first_and_reads_everything(
    login: Row,
    config: Row,
    server: SampleServer,
) -> None:
    by_token = sync(login)
    assert server.requests[0].path == TOKEN_PATH
    assert server.count(TOKEN_PATH) == 1
    assert not any("backlog-api-key" in r.headers for r in server.requests)
    rows = by_token.by_stream
    del rows["rate_limit"]
    assert rows == {n: r for n, r in sync(config).by_stream.items() if n in rows}


def test_an_access_token_of_the_settings_is_used(
    login: Row,
    server: SampleServer,
) -> None:
    server.oauth.expiry_by_token["good"] = time.time() + 60
    sync(with_(login, access_token="good"), "space")
    assert server.count(TOKEN_PATH) == 0


def test_a_token_that_is_refused_is_renewed_once(
    login: Row,
    server: SampleServer,
) -> None:
    output = sync(with_(login, access_token="stale"), "space", "projects")
    assert output.by_stream["projects"]
    assert server.count(TOKEN_PATH) == 1


def test_a_token_that_runs_out_during_the_run_is_renewed(
    login: Row,
    server: SampleServer,
    options: Options,
) -> None:
    server.oauth.expiry_by_token["good"] = time.time() + 60

    def expire(_: object) -> None:
        if server.count("issues") == 3:
            server.oauth.expiry_by_token.pop("good", None)

    server.before_answer = expire
    output = sync(with_(login, access_token="good"), "issues")
    assert len(output.by_stream["issues"]) == options.issues
    assert server.count(TOKEN_PATH) == 1


def test_a_token_is_renewed_before_it_runs_out(
    login: Row,
    server: SampleServer,
    options: Options,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options.token_lifetime = 100
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def pass_time(_: object) -> None:
        now[0] += 12

    server.before_answer = pass_time
    sync(login, "issues", "issue_types", "categories")
    statuses = server.count(TOKEN_PATH)
    assert statuses == 2
    assert server.count("issues") == 4  # no request was refused and sent again


def test_a_token_that_stays_refused_fails_clearly_after_one_renewal(
    login: Row,
    server: SampleServer,
    options: Options,
) -> None:
    options.token_lifetime = -1
    with pytest.raises(BacklogError, match="access token expired") as caught:
        sync(with_(login, access_token="stale"), "space")
    assert "oauth_credentials" in str(caught.value)
    assert server.count(TOKEN_PATH) == 1


def test_a_refresh_token_that_is_refused_fails_clearly(
    login: Row,
    server: SampleServer,
) -> None:
    with pytest.raises(BacklogError, match="invalid_grant") as caught:
        sync(with_(login, refresh_token="gone"), "space")
    assert "tap-backlog-login" in str(caught.value)
    assert server.count() == 1


def test_an_outage_of_the_token_endpoint_is_waited_out(
    login: Row,
    server: SampleServer,
    options: Options,
    waits: list[float],
) -> None:
    options.rotates_tokens = False
    empty = faults.instead(Answer(200, b""))
    plays = (faults.maintenance(503), faults.drop, faults.too_many(), empty)
    server.faults = [faults.Fault(play, TOKEN_PATH) for play in plays]
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 5
    assert any(wait == 60 for wait in waits)


def test_the_token_request_is_not_redirected(login: Row, server: SampleServer) -> None:
    with SampleServer(server.space) as other:
        play = faults.redirect(f"{other.url}/api/v2/oauth2/token")
        server.faults = [faults.Fault(play, TOKEN_PATH, times=None)]
        with pytest.raises(BacklogError):
            sync(login, "space")
        assert other.count() == 0


def test_a_changed_refresh_token_is_used_and_told(
    login: Row,
    server: SampleServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def expire(_: object) -> None:
        if server.count() == 3:
            server.oauth.expiry_by_token.clear()

    server.before_answer = expire
    sync(login, "space", "projects")
    tokens = [r.form["refresh_token"] for r in server.requests if r.form]
    assert len(tokens) == 2
    assert tokens[0] != tokens[1]
    assert "token_file" in caplog.text
    assert not any(token in caplog.text for token in tokens)


def test_tokens_are_kept_in_a_file_from_run_to_run(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    file = tmp_path / "tokens.json"
    login = with_(login, token_file=str(file))
    sync(login, "space")
    sync(login, "space")
    assert server.count(TOKEN_PATH) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    server.oauth.expiry_by_token.clear()
    sync(login, "space")
    assert server.count(TOKEN_PATH) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.json"]


def test_tokens_may_be_kept_in_the_config_file(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.json"
    login = with_({**login, "project_keys": ["WEB"]}, token_file=str(file))
    for _ in range(2):
        config = json.loads(file.read_text()) if file.exists() else login
        assert run(tmp_path, config).returncode == 0
        server.oauth.expiry_by_token.clear()
    kept = json.loads(file.read_text())
    assert kept["project_keys"] == ["WEB"]
    assert kept["oauth_credentials"]["refresh_token"] in server.oauth.refresh_tokens
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_new_login_counts_more_than_an_old_file(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    login = with_(login, token_file=str(tmp_path / "tokens.json"))
    sync(login, "space")
    server.oauth.refresh_tokens = {"new"}
    server.oauth.expiry_by_token.clear()
    assert sync(with_(login, refresh_token="new"), "space").by_stream["space"]


def test_what_another_run_has_renewed_is_used(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    file = tmp_path / "tokens.json"
    login = with_(login, token_file=str(file))
    sync(login, "space")

    def renew_elsewhere(_: object) -> None:
        if server.count("projects") == 1:
            server.oauth.expiry_by_token.clear()
            kept = json.loads(file.read_text())
            form = {**login["oauth_credentials"], "grant_type": "refresh_token"}
            form["refresh_token"] = kept["refresh_token"]
            renewed = json.loads(server.oauth.token(form).body)
            file.write_text(json.dumps({**kept, **renewed}))

    server.before_answer = renew_elsewhere
    assert sync(login, "projects").by_stream["projects"]
    assert server.count(TOKEN_PATH) == 1


@pytest.mark.parametrize("content", ["Milk", "[]", '{"oauth_credentials": 1}'])
def test_a_file_of_another_kind_is_left_alone(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    content: str,
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(content)
    with pytest.raises(SettingsError, match="token_file"):
        sync(with_(login, token_file=str(file)), "space")
    assert file.read_text() == content
    assert server.count() == 0


def test_a_file_without_a_folder_is_found_before_a_token_is_spent(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="token_file"):
        sync(with_(login, token_file=str(tmp_path / "no/tokens.json")), "space")
    assert server.count() == 0


@pytest.mark.parametrize(
    ("credentials", "complaint"),
    [
        ({"client_id": "a"}, "`oauth_credentials.client_secret` is missing"),
        ({"client_id": 7}, "`oauth_credentials.client_id` must be text"),
        ({"client_id": "a b"}, "`oauth_credentials.client_id` holds characters"),
        ({"refresh_token": ""}, "`oauth_credentials.refresh_token` is empty"),
        ("text", "`oauth_credentials` must be an object"),
    ],
)
def test_credentials_that_cannot_be_used_are_named(
    credentials: object,
    complaint: str,
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        sync({"host": "example.backlog.com", "oauth_credentials": credentials})


def test_parts_that_meltano_leaves_unset_do_not_count(config: Row) -> None:
    unset = dict.fromkeys(["client_id", "client_secret", "refresh_token", "token_file"])
    assert sync({**config, "oauth_credentials": unset}, "space").by_stream["space"]


def test_no_token_is_ever_shown(login: Row, server: SampleServer, tmp_path: Path) -> None:
    env = {"TAP_BACKLOG_LOGLEVEL": "DEBUG"}
    echo = faults.error(401, 11, "no")
    server.faults = [faults.Fault(echo, "teams", times=None)]
    result = run(tmp_path, login, env=env)
    assert "POST" in result.stderr
    told = result.stdout + result.stderr
    known = [*server.oauth.refresh_tokens, *server.oauth.expiry_by_token]
    known += [login["oauth_credentials"][n] for n in ("client_secret", "refresh_token")]
    assert not [secret for secret in known if secret in told]
