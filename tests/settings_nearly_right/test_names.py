"""Names of settings that are nearly right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tap_backlog.settings import schema as settings
from tap_backlog.settings.names import (
    complaints,
    unknown_settings,
    unknown_variables,
    warning,
)
from tests.settings_nearly_right.words import (
    HOST,
    KEY,
    NAMES,
    SCHEMA,
    sentence_of,
    warnings_of,
)
from tests.support import command, parse, run, select

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


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
