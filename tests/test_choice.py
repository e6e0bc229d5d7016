"""``--select`` and ``--exclude`` choose streams by name, whatever is asked of the tap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.choice import Choice, ChoiceError
from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, command, parse, run, select, sync, without_limits

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from sample_space import Options, SampleServer, Space

Row = dict[str, Any]

NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
DEFAULT = {str(vars(t)["name"]) for t in STREAM_TYPES if t.selected_by_default}
ISSUE_PARTS = {
    *("issue_attachments", "issue_categories", "issue_custom_field_values"),
    *("issue_milestones", "issue_stars", "issue_versions"),
}
PER_ISSUE = {"issue_comments", "issue_change_log", "issue_participants"}


@pytest.fixture
def options(options: Options) -> Options:
    options.issues, options.teams, options.activities = 40, 5, 20
    return without_limits(options)


def as_id(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else ""


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
    # However it is written: between commas or with one more option, in any order.
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
        (["--select", "issue_*"], {"issue_types", *ISSUE_PARTS, *PER_ISSUE}),
        (["--select", "issue_*", "--exclude", "*_comments,*log,*participants"],
         {"issue_types", *ISSUE_PARTS}),
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


def selected_in(catalog: Row) -> set[str]:
    """Return what a catalog selects; each stream's own metadata has to come first."""
    owns = {entry["stream"]: entry["metadata"][0] for entry in catalog["streams"]}
    assert sorted(owns) == sorted(NAMES)
    assert all(own["breadcrumb"] == [] for own in owns.values())
    return {name for name, own in owns.items() if own["metadata"]["selected"]}


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


def untimed(output: Output) -> list[Row]:
    """Return the messages without the time at which each was written."""
    return [
        {name: value for name, value in message.items() if name != "time_extracted"}
        for message in output.messages
    ]


def output_of(result: subprocess.CompletedProcess[str]) -> Output:
    assert result.returncode == 0, result.stderr
    return parse(result.stdout)


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


def test_a_test_is_of_what_the_catalog_selects(tmp_path: Path, config: Row) -> None:
    catalog = write_catalog(tmp_path, select("space", "licence"))
    told = run(tmp_path, config, "--test", catalog).stdout
    assert "all 2 streams that are selected" in told
    told = run(tmp_path, config, "--test", catalog, "--exclude=space").stdout
    assert "This key may read `licence`." in told


def test_without_a_choice_all_streams_are_tested(tmp_path: Path, config: Row) -> None:
    output = output_of(run(tmp_path, config, "--test=schema"))
    assert set(output.schemas) == set(NAMES)


def write_catalog(folder: Path, catalog: Row) -> str:
    """Write a catalog; return the option that names it."""
    file = folder / "catalog.json"
    file.write_text(json.dumps(catalog))
    return f"--catalog={file}"


def catalog_of(*held: str, selected: str) -> Row:
    """Return a catalog that holds some streams, of which one is selected."""
    catalog = select(selected)
    catalog["streams"] = [one for one in catalog["streams"] if one["stream"] in held]
    return catalog


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


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the words of the one line that says what went wrong."""
    assert result.returncode == 1
    assert result.stdout == ""
    (error,) = (line for line in result.stderr.splitlines() if "| ERROR" in line)
    return error.split(" | ")[-1].strip()


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
