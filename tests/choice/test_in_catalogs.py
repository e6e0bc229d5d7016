"""A choice by name together with a catalog, which chooses too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.choice.streams import (
    DEFAULT,
    as_id,
    catalog_of,
    error_of,
    output_of,
    selected_in,
    untimed,
    write_catalog,
)
from tests.support import command, run, select, sync

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


def test_the_first_metadata_of_a_stream_is_its_own_and_turns_it_on(config: Row) -> None:
    catalog = json.loads(command("--discover").stdout)
    assert selected_in(catalog) == DEFAULT
    for entry in catalog["streams"]:
        entry["metadata"][0]["metadata"]["selected"] = entry["stream"] == "user_stars"
    assert set(sync(config, catalog=catalog).schemas) == {"user_stars"}


def test_the_streams_own_metadata_may_come_in_any_place(config: Row) -> None:
    catalog = select("issue_stars", "users")
    users = next(one for one in catalog["streams"] if one["stream"] == "users")
    mail = ["properties", "mailAddress"]
    for one in users["metadata"]:
        if one["breadcrumb"] == mail:
            one["metadata"]["selected"] = False
    expected = sync(config, catalog=catalog)
    for entry in catalog["streams"]:
        entry["metadata"].reverse()
    output = sync(config, catalog=catalog)
    assert untimed(output) == untimed(expected)
    assert set(output.schemas) == {"issue_stars", "users"}
    assert "mailAddress" not in output.schemas["users"]["schema"]["properties"]


def test_a_test_is_of_what_the_catalog_selects(tmp_path: Path, config: Row) -> None:
    catalog = write_catalog(tmp_path, select("space", "licence"))
    told = run(tmp_path, config, "--test", catalog).stdout
    assert "all 2 streams that are selected" in told
    told = run(tmp_path, config, "--test", catalog, "--exclude=space").stdout
    assert "This key may read `licence`." in told


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {"users"}),
        (["--select", "space"], {"space"}),
        (["--select", "default,space"], {"space", "users"}),
        (["--select", "*s"], {"priorities", "users"}),
        (["--select", "*", "--exclude", "default"], {"priorities", "space"}),
    ],
    ids=as_id,
)
def test_with_a_catalog_the_choice_is_among_what_it_holds(
    tmp_path: Path, config: Row, arguments: list[str], expected: set[str]
) -> None:
    catalog = catalog_of("priorities", "space", "users", selected="users")
    option = write_catalog(tmp_path, catalog)
    output = output_of(run(tmp_path, config, option, *arguments))
    assert set(output.schemas) == expected
    found = command("--discover", option, *arguments)
    assert selected_in(json.loads(found.stdout)) == expected


def test_columns_stay_as_the_catalog_chooses_them(tmp_path: Path, config: Row) -> None:
    catalog = select("projects")
    for entry in catalog["streams"]:
        for one in entry["metadata"]:
            if one["breadcrumb"] == ["properties", "name"]:
                one["metadata"]["selected"] = False
    option = write_catalog(tmp_path, catalog)
    output = output_of(run(tmp_path, config, option, "--select", "users,projects"))
    for stream in ("users", "projects"):
        assert "name" not in output.schemas[stream]["schema"]["properties"]
        assert output.by_stream[stream]
        assert not any("name" in row for row in output.by_stream[stream])


@pytest.mark.parametrize("selected", [True, False])
def test_of_two_entries_of_a_stream_the_selected_one_is_meant(
    tmp_path: Path, config: Row, *, selected: bool
) -> None:
    off, on = catalog_of("users", selected=""), catalog_of("users", selected="users")
    for one in on["streams"][0]["metadata"]:
        if one["breadcrumb"] == ["properties", "name"]:
            one["metadata"]["selected"] = False
    streams = off["streams"] + (on if selected else off)["streams"]
    option = write_catalog(tmp_path, {"streams": streams})
    output = output_of(run(tmp_path, config, option, "--select", "users"))
    has_name = "name" in output.schemas["users"]["schema"]["properties"]
    assert has_name != selected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--select", "users,issues,issue_*"],
            (
                "`--select`: the catalog does not hold `issues` or `issue_*`. With "
                "`--catalog`, choose among the streams in it, or write a new one with "
                "`--discover`."
            ),
        ),
        (
            ["--exclude", "issues"],
            (
                "`--exclude`: the catalog does not hold `issues`. With `--catalog`, "
                "choose among the streams in it, or write a new one with `--discover`."
            ),
        ),
        (
            ["--select", "usres"],
            (
                "`--select`: no stream matches `usres`. Did you mean `users` or "
                "`statuses`? `tap-backlog --streams` lists them all."
            ),
        ),
        (
            ["--exclude", "default"],
            (
                "`--select` and `--exclude` leave no stream to read. `tap-backlog "
                "--streams` lists them all."
            ),
        ),
    ],
    ids=as_id,
)
def test_a_choice_that_does_not_fit_the_catalog_is_told(
    tmp_path: Path, config: Row, arguments: list[str], words: str
) -> None:
    option = write_catalog(tmp_path, catalog_of("users", "space", selected="users"))
    assert error_of(run(tmp_path, config, option, *arguments)) == words
