"""Settings in the environment that are nearly right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.settings_nearly_right.words import (
    HOST,
    KEY,
    sentence_of,
    warnings_of,
)
from tests.support import command, parse, run
from tests.test_command import error_of

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]


def test_misspelt_variables_are_named() -> None:
    env = {
        "TAP_BACKLOG_HOST": HOST,
        "TAP_BACKLOG_APIKEY": KEY,
        "TAP_BACKLOG_PROJECT_KEY": '["WEB"]',
        "TAP_BACKLOG_FROM_ANOTHER_TOOL": "x",
        "TAP_BACKLOG_EMPTY": "",
        "TAP_BACKLOG_LOGLEVEL": "INFO",
        "TAP_BACKLOG_LOG_FORMAT": "console",
        "TAP_BACKLOG_CLIENT_SECRET": KEY,
        "TAP_BACKLOG__SELECT": '["*.*"]',
        "_TAP_BACKLOG_COMPLETE": "",
    }
    result = command("--config=ENV", env=env)
    assert sentence_of(result) == (
        "`TAP_BACKLOG_APIKEY` is not a setting, write `TAP_BACKLOG_API_KEY`; "
        "`TAP_BACKLOG_PROJECT_KEY` is not a setting, write `TAP_BACKLOG_PROJECT_KEYS`."
    )
    assert warnings_of(result) == [
        (
            "Unknown settings have no effect: `TAP_BACKLOG_FROM_ANOTHER_TOOL`, "
            "`TAP_BACKLOG_LOG_FORMAT`."
        )
    ]


def test_variables_count_only_if_the_environment_is_read(
    tmp_path: Path, config: Row
) -> None:
    env = {"TAP_BACKLOG_APIKEY": KEY, "TAP_BACKLOG_HOST": "x"}
    result = run(tmp_path, config, "--plan", env=env)
    assert result.returncode == 0
    assert warnings_of(result) == []


def test_a_variable_that_nobody_reads_is_named_where_its_setting_is_missing(
    tmp_path: Path,
) -> None:
    env = {"TAP_BACKLOG_HOST": HOST, "TAP_BACKLOG_API_KEY": KEY}
    expected = (
        "`host` is missing (TAP_BACKLOG_HOST is set, but the environment is read only "
        "with --config=ENV); `api_key` is missing (TAP_BACKLOG_API_KEY is set, but the "
        "environment is read only with --config=ENV)."
    )
    assert sentence_of(run(tmp_path, {}, env=env)) == expected
    assert sentence_of(command("--test", env=env)) == expected
    assert sentence_of(command("--test")) == (
        "`host` is missing; `api_key` is missing (or `oauth_credentials` instead)."
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("MAX_RETRIES", "many", "a whole number"),
        ("REQUEST_TIMEOUT", "", "a whole number"),
        ("OAUTH_CREDENTIALS", "client_id=x", "JSON, an object in braces"),
        ("STREAM_MAPS", "{", "JSON, an object in braces"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    name: str, text: str, words: str
) -> None:
    env = {"TAP_BACKLOG_HOST": HOST, "TAP_BACKLOG_API_KEY": KEY}
    result = command("--config=ENV", env={**env, f"TAP_BACKLOG_{name}": text})
    expected = f"the environment variable `TAP_BACKLOG_{name}` must be {words}."
    assert sentence_of(result) == expected


def test_numbers_and_lists_come_from_the_environment(
    config: Row, server: SampleServer
) -> None:
    first, second = server.space.projects[:2]
    env = {
        "TAP_BACKLOG_HOST": f" {config['host']}/\n",
        "TAP_BACKLOG_API_KEY": f"{config['api_key']}\n",
        "TAP_BACKLOG_RATE_LIMIT_RESERVE": "0.25",
        "TAP_BACKLOG_PROJECT_KEYS": f"{first.key.lower()}, {second.key}",
    }
    result = command("--config=ENV", env=env)
    assert result.returncode == 0, result.stderr
    assert len(parse(result.stdout).by_stream["projects"]) == 2


@pytest.mark.parametrize("name", ["env", "Env"])
def test_the_environment_is_asked_for_in_capitals(tmp_path: Path, name: str) -> None:
    result = command(f"--config={name}", cwd=tmp_path)
    assert (
        f"The file {name} of --config was not found; to read the environment, write "
        "--config=ENV in capitals." in error_of(result)
    )


def test_a_file_that_is_called_env_is_read(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("{}")
    assert "`host` is missing" in sentence_of(command("--config=env", cwd=tmp_path))


def test_a_config_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    assert (
        f"The file config.json of --config was not found in the folder {tmp_path}."
        in error_of(command("--config=config.json", cwd=tmp_path))
    )
    path = tmp_path / "config.json"
    assert f"The file {path} of --config was not found; check the path." in error_of(
        command("--config", str(path))
    )
