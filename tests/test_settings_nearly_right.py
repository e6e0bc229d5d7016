"""Settings that are nearly right: one line says what to write instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tap_backlog import settings
from tap_backlog.hosts import base_url, host_complaint, without_page
from tap_backlog.setting_names import (
    complaints,
    unknown_settings,
    unknown_variables,
    warning,
)
from tap_backlog.tap import TapBacklog
from tests.support import command, parse, run, select
from tests.test_command import error_of

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]

HOST, KEY = "no-such-space.invalid", "Secret/Key+with=signs"
DESCRIBED = (
    "docs/settings.md describes every setting, and so does "
    "`tap-backlog --about --format=markdown`."
)
TapBacklog(config={}, validate_config=False)  # adds the SDK's settings to the schema
SCHEMA = TapBacklog.config_jsonschema
NAMES = sorted(SCHEMA["properties"])


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"TAP_BACKLOG_{name.upper()}", raising=False)


def sentence_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return what the one line says of the settings."""
    line = error_of(result).split(" | ", 3)[3].strip()
    assert line.startswith("Invalid settings: ")
    assert line.endswith(DESCRIBED)
    return line.removeprefix("Invalid settings: ").removesuffix(DESCRIBED).strip()


def warnings_of(result: subprocess.CompletedProcess[str]) -> list[str]:
    lines = [line for line in result.stderr.splitlines() if "| WARNING" in line]
    return [line.split(" | ", 3)[3] for line in lines]


# --- Names


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("project_key", "project_keys"),
        ("projects", "project_keys"),
        ("startdate", "start_date"),
        ("start-date", "start_date"),
        ("startDate", "start_date"),
        ("api-key", "api_key"),
        ("apikey", "api_key"),
        ("apiKey", "api_key"),
        ("API_KEY", "api_key"),
        ("api key", "api_key"),
        ("Host", "host"),
        ("hots", "host"),
        ("hosts", "host"),
        ("max_retry", "max_retries"),
        ("leave_out_field", "leave_out_fields"),
        ("flattening_depth", "flattening_max_depth"),
        ("stream_map", "stream_maps"),
        ("oauth_credential", "oauth_credentials"),
    ],
)
def test_a_misspelt_setting_is_an_error_that_names_the_right_one(
    tmp_path: Path, given: str, meant: str
) -> None:
    config = {"host": HOST, "api_key": KEY, given: KEY}
    expected = f"`{given}` is not a setting, write `{meant}`."
    assert sentence_of(run(tmp_path, config)) == expected


def test_what_is_there_under_another_name_is_not_called_missing(tmp_path: Path) -> None:
    config = {"Host": HOST, "api-key": KEY, "flattening_enabled": True}
    config["flattening_depth"] = 1
    assert sentence_of(run(tmp_path, config)) == (
        "`Host` is not a setting, write `host`; `api-key` is not a setting, write "
        "`api_key`; `flattening_depth` is not a setting, write `flattening_max_depth`."
    )


def test_misspelt_parts_of_settings_are_named(tmp_path: Path) -> None:
    config = {
        "host": HOST,
        "oauth_credentials": {"clientId": "x", "client-secret": KEY, "refreshtoken": KEY},
        "batch_config": {
            "encodings": {"x": 1},
            "encoding": {"format": "jsonl"},
            "storage": {"roots": "x", "root": "y"},
        },
    }
    assert sentence_of(run(tmp_path, config)) == (
        "`oauth_credentials.clientId` is not a setting, write "
        "`oauth_credentials.client_id`; `oauth_credentials.client-secret` is not a "
        "setting, write `oauth_credentials.client_secret`; "
        "`oauth_credentials.refreshtoken` is not a setting, write "
        "`oauth_credentials.refresh_token`; `batch_config.encodings` is not a setting, "
        "write `batch_config.encoding`; `batch_config.storage.roots` is not a setting, "
        "write `batch_config.storage.root`."
    )


def test_settings_that_are_wholly_unknown_are_one_warning(
    tmp_path: Path, config: Row
) -> None:
    config |= {"hostname": "x", "from_another_tool": 1, "unset": None}
    config |= {"_comment": "ours", "//": "a remark", "$schema": "x"}
    config["oauth_credentials"] = {
        "client_id": "x",
        "client_secret": KEY,
        "refresh_token": KEY,
        "scope": "x",
    }
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("space")))
    result = run(tmp_path, config, "--catalog", str(catalog))
    assert warnings_of(result) == [
        (
            "Unknown settings have no effect: `hostname` (did you mean `host`?), "
            "`from_another_tool`, `oauth_credentials.scope`."
        )
    ]
    assert len(parse(result.stdout).by_stream["space"]) == 1


OF_LOADERS = [
    *("port", "user", "password", "database", "dialect+driver", "sqlalchemy_url"),
    *("default_target_schema", "add_record_metadata", "hard_delete", "load_method"),
    *("batch_size_rows", "process_activate_version_messages", "validate_records"),
    *("destination_path", "output_path", "file_naming_scheme", "encoding", "delimiter"),
    *("activate_version", "max_parallelism", "table_prefix", "schema", "warehouse"),
    *("end_date", "log_level", "verbose", "url", "token", "cost", "most", "timeout"),
]


@pytest.mark.parametrize("name", OF_LOADERS)
def test_settings_of_a_loader_in_the_same_file_are_no_errors(name: str) -> None:
    unknown = unknown_settings({name: 1}, SCHEMA)
    assert complaints(unknown) == []
    assert f"`{name}`" in (warning(unknown) or "")


def test_every_known_setting_is_known() -> None:
    config: Row = dict.fromkeys(NAMES, 1)
    parts = SCHEMA["properties"]["oauth_credentials"]["properties"]
    assert unknown_settings({**config, "oauth_credentials": parts}, SCHEMA) == []


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a known name, and that name as somebody types it in a hurry."""
    name = draw(st.sampled_from(NAMES))
    i = draw(st.integers(0, len(name) - 2))
    how = draw(st.sampled_from(["drop", "swap", "double", "dash", "camel", "capitals"]))
    words = name.split("_")
    typed = {
        "drop": name[:i] + name[i + 1 :],
        "swap": name[:i] + name[i + 1] + name[i] + name[i + 2 :],
        "double": name[: i + 1] + name[i:],
        "dash": "-".join(words),
        "camel": words[0] + "".join(map(str.title, words[1:])),
        "capitals": name.upper(),
    }[how]
    return name, typed


@given(slip=slips())
def test_any_slip_of_a_finger_is_named(slip: tuple[str, str]) -> None:
    name, typed = slip
    assume(typed not in NAMES)
    assert complaints(unknown_settings({typed: 1}, SCHEMA)) == [
        f"`{typed}` is not a setting, write `{name}`"
    ]
    variable = f"TAP_BACKLOG_{typed.upper()}"
    assume(variable.removeprefix("TAP_BACKLOG_").lower() not in NAMES)
    assert complaints(unknown_variables([variable], SCHEMA, "TAP_BACKLOG_")) == [
        f"`{variable}` is not a setting, write `TAP_BACKLOG_{name.upper()}`"
    ]


def test_discovery_warns_of_what_a_sync_refuses(tmp_path: Path) -> None:
    result = run(tmp_path, {"hots": HOST, "api_key": KEY}, "--discover")
    assert result.returncode == 0
    assert warnings_of(result) == ["`hots` is not a setting, write `host`."]
    assert warnings_of(command("--discover")) == []


def test_a_secret_under_a_misspelt_name_is_hidden_too() -> None:
    config = {"apikey": KEY, "oauth_credentials": {"clientSecret": "another secret"}}
    assert list(settings.secrets(config)) == [KEY, "another secret"]


# --- The environment


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


# --- Keys of projects, and other lists


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


# --- Hosts


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("example.backlog.com ", "https://example.backlog.com"),
        (" example.backlog.jp\r\n", "https://example.backlog.jp"),
        ("\ufeffexample.backlog.jp\u200b", "https://example.backlog.jp"),
        ("https://example.backlog.com/dashboard", "https://example.backlog.com"),
        ("https://example.backlog.com/projects/XYZ", "https://example.backlog.com"),
        (
            "https://example.backlogtool.com/find/WEB?projectId=1&sort=UPDATED#top",
            "https://example.backlogtool.com",
        ),
        ("example.backlog.jp/view/WEB-1#comment-5", "https://example.backlog.jp"),
        ("https://example.backlog.jp/wiki/WEB/ホーム", "https://example.backlog.jp"),
        ("https://example.backlog.jp/api/v2/space", "https://example.backlog.jp"),
        ("https://a.co.jp/backlog/dashboard", "https://a.co.jp/backlog"),
        ("https://a.co.jp:8443/backlog/view/WEB-1", "https://a.co.jp:8443/backlog"),
        ("https://a.co.jp/backlog/find/WEB?x=1", "https://a.co.jp/backlog"),
        ("a.co.jp/projects/WEB_2/", "https://a.co.jp"),
        ("a.co.jp/dashboards", "https://a.co.jp/dashboards"),
        ("a.co.jp/backlog/projects", "https://a.co.jp/backlog/projects"),
        ("a.co.jp/view/web", "https://a.co.jp/view/web"),
        ("https://intranet/backlog", "https://intranet/backlog"),
        ("intranet:8443", "https://intranet:8443"),
        ("localhost", "https://localhost"),
    ],
)
def test_what_is_copied_along_with_a_host_is_taken_off(given: str, root: str) -> None:
    host = settings.cleaned({"host": given})["host"]
    assert host_complaint(host) is None
    assert base_url(host) == f"{root}/api/v2"


@given(
    domain=st.sampled_from(["backlog.com", "backlog.jp", "backlogtool.com"]),
    scheme=st.sampled_from(["", "https://"]),
    page=st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\")),
    sign=st.sampled_from("/?#"),
)
def test_any_page_of_the_cloud_is_taken_off(
    domain: str, scheme: str, page: str, sign: str
) -> None:
    given = f"{scheme}example.{domain}{sign}{page}"
    assert without_page(given) == f"{scheme}example.{domain}"


ASKED_FOR_BOTH = "is not a whole host name: is it"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            "example",
            (
                f"{ASKED_FOR_BOTH} example.backlog.com or example.backlog.jp, as in your "
                "browser?"
            ),
        ),
        (
            "K3y" * 20,
            (
                f"{ASKED_FOR_BOTH} SPACE.backlog.com or SPACE.backlog.jp, as in your "
                "browser?"
            ),
        ),
        ("backlog.jp", "lacks the name of the space, such as example.backlog.jp."),
        ("example.backlog.com\u3000", "holds a full-width space (U+3000); delete it."),
        (
            "\uff45xample.backlog.com",
            (
                "holds full-width characters; write it in half-width ones, such as "
                "example.backlog.com."
            ),
        ),
        (
            "http://example.backlog.com/dashboard",
            (
                "must be reached by https, since plain http would show the key to the "
                "network: drop `http://`, or write `https://`."
            ),
        ),
    ],
)
def test_a_host_that_is_nearly_right_is_told(
    tmp_path: Path, host: str, expected: str
) -> None:
    sentence = sentence_of(run(tmp_path, {"host": host, "api_key": KEY}))
    assert sentence == f"`host` {expected}"


# --- The key


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


def test_both_forms_of_a_key_are_hidden() -> None:
    tap = TapBacklog(config={"host": HOST, "api_key": f"\t{KEY}\n"})
    shown = tap._redactor.redact(f"{KEY} and \t{KEY}\n and {KEY}\\n")
    assert "Secret" not in shown
    assert tap.config["api_key"] == KEY


def test_blanks_around_credentials_are_taken_off() -> None:
    given = {"oauth_credentials": {"refresh_token": "x\n", "client_id": " y", "n": 5}}
    meant = {"oauth_credentials": {"refresh_token": "x", "client_id": "y", "n": 5}}
    assert settings.cleaned(given) == meant
