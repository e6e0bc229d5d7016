"""Keys of projects and of the API that are nearly right."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tap_backlog.redaction import MASK
from tap_backlog.settings import schema as settings
from tap_backlog.tap import TapBacklog
from tests.settings_nearly_right.words import (
    HOST,
    KEY,
    sentence_of,
)
from tests.support import parse, run, select

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["app"], ["APP"]),
        ([" App\n", "WEB_2"], ["APP", "WEB_2"]),
        ("WEB", ["WEB"]),
        ("WEB,OPS", ["WEB", "OPS"]),
        (" web, ops、lab ", ["WEB", "OPS", "LAB"]),
        ([], []),
        ("", [""]),
        (["\uff37EB", 5], ["\uff37EB", 5]),
    ],
)
def test_keys_of_projects_are_taken_as_they_are_meant(
    given: object, meant: list[object]
) -> None:
    assert settings.cleaned({"project_keys": given}) == {"project_keys": meant}


def test_a_project_key_in_small_letters_is_found(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    key = server.space.projects[0].key
    for keys in ([f" {key.lower()} "], key.lower()):
        catalog = tmp_path / "catalog.json"
        catalog.write_text(json.dumps(select("projects")))
        odd = {**config, "project_keys": keys}
        result = run(tmp_path, odd, "--catalog", str(catalog))
        assert result.returncode == 0, result.stderr
        (row,) = parse(result.stdout).by_stream["projects"]
        assert row["projectKey"] == key


def test_a_text_stands_for_a_list_of_fields_too() -> None:
    given = {"leave_out_fields": "mailAddress, userId"}
    meant = {"leave_out_fields": ["mailAddress", "userId"]}
    assert settings.cleaned(given) == meant


@pytest.mark.parametrize("key", ["your-api-key", "your API key", "...", "YOUR_API_KEY"])
def test_the_key_of_an_example_is_told(tmp_path: Path, key: str) -> None:
    assert sentence_of(run(tmp_path, {"host": HOST, "api_key": key})) == (
        "`api_key` is still the example's; make your own key in Backlog: Personal "
        "Settings > API."
    )
    config = {"host": "example.backlog.com", "api_key": key}
    assert sentence_of(run(tmp_path, config)) == (
        "`host` and `api_key` are still the example's; name your own space, and make "
        "your own key in Backlog: Personal Settings > API."
    )


@pytest.mark.parametrize("form", ["%s\n", "%s\r\n", " %s", "\t%s "])
def test_blanks_around_a_key_are_taken_off(
    tmp_path: Path, config: Row, server: SampleServer, form: str
) -> None:
    key = config["api_key"]
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("space")))
    odd = {**config, "api_key": form % key}
    env = {"TAP_BACKLOG_LOGLEVEL": "DEBUG"}
    result = run(tmp_path, odd, "--catalog", str(catalog), env=env)
    assert result.returncode == 0, result.stderr
    assert {request.headers["backlog-api-key"] for request in server.requests} == {key}


def test_both_forms_of_a_key_are_hidden(caplog: pytest.LogCaptureFixture) -> None:
    tap = TapBacklog(config={"host": HOST, "api_key": f"\t{KEY}\n"})
    caplog.clear()
    logging.getLogger("anything").warning(f"{KEY} and \t{KEY}\n and {KEY}\\n")  # noqa: G004
    assert "Secret" not in caplog.text
    assert caplog.text.count(MASK) == 3
    assert tap.config["api_key"] == KEY


def test_blanks_around_credentials_are_taken_off() -> None:
    given = {"oauth_credentials": {"refresh_token": "x\n", "client_id": " y", "n": 5}}
    meant = {"oauth_credentials": {"refresh_token": "x", "client_id": "y", "n": 5}}
    assert settings.cleaned(given) == meant
