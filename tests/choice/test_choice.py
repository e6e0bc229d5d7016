"""A choice by name, for everything that the tap can do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.cli.choice import Choice, ChoiceError
from tap_backlog.tap import TapBacklog
from tests.choice.streams import (
    DEFAULT,
    NAMES,
    as_id,
    error_of,
    output_of,
    selected_in,
    untimed,
)
from tests.support import command, run, sync

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]

ISSUE_PARTS = {
    *("issue_attachments", "issue_categories", "issue_custom_field_values"),
    *("issue_milestones", "issue_stars", "issue_versions"),
}
PER_ISSUE = {"issue_comments", "issue_change_log", "issue_participants"}


def parts(names: list[str]) -> list[str]:
    """Return what users may write for some streams: names and patterns."""
    return [*names, *(f"{name[:4]}*" for name in names), *(f"*{n[-4:]}" for n in names)]


def is_meant(name: str, word: str, default: set[str]) -> bool:
    if word == "default":
        return name in default
    if word.endswith("*"):
        return name.startswith(word[:-1])
    return name.endswith(word[1:]) if word.startswith("*") else name == word


@st.composite
def choices(draw: st.DrawFn) -> tuple[dict[str, bool], list[str], list[str]]:
    offered = draw(st.dictionaries(st.sampled_from(NAMES), st.booleans(), min_size=1))
    words = st.lists(st.sampled_from(["default", *parts(list(offered))]))
    return offered, draw(words), draw(words)


@given(choices(), st.randoms())
def test_what_is_chosen_is_a_union_without_another(
    case: tuple[dict[str, bool], list[str], list[str]],
    random: Any,
) -> None:
    offered, wanted, unwanted = case
    default = {name for name, is_default in offered.items() if is_default}
    expected = {
        name
        for name in offered
        if any(is_meant(name, word, default) for word in wanted or ["default"])
        and not any(is_meant(name, word, default) for word in unwanted)
    }
    # All spellings: with commas or with several options, in any order.
    written = [f" {word.upper()} " if random.random() < 0.5 else word for word in wanted]
    random.shuffle(written)
    cut = random.randint(0, len(written))
    values = [",".join(part) for part in (written[:cut], written[cut:]) if part]
    choice = Choice.of(values, unwanted)
    if expected or not choice.is_made:
        assert choice.among(offered, NAMES) == expected
    else:
        with pytest.raises(ChoiceError, match="leave no stream to read"):
            choice.among(offered, NAMES)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--select", "issues,users"], {"issues", "users"}),
        (["--select", " Issues , USERS,"], {"issues", "users"}),
        (["--select", "issues", "--select", "users"], {"issues", "users"}),
        (["--select", "issue_*"],
         {"issue_types", "issue_history", *ISSUE_PARTS, *PER_ISSUE}),
        (["--select", "issue_*", "--exclude", "*_comments,*log,*participants"],
         {"issue_types", "issue_history", *ISSUE_PARTS}),
        (["--select", "default,issue_comments"], {*DEFAULT, "issue_comments"}),
        (["--exclude", "shared_files", "--exclude", "project*"],
         {n for n in DEFAULT if n != "shared_files" and not n.startswith("project")}),
        (["--select", "*", "--exclude", "default"], set(NAMES) - DEFAULT),
    ],
    ids=as_id,
)  # fmt: skip
def test_discover_writes_the_choice(arguments: list[str], expected: set[str]) -> None:
    result = command("--discover", *arguments)
    assert result.returncode == 0, result.stderr
    assert selected_in(json.loads(result.stdout)) == expected


def test_a_sync_reads_what_is_chosen(tmp_path: Path, config: Row, space: Space) -> None:
    output = output_of(run(tmp_path, config, "--select", "users,issue_comments"))
    assert set(output.schemas) == set(output.by_stream) == {"users", "issue_comments"}
    assert len(output.by_stream["users"]) == len(space.users)
    comments = [row for rows in space.contents.comments.values() for row in rows]
    assert len(output.by_stream["issue_comments"]) == len(comments)


def test_what_is_chosen_comes_as_if_a_catalog_had_selected_it(
    tmp_path: Path, config: Row
) -> None:
    names = ("issue_change_log", "issue_versions", "projects")
    chosen = output_of(run(tmp_path, config, f"--select={','.join(names)}"))
    assert untimed(chosen) == untimed(sync(config, *names))


def test_a_stream_that_is_chosen_later_is_read_from_its_start(
    tmp_path: Path, config: Row
) -> None:
    first = output_of(run(tmp_path, config, "--select", "issues"))
    file = tmp_path / "state.json"
    file.write_text(json.dumps(first.states[-1], default=str))
    arguments = ("--state", str(file), "--select", "issues,issue_participants")
    second = output_of(run(tmp_path, config, *arguments))
    expected = sync(config, "issue_participants").by_stream["issue_participants"]
    assert len(expected) > 1
    assert second.by_stream["issue_participants"] == expected


def test_stream_maps_work_on_what_is_chosen(tmp_path: Path, config: Row) -> None:
    maps = {"users": {"__alias__": "people"}, "teams": None}
    mapped = {**config, "stream_maps": maps}
    output = output_of(run(tmp_path, mapped, "--select", "users,teams,space"))
    assert set(output.schemas) == {"people", "space"}


def test_a_plan_is_of_what_is_chosen(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    arguments = ("--plan", "--plan-format=json", "--select", "space,licence")
    plan = json.loads(run(tmp_path, config, *arguments).stdout)
    assert [line["stream"] for line in plan["streams"]] == ["licence", "space"]
    asked = {request.path for request in server.requests}
    assert asked <= {"projects", "space", "space/licence", "users/myself"}
    table = run(tmp_path, config, "--plan", "--exclude", "issue*").stdout
    planned = [line.split()[0] for line in table.splitlines() if line]
    assert not [name for name in planned if name.startswith("issue")]
    assert {"deleted_issues", "recently_viewed_wikis"} <= set(planned)


def test_a_test_asks_for_what_is_chosen(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    told = run(tmp_path, config, "--test", "--select", "space,issue_comments").stdout
    assert "all 2 streams that are selected" in told
    assert any(request.path.endswith("/comments") for request in server.requests)
    assert "users" not in {request.path for request in server.requests}


def test_a_test_of_schemas_writes_what_is_chosen(tmp_path: Path, config: Row) -> None:
    chosen = ("--select", "space,issue_comments")
    output = output_of(run(tmp_path, config, "--test=schema", *chosen))
    assert set(output.schemas) == {"space", "issue_comments"}
    assert not output.by_stream["space"]


def test_without_a_choice_all_streams_are_tested(tmp_path: Path, config: Row) -> None:
    output = output_of(run(tmp_path, config, "--test=schema"))
    assert set(output.schemas) == set(NAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--select", "isues,users"],
            (
                "`--select`: no stream matches `isues`. Did you mean `issues`, "
                "`issue_types` or `issue_stars`? `tap-backlog --streams` lists them all."
            ),
        ),
        (
            ["--exclude", "pull_request"],
            (
                "`--exclude`: no stream matches `pull_request`. Did you mean "
                "`pull_requests`, `pull_request_comments` or `pull_request_attachments`? "
                "`tap-backlog --streams` lists them all."
            ),
        ),
        (
            ["--select", "zzz*", "--select", "qqqq"],
            (
                "`--select`: no stream matches `zzz*` or `qqqq`. `tap-backlog --streams` "
                "lists them all."
            ),
        ),
        (
            ["--select", "issues", "--exclude", "issue*"],
            (
                "`--select` and `--exclude` leave no stream to read. `tap-backlog "
                "--streams` lists them all."
            ),
        ),
        (
            ["--select", ""],
            "`--select` is empty. Write names of streams, such as issues,users.",
        ),
        (
            ["--exclude", " , "],
            "`--exclude` is empty. Write names of streams, such as issues,users.",
        ),
    ],
    ids=as_id,
)
@pytest.mark.parametrize("mode", [[], ["--discover"], ["--plan"], ["--test"]], ids=str)
def test_a_choice_that_cannot_be_followed_is_told(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    mode: list[str],
    arguments: list[str],
    words: str,
) -> None:
    assert error_of(run(tmp_path, config, *mode, *arguments)) == words
    assert not server.requests


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_map_of_a_stream_that_is_not_read_does_no_harm(
    name: str, config: Row
) -> None:
    other = "priorities" if name != "priorities" else "resolutions"
    for one_map in ({"added": "'x'"}, None):
        tap = TapBacklog(
            config={**config, "stream_maps": {name: one_map}},
            choice=Choice((other,)),
        )
        assert [stream.name for stream in tap.selected_streams] == [other]


def test_a_stream_map_of_all_streams_can_be_used_with_those_that_are_read_by_default(
    config: Row,
) -> None:
    tap = TapBacklog(config={**config, "stream_maps": {"*": {"added": "'x'"}}})
    assert {stream.name for stream in tap.selected_streams} == DEFAULT
