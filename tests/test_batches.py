"""In batches: the same rows, requests and states; only the writing is different."""

from __future__ import annotations

import copy
import json
import os
import re
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from upath import UPath

from sample_space import Options, SampleServer, Space, faults, make_space
from tests.batches import batches, files_of, in_batches, named, read, rows_of
from tests.support import Output, parse, run, select, sync, sync_until_it_fails
from tests.test_interrupts import Run, wait_for
from tests.test_stdout import Loader, assert_one_line, posix, run_in_shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]

FAMILY = ("issues", "issue_attachments", "issue_categories", "issue_stars")
STREAMS = (*FAMILY, "users", "space", "projects", "recent_updates", "issue_change_log")
FIELDS = {
    ("issues", "description"),
    ("issues", "customFields"),
    ("issues", "createdUser"),
    ("issues", "createdUser.mailAddress"),
    ("issues", "status.color"),
    ("users", "mailAddress"),
    ("users", "nulabAccount.iconUrl"),
    ("issue_attachments", "size"),
    ("recent_updates", "content"),
}
MAPS: list[tuple[str, Row | None]] = [
    ("issues", {"title": "summary", "summary": None}),
    ("issues", {"summary": "md5(summary)", "__filter__": "id % 3 != 0"}),
    ("issues", {"__alias__": "tickets"}),
    ("issues", {"id": "id", "updated": "updated", "__else__": None}),
    ("open_issues", {"__source__": "issues", "__filter__": "status['id'] != 4"}),
    ("issues_again", {"__source__": "issues", "summary": "md5(summary)"}),
    ("users", {"name": "md5(name)"}),
    ("users", None),
    ("issue_attachments", {"id": "id", "issueId": "issueId", "__else__": None}),
    ("__else__", None),
]


class Small:
    """A small space, which does not print its contents if an example fails."""

    def __init__(self, server: SampleServer) -> None:
        self.server = server


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    options = Options(projects=3, users=5, teams=3, issues=130, activities=130)
    options.limits = dict.fromkeys(options.limits, 10**6)
    with SampleServer(make_space(options)) as server:
        yield Small(server)


@given(
    deselected=st.sets(st.sampled_from(sorted(FIELDS))),
    maps=st.lists(st.sampled_from(MAPS), max_size=4, unique_by=lambda one: one[0]),
    depth=st.sampled_from([0, 1, 2]),
    size=st.sampled_from([1, 7, 100, None]),
    packed=st.booleans(),
    versions=st.booleans(),
)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is two runs
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(deselected=set(), maps=[], depth=0, size=7, packed=True, versions=False)
@example(deselected=FIELDS, maps=MAPS[5:7], depth=1, size=7, packed=False, versions=True)
def test_batches_are_what_a_plain_run_is(
    small: Small,
    tmp_path_factory: pytest.TempPathFactory,
    deselected: set[tuple[str, str]],
    maps: list[tuple[str, Row | None]],
    depth: int,
    size: int | None,
    *,
    packed: bool,
    versions: bool,
) -> None:
    config: Row = {
        "host": small.server.url,
        "api_key": small.server.space.options.admin_key,
        "stream_maps": dict(maps),
        "flattening_enabled": bool(depth),
        "flattening_max_depth": depth,
        "emit_activate_version_messages": versions,
    }
    catalog = select(*STREAMS)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            name = ".".join(metadata["breadcrumb"][1::2])
            if (entry["stream"], name) in deselected:
                metadata["metadata"]["selected"] = False
    root = tmp_path_factory.mktemp("batches")
    files = in_batches(root, size, compression="gzip" if packed else "none")
    outputs, asked = [], []
    for more in ({}, files):
        small.server.requests.clear()
        own = copy.deepcopy({**config, **more})  # the SDK removes parts of it
        outputs.append(sync(own, catalog=catalog))
        asked.append([request.path for request in small.server.requests])
    plain, batched = outputs
    assert rows_of(batched) == rows_of(plain)
    assert asked[1] == asked[0]
    assert batched.schemas == plain.schemas
    assert batched.states[-1:] == plain.states[-1:]
    assert "RECORD" not in {message["type"] for message in batched.messages}
    assert {k for k in batched.kinds() if k.startswith("ACTIVATE")} == {
        k for k in plain.kinds() if k.startswith("ACTIVATE")
    }
    assert named(batched) == files_of(root)


def test_files_are_as_long_as_they_are_to_be(config: Row, tmp_path: Path) -> None:
    output = sync({**config, **in_batches(tmp_path, 100)}, "issues")
    assert [len(read(message)) for message in batches(output)] == [100, 100, 100, 30]


def test_what_a_map_hides_is_hidden_in_files(
    config: Row, space: Space, tmp_path: Path
) -> None:
    addresses = [
        user["mailAddress"].encode() for user in space.users if user["mailAddress"]
    ]
    config |= in_batches(tmp_path, compression="none")
    sync(config, "users")
    (file,) = tmp_path.iterdir()
    assert all(address in file.read_bytes() for address in addresses)
    file.unlink()
    config["stream_maps"] = {"users": {"mailAddress": "md5(mailAddress or '')"}}
    sync(config, "users")
    (file,) = tmp_path.iterdir()
    assert not any(address in file.read_bytes() for address in addresses)


def test_a_message_says_what_the_sdk_says(config: Row, tmp_path: Path) -> None:
    config |= in_batches(tmp_path) | {"emit_activate_version_messages": True}
    output = sync(config, "users", "issues")
    users, issues = sorted(batches(output), key=lambda m: str(m["stream"]), reverse=True)
    (activated,) = [m for m in output.messages if m["type"] == "ACTIVATE_VERSION"]
    assert users == {
        "type": "BATCH",
        "stream": "users",
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "manifest": users["manifest"],
        "version": activated["version"],
    }
    assert issues.keys() == {"type", "stream", "encoding", "manifest"}
    (uri,) = users["manifest"]
    assert re.fullmatch(r"file:///.*/tap-backlog--users-[0-9a-f-]{36}-\d+\.json\.gz", uri)


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [("課題 2026", ""), ("x", "night-"), ("x", "backlog/2026 年/"), ("50%20#1", "")],
)
def test_a_loader_finds_the_files_whatever_they_are_called(
    config: Row, space: Space, tmp_path: Path, folder: str, prefix: str
) -> None:
    config |= in_batches(tmp_path / folder, compression="none")
    config["batch_config"]["storage"]["prefix"] = prefix
    config["stream_maps"] = {"issues": {"__alias__": "課題/一覧"}}
    output = sync(config, "issues")
    (message,) = batches(output)
    (uri,) = message["manifest"]
    assert uri.startswith(f"file://{tmp_path}/{folder}/{prefix}tap-backlog--課題_一覧-")
    if "#" not in folder:  # the SDK's loaders read the rest as something else
        assert len(read(message)) == len(space.issues)


def test_files_go_to_any_store(config: Row, space: Space) -> None:
    config |= in_batches("memory://backlog/here", compression="none")
    output = sync(config, "issues")
    (message,) = batches(output)
    (uri,) = message["manifest"]
    assert uri.startswith("memory://backlog/here/tap-backlog--issues-")
    assert len(UPath(uri).read_bytes().splitlines()) == len(space.issues)


def test_a_state_never_counts_rows_that_no_message_has_named(
    config: Row, space: Space, tmp_path: Path
) -> None:
    output = sync({**config, **in_batches(tmp_path, 90)}, *FAMILY)
    kinds = output.kinds()
    places = [place for place, kind in enumerate(kinds) if kind == "STATE"]
    assert len(places) > 3
    for place in places:
        before = Output(output.messages[: place + 1])
        rest = sync(config, *FAMILY, state=before.states[-1])
        for stream in FAMILY:
            sent = rows_of(before).get(stream, []) + rows_of(rest).get(stream, [])
            assert {json.dumps(row, sort_keys=True) for row in sent} == {
                json.dumps(row, sort_keys=True) for row in rows_of(output)[stream]
            }
    assert {row["id"] for row in rows_of(output)["issues"]} == set(space.issues)


def test_a_version_is_activated_after_its_rows_and_only_if_all_came(
    config: Row, server: SampleServer, tmp_path: Path
) -> None:
    config |= in_batches(tmp_path, 100) | {"emit_activate_version_messages": True}
    kinds = sync(config, "teams").kinds()
    assert [kind for kind in kinds if kind != "STATE"] == [
        *("SCHEMA teams", "BATCH teams", "BATCH teams", "ACTIVATE_VERSION teams"),
    ]
    play = faults.error(500, 1, "Internal error.")
    server.faults = [faults.Fault(play, "teams", skip=1, times=None)]
    output = sync_until_it_fails({**config, "max_retries": 0}, "teams")
    assert "BATCH teams" in output.kinds()
    assert "ACTIVATE_VERSION teams" not in output.kinds()


def test_a_run_that_fails_names_what_it_has_read(
    config: Row, server: SampleServer, space: Space, tmp_path: Path
) -> None:
    config |= {"max_retries": 0}
    play = faults.error(500, 1, "Internal error.")
    server.faults = [faults.Fault(play, "issues", skip=2, times=None)]
    plain = sync_until_it_fails(config, "issues")
    server.faults = [faults.Fault(play, "issues", skip=2, times=None)]
    output = sync_until_it_fails({**config, **in_batches(tmp_path)}, "issues")
    server.faults.clear()
    assert rows_of(output) == rows_of(plain)
    assert output.states[-1] == plain.states[-1]
    assert named(output) == files_of(tmp_path)
    rest = sync(config, "issues", state=output.states[-1])
    sent = rows_of(output)["issues"] + rows_of(rest)["issues"]
    assert {row["id"] for row in sent} == set(space.issues)


def test_a_run_tells_the_same_figures(tmp_path: Path, config: Row) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select(*FAMILY)))
    told = []
    for more in ({}, in_batches(tmp_path / "files")):
        result = run(tmp_path, {**config, **more}, "--catalog", str(catalog))
        told += re.findall(r"Done in \d+ s: (.*)", result.stderr)
    assert told[0] == told[1]
    assert told[0].startswith("4 streams, ")


@posix
@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_a_disk_that_fills_up_leaves_no_file_without_its_message(
    tmp_path: Path, config: Row, compression: str
) -> None:
    root = tmp_path / "files"
    config |= in_batches(root, 110, compression=compression)
    config["batch_config"]["storage"]["root"] = str(root)
    kilobytes = 16 if compression == "gzip" else 200
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("categories", "issues", "users")))
    arguments = ["--catalog", str(catalog)]
    shell = f'ulimit -f {kilobytes}; exec "$@"'
    result = run_in_shell(tmp_path, config, shell, arguments)
    assert_one_line(result, "`batch_config.storage.root`: File too large.")
    output = parse(result.stdout)
    assert "BATCH categories" in output.kinds()
    assert "BATCH issues" not in output.kinds()
    assert not any("issues" in state.get("bookmarks", {}) for state in output.states)
    assert named(output) == files_of(root)


@posix
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_no_file_without_its_message(
    tmp_path: Path, config: Row, server: SampleServer, space: Space, signum: int
) -> None:
    server.before_answer = lambda _: time.sleep(0.05)
    root = tmp_path / "files"
    tap = Run(tmp_path, {**config, **in_batches(root, 150)})
    wait_for(lambda: server.count("issues") > 2)
    stdout, _ = tap.stop(signum)
    output = parse(stdout)
    assert output.messages[-1]["type"] == "STATE"
    assert named(output) == files_of(root)
    rest = sync(config, "issues", state=output.states[-1])
    sent = rows_of(output)["issues"] + rows_of(rest)["issues"]
    assert {row["id"] for row in sent} == set(space.issues)


@posix
@pytest.mark.parametrize("env", ["", "1"])
def test_a_loader_that_has_stopped_reading_gets_no_file_without_its_message(
    tmp_path: Path, config: Row, env: str
) -> None:
    root = tmp_path / "files"
    loader = Loader(waits=True)
    config |= in_batches(root, 1, compression="none")
    tap = Run(tmp_path, config, stdout=loader.given, env={"PYTHONUNBUFFERED": env})
    wait_for(lambda: root.exists() and len([*root.iterdir()]) > 100)
    time.sleep(1)
    tap.stop(signal.SIGTERM)
    loader.take(0).join()
    whole_lines = loader.read.rpartition(b"\n")[0] + b"\n"
    assert named(parse(whole_lines.decode())) == files_of(root)


@posix
def test_a_loader_that_dies_leaves_no_file_without_its_message(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.1)
    root = tmp_path / "files"
    loader = Loader(waits=True)
    config |= in_batches(root, 1000)
    tap = Run(tmp_path, config, stdout=loader.given)
    os.close(loader.given)
    wait_for(lambda: server.count("issues") > 1)
    os.close(loader.end)
    assert tap.process.wait(timeout=10) == 1
    assert "Traceback" not in tap.stderr.read_text(encoding="utf-8")
    assert files_of(root) == set()
