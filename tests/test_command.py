"""What the user sees: clear lines and exit codes, but never a traceback or the key."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, faults, make_space
from tests.support import command, parse, run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Row = dict[str, Any]

KEY = "Secret/Key+with=signs"


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says what went wrong."""
    assert result.returncode == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    errors = [line for line in result.stderr.splitlines() if "| ERROR" in line]
    assert len(errors) == 1, result.stderr
    assert errors[0] == result.stderr.splitlines()[-1]
    assert KEY not in result.stderr
    return errors[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": None}, ["`host` is missing"]),
        ({"api_key": None}, ["`api_key` is missing"]),
        ({"host": None, "api_key": None}, ["`host` is missing", "`api_key` is missing"]),
        ({"host": ""}, ["`host` is empty"]),
        ({"host": "  "}, ["`host` is empty"]),
        ({"host": 5}, ["`host` must be text"]),
        ({"host": "http://example.backlog.com"}, ["`host` must be reached by https"]),
        ({"host": "ftp://example.backlog.com"}, ["`host` is not a host name"]),
        ({"host": "exa mple.com"}, ["`host` is not a host name"]),
        ({"host": "example.com/a/../b"}, ["`host` is not a host name"]),
        ({"host": "https://user:pw@example.com"}, ["`host` is not a host name"]),
        ({"host": "example.com?x=1"}, ["`host` is not a host name"]),
        ({"host": "https://example.com:99999"}, ["`host` is not a host name"]),
        ({"host": "https://[::1"}, ["`host` is not a host name"]),
        ({"api_key": ""}, ["`api_key` is empty"]),
        ({"api_key": f"{KEY}\n{KEY}"}, ["`api_key` holds characters"]),
        ({"api_key": f"{KEY}\u0007"}, ["`api_key` holds characters"]),
        ({"api_key": "\uff41\uff42"}, ["`api_key` holds characters"]),
        ({"api_key": 12}, ["`api_key` must be text"]),
        ({"api_key_in": "cookie"}, ["`api_key_in` must be one of header, query"]),
        ({"start_date": "yesterday"}, ["`start_date` is not a date"]),
        ({"start_date": "2026-13-01"}, ["`start_date` is not a date"]),
        ({"request_timeout": "soon"}, ["`request_timeout` must be a whole number"]),
        ({"request_timeout": 0}, ["`request_timeout` must be at least 1"]),
        ({"max_retries": -1}, ["`max_retries` must be at least 0"]),
        ({"include_archived": "yes"}, ["`include_archived` must be true or false"]),
        ({"project_keys": 5}, ["`project_keys` must be a list"]),
        ({"project_keys": ""}, ["`project_keys` must be a list of project keys"]),
        ({"project_keys": ["../WEB"]}, ["`project_keys` must be a list of project keys"]),
        ({"user_agent": "a\r\nb: c"}, ["`user_agent` holds characters"]),
    ],
)
def test_malformed_settings_are_named(
    tmp_path: Path, settings: Row, words: list[str]
) -> None:
    config = {"host": "example.backlog.com", "api_key": KEY, **settings}
    config = {name: value for name, value in config.items() if value is not None}
    error = error_of(run(tmp_path, config))
    for word in words:
        assert word in error


def test_a_config_that_is_no_json_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(f'{{"api_key": "{KEY}",}}')
    assert "is not JSON" in error_of(command("--config", str(file)))


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "3"])
def test_a_config_that_is_no_object_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(content)
    assert "is not a JSON object" in error_of(command("--config", str(file)))


def test_a_missing_config_is_told(tmp_path: Path) -> None:
    assert "was not found" in error_of(command("--config", str(tmp_path / "no.json")))


@pytest.mark.parametrize("option", ["--state", "--catalog"])
@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_broken_state_or_catalog_is_told(
    tmp_path: Path,
    config: Row,
    option: str,
    content: str,
) -> None:
    file = tmp_path / "broken.json"
    file.write_text(content)
    assert option.strip("-") in error_of(run(tmp_path, config, option, str(file)))


def test_a_wrong_key_is_told(tmp_path: Path, config: Row) -> None:
    error = error_of(run(tmp_path, {**config, "api_key": KEY}))
    assert "GET /api/v2/projects" in error
    assert "HTTP 401: Authentication failure. (code 11)" in error
    assert "Check `api_key`" in error


def test_an_unknown_host_is_told(tmp_path: Path) -> None:
    config = {"host": "no-such-space.invalid", "api_key": KEY}
    error = error_of(run(tmp_path, config))
    assert "No host no-such-space.invalid is known" in error
    assert "Check `host`" in error


def test_a_closed_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = error_of(run(tmp_path, {"host": host, "api_key": KEY}))
    assert "Cannot connect to 127.0.0.1" in error
    assert "Connection refused" in error


def test_a_tls_failure_is_told(tmp_path: Path, server: SampleServer) -> None:
    host = server.url.replace("http:", "https:")
    error = error_of(run(tmp_path, {"host": host, "api_key": KEY}))
    assert "TLS failed" in error


@pytest.mark.parametrize("path", ["/wrong", "/wrong/path/"])
def test_a_wrong_path_is_told(tmp_path: Path, config: Row, path: str) -> None:
    error = error_of(run(tmp_path, {**config, "host": config["host"] + path}))
    assert "GET /wrong" in error
    assert "HTTP 404: 'Not Found'" in error
    assert "Check `host`" in error


def test_an_unknown_project_is_told(tmp_path: Path, config: Row) -> None:
    error = error_of(run(tmp_path, {**config, "project_keys": ["NOPE"]}))
    assert "No project NOPE" in error


def test_a_redirect_is_told_and_the_key_does_not_follow(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    with SampleServer(server.space) as elsewhere:
        server.faults = [faults.Fault(faults.redirect(elsewhere.url), times=None)]
        error = error_of(run(tmp_path, config))
        assert not elsewhere.requests
    assert "was redirected to 127.0.0.1" in error
    assert server.count() == 1


@pytest.mark.parametrize("code", [2, 3])
@pytest.mark.parametrize("status", [402, 403])
def test_an_expired_licence_ends_the_run_at_once(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    status: int,
    code: int,
) -> None:
    play = faults.error(status, code, "Licence.")
    server.faults = [faults.Fault(play, times=None)]
    assert "Licence. (code" in error_of(run(tmp_path, config))
    assert server.count() <= 2


def test_an_outage_is_told_after_the_last_try(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    server.faults = [faults.Fault(faults.maintenance(503), times=None)]
    error = error_of(run(tmp_path, {**config, "max_retries": 2}))
    assert "GET /api/v2/space failed with HTTP 503: 'Maintenance'" in error
    assert server.count() == 3


def test_a_failure_in_mid_run_leaves_whole_messages_and_a_state(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    server.faults = [faults.Fault(faults.maintenance(503), "issues", skip=2, times=None)]
    result = run(tmp_path, {**config, "max_retries": 0})
    assert result.returncode == 1
    output = parse(result.stdout)
    read = {row["id"] for row in output.by_stream["issues"]}
    server.faults.clear()
    state = tmp_path / "state.json"
    state.write_text(json.dumps(output.states[-1], default=float))
    rest = parse(run(tmp_path, config, "--state", str(state)).stdout)
    read |= {row["id"] for row in rest.by_stream["issues"]}
    assert read == set(space.issues)


def test_a_revoked_key_ends_the_run(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    play = faults.error(401, 11, "Authentication failure.")
    server.faults = [faults.Fault(play, "issues", skip=1, times=None)]
    result = run(tmp_path, config)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Check `api_key`" in result.stderr.splitlines()[-1]


def test_the_last_line_names_what_was_refused(tmp_path: Path, member_config: Row) -> None:
    result = run(tmp_path, member_config)
    assert result.returncode == 0
    assert "teams" in result.stderr.splitlines()[-1]
    assert "HTTP 403" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("place", ["header", "query"])
@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_key_is_never_shown(tmp_path: Path, place: str, level: str) -> None:
    options = Options(projects=2, users=3, teams=2, issues=5, activities=5, admin_key=KEY)
    with SampleServer(make_space(options)) as server:
        server.faults = [
            faults.Fault(faults.maintenance(500), "projects"),
            faults.Fault(faults.drop, "teams"),
        ]
        config = {"host": server.url, "api_key": KEY, "api_key_in": place}
        file = tmp_path / "config.json"
        file.write_text(json.dumps(config))
        env = {"TAP_BACKLOG_LOGLEVEL": level}
        result = command("--config", str(file), env=env)
        about = command("--about", "--config", str(file), env=env)
        sent = [
            r.headers.get("backlog-api-key") or r.query["apiKey"][0]
            for r in server.requests
        ]
    assert result.returncode == 0, result.stderr
    assert set(sent) == {KEY}
    assert all((place == "query") == ("apiKey" in r.query) for r in server.requests)
    shown = result.stdout + result.stderr + about.stdout + about.stderr
    for spelling in (KEY, "Secret%2FKey", "Secret/Key", "with%3Dsigns"):
        assert spelling not in shown


def test_settings_come_from_the_environment(config: Row, space: Space) -> None:
    env = {
        "TAP_BACKLOG_HOST": config["host"],
        "TAP_BACKLOG_API_KEY": config["api_key"],
        "TAP_BACKLOG_PROJECT_KEYS": f'["{space.projects[0].key}"]',
        "TAP_BACKLOG_INCLUDE_ARCHIVED": "false",
        "TAP_BACKLOG_REQUEST_TIMEOUT": "5",
    }
    result = command("--config=ENV", env=env)
    assert result.returncode == 0, result.stderr
    assert len(parse(result.stdout).by_stream["projects"]) == 1


def test_a_malformed_environment_is_told(config: Row) -> None:
    env = {
        "TAP_BACKLOG_HOST": config["host"],
        "TAP_BACKLOG_API_KEY": KEY,
        "TAP_BACKLOG_MAX_RETRIES": "many",
    }
    assert "environment variable" in error_of(command("--config=ENV", env=env))


def test_a_wrong_stream_map_is_told(tmp_path: Path, config: Row) -> None:
    maps = {"stream_maps": {"space": {"x": "no_such_function(1)"}}}
    result = run(tmp_path, {**config, **maps})
    assert result.returncode == 1
    error = result.stderr.splitlines()[-1]
    assert "'no_such_function(1)' of `x` in `space` fails on" in error
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("stream", "value"),
    [("issues", "last week"), ("issues", 5), ("recent_updates", "x")],
)
def test_a_bookmark_that_cannot_be_read_is_told(
    tmp_path: Path,
    config: Row,
    stream: str,
    value: object,
) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"bookmarks": {stream: {"replication_key_value": value}}}))
    result = run(tmp_path, config, "--state", str(file))
    assert result.returncode == 1
    assert f"bookmark of `{stream}` cannot be read" in result.stderr.splitlines()[-1]


def test_about_documents_every_setting() -> None:
    about = json.loads(command("--about", "--format=json").stdout)
    settings = about["settings"]["properties"]
    assert {
        "host",
        "api_key",
        "api_key_in",
        "project_keys",
        "start_date",
    } <= settings.keys()
    assert all(setting["description"] for setting in settings.values())
    assert settings["api_key"]["secret"] is True


def test_test_and_discover_modes_work(tmp_path: Path, config: Row) -> None:
    assert "SCHEMA" in run(tmp_path, config, "--test=schema").stdout
    assert len(json.loads(run(tmp_path, config, "--discover").stdout)["streams"]) == 53
    assert len(json.loads(command("--discover").stdout)["streams"]) == 53


def test_numbers_of_the_config_keep_the_tap_within_limits(
    tmp_path: Path,
    config: Row,
) -> None:
    limits = {"rate_limit_reserve": 0.25, "requests_per_minute": 6000.5}
    result = run(tmp_path, {**config, **limits})
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["test"], "Did you mean `--test`?"),
        (["--config", "ENV", "plan"], "Did you mean `--plan`?"),
        (["--select", "issues", "users"], "--select issues,users or"),
        (["--exclude", "issue_stars", "issue_versions"], "Names go between commas"),
    ],
)
def test_arguments_without_an_option_are_told_with_what_may_be_meant(
    arguments: list[str], words: str
) -> None:
    result = command(*arguments)
    assert result.returncode == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_help_has_its_short_name() -> None:
    assert command("-h").stdout == command("--help").stdout != ""
