"""Inputs that are odd but real: they work, or one line says what is wrong."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from sample_space.answers import Answer
from tests.support import Output, command, parse, run, select

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Row = dict[str, Any]

STAMP = "2026-01-31T09:00:00Z"
STRETCH = {"newest": STAMP, "oldest": STAMP, "id": 7, "offset": 3}
UNFINISHED = {"list": 0, "of": 0, "bookmark": STAMP, "read": [STRETCH]}
MARK = {"replication_key": "updated", "replication_key_value": "2026-11-01T00:00:00Z"}
"""A bookmark after which nothing has changed."""


@pytest.fixture
def options() -> Options:
    return Options(projects=3, users=4, teams=3, issues=30, activities=20)


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says what is wrong."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if "| ERROR" in line]
    assert errors == result.stderr.splitlines()[-1:], result.stderr
    return errors[0]


def success_of(result: subprocess.CompletedProcess[str]) -> Output:
    """Return the messages of a run in which nothing went wrong."""
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert "| ERROR" not in result.stderr
    return parse(result.stdout)


def warnings_of(result: subprocess.CompletedProcess[str]) -> list[str]:
    success_of(result)
    return [
        line.split(" | ", 3)[3]
        for line in result.stderr.splitlines()
        if "| WARNING" in line
    ]


def write(folder: Path, name: str, content: object) -> str:
    file = folder / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def run_with(
    folder: Path,
    config: Row,
    *streams: str,
    state: object = None,
    catalog: object = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command on some streams, with a state if there is one."""
    given = catalog if catalog is not None else select(*streams)
    arguments = ["--catalog", write(folder, "catalog.json", given)]
    if state is not None:
        arguments += ["--state", write(folder, "state.json", state)]
    return run(folder, config, *arguments, env=env)


# --- Files


def as_bytes(config: Row, encoding: str = "utf-8") -> bytes:
    return json.dumps(config).encode(encoding)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ('{"host": "a"}'.encode("utf-16"), "is in UTF-16; save it as UTF-8"),
        ('{"host": "a"}'.encode("utf-16-be"), "is in UTF-16 or UTF-32; save it"),
        ('{"host": "a"}'.encode("utf-16-le"), "is in UTF-16 or UTF-32; save it"),
        ('{"host": "a"}'.encode("utf-32"), "is in UTF-32; save it as UTF-8"),
        ('{"user_agent": "課題"}'.encode("cp932"), "is not valid UTF-8 (byte 16)"),
        (b"host: example.backlog.com\napi_key: k\n", "is in YAML, not in JSON"),
        (b"# The space\n\nhost: example.backlog.com\n", "is in YAML, not in JSON"),
        (b"---\nhost: example.backlog.com\n", "is in YAML, not in JSON"),
        (b"- host\n", "is in YAML, not in JSON"),
        (b'"host": example.backlog.com\n', "is in YAML, not in JSON"),
        (b"# " * 5000, "is not JSON: "),
        (b"{'host': 'a'}", "is not JSON: Expecting property name"),
        (b'{"host": "a",}', "is not JSON: "),
        (b'{"host": NaN}', "is not JSON: NaN is not a number"),
        (b'{"host": ' + b"9" * 5000 + b"}", "is not JSON: "),
        (b"[" * 100_000, "is nested too deep"),
        (b"{}\n{}\n", "holds more than one JSON value"),
        (b"[]", "is not a JSON object"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = write(tmp_path, "odd", content)
    error = error_of(command("--config", file))
    assert f"The file {file} of --config {words}" in error


@pytest.mark.parametrize("option", ["--state", "--catalog"])
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\xff\xfe{\0}\0", "is in UTF-16"), (b"{", "is not JSON")],
)
def test_a_state_or_catalog_that_cannot_be_used_is_told(
    tmp_path: Path, config: Row, option: str, content: bytes, words: str
) -> None:
    file = write(tmp_path, "odd", content)
    error = error_of(run(tmp_path, config, option, file))
    assert f"The file {file} of {option} {words}" in error


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize(
    ("name", "words"), [("nowhere.json", "was not found"), ("", "cannot be read: Is a ")]
)
def test_a_file_that_is_not_there_is_told(
    tmp_path: Path, config: Row, option: str, name: str, words: str
) -> None:
    file = str(tmp_path / name)
    given = [option, file]
    result = command(*given) if option == "--config" else run(tmp_path, config, *given)
    assert f"The file {file} of {option} {words}" in error_of(result)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path, config: Row) -> None:
    mark = b"\xef\xbb\xbf"
    result = command(
        "--config",
        write(tmp_path, "config", mark + as_bytes(config)),
        "--state",
        write(tmp_path, "state", mark + as_bytes({"bookmarks": {"issues": MARK}})),
        "--catalog",
        write(tmp_path, "catalog", mark + as_bytes(select("issues"))),
    )
    assert success_of(result).by_stream == {}


def feed(file: Path, content: object) -> threading.Thread:
    """Make a file that can be read once, as ``<(...)`` does."""
    os.mkfifo(file)
    writer = threading.Thread(target=lambda: file.write_text(json.dumps(content)))
    writer.start()
    return writer


def test_files_that_can_be_read_only_once_are_read_once(
    tmp_path: Path, config: Row
) -> None:
    contents = {
        "--config": config,
        "--state": {"bookmarks": {"issues": MARK}},
        "--catalog": select("space", "issues"),
    }
    arguments, writers = [], []
    for option, content in contents.items():
        arguments += [option, str(tmp_path / option)]
        writers.append(feed(tmp_path / option, content))
    output = success_of(command(*arguments))
    for writer in writers:
        writer.join()
    assert output.by_stream.keys() == {"space"}


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_the_config_comes_through_stdin(config: Row, name: str, tmp_path: Path) -> None:
    catalog = write(tmp_path, "catalog.json", select("space"))
    arguments = ["--config", name, "--catalog", catalog]
    output = success_of(command(*arguments, stdin=json.dumps(config)))
    assert len(output.by_stream["space"]) == 1


def test_of_several_configs_the_last_word_counts(tmp_path: Path, config: Row) -> None:
    first = write(tmp_path, "1.json", {**config, "api_key": "wrong"})
    second = write(tmp_path, "2.json", {"api_key": config["api_key"]})
    catalog = write(tmp_path, "catalog.json", select("space"))
    arguments = ["--config", first, "--config", "ENV", "--config", second]
    result = command(*arguments, "--catalog", catalog)
    assert len(success_of(result).by_stream["space"]) == 1


def test_flattening_without_a_depth_is_told(tmp_path: Path, config: Row) -> None:
    odd = {**config, "flattening_enabled": True}
    for arguments in ((), ("--test",)):
        error = error_of(run(tmp_path, odd, *arguments))
        assert "`flattening_max_depth` is missing" in error


# --- States


@pytest.mark.parametrize(
    "state",
    [
        "null",
        {},
        {"bookmarks": None},
        {"bookmarks": {}},
        {"bookmarks": {"issues": None}},
        {"bookmarks": {"issues": {}}},
        {"bookmarks": {"issues": {"unfinished": None, "streams": None}}},
        {"bookmarks": {"issues": {"replication_key_value": None}}},
        {"bookmarks": {"issues": {"partitions": None, "progress_markers": None}}},
        {"bookmarks": {"issues": {"partitions": []}}},
        {"type": "STATE", "value": None},
        {"singer_state": None},
        {"completed": None, "partial": {}},
    ],
)
def test_null_in_a_state_means_that_nothing_is_kept(
    tmp_path: Path, config: Row, state: object
) -> None:
    output = success_of(run_with(tmp_path, config, "issues", state=state))
    assert len(output.by_stream["issues"]) == 30


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"singer_state": state},
        lambda state: {"type": "STATE", "value": state},
        lambda state: {"type": "STATE", "value": {"singer_state": state}},
        lambda state: {"completed": {"singer_state": state}, "partial": {}},
        lambda state: {**state, "currently_syncing": "issues", "anything": [1]},
    ],
)
def test_a_state_is_unwrapped(tmp_path: Path, config: Row, wrap: Any) -> None:
    state = wrap({"bookmarks": {"issues": MARK}})
    output = success_of(run_with(tmp_path, config, "issues", state=state))
    assert output.by_stream == {}
    assert output.states[-1]["bookmarks"]["issues"].items() >= MARK.items()


def bookmark(**entries: object) -> Row:
    return {"bookmarks": {"issues": entries}}


def unfinished(**parts: object) -> Row:
    return bookmark(unfinished={**UNFINISHED, **parts})


def stretch(**parts: object) -> Row:
    return unfinished(read=[{**STRETCH, **parts}])


IN_UNFINISHED = "`bookmarks.issues.unfinished"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ([], "it must be an object"),
        ('"text"', "it must be an object"),
        ({"type": "STATE", "value": [1]}, "it must be an object"),
        ({"bookmarks": []}, "`bookmarks` must be an object"),
        ({"bookmarks": [1]}, "`bookmarks` must be an object"),
        ({"bookmarks": "x"}, "`bookmarks` must be an object"),
        ({"bookmark": {}}, "it has no `bookmarks`, but `bookmark`"),
        ({"Bookmarks": {}}, "it has no `bookmarks`, but `Bookmarks`"),
        ({"issues": MARK}, "`issues` must stand in `bookmarks`"),
        ({"streams": []}, "it is another kind of file"),
        ({"type": "RECORD", "record": {}}, "it is another kind of file"),
        ({"completed": {}, "partial": {"singer_state": MARK}}, "`meltano state get`"),
        ({"bookmarks": {"issues": "x"}}, "`bookmarks.issues` must be an object"),
        ({"bookmarks": {"issues": []}}, "`bookmarks.issues` must be an object"),
        ({"bookmarks": {"issues": 5}}, "`bookmarks.issues` must be an object"),
        (bookmark(partitions=[{"context": {}}]), "which only other taps write"),
        (bookmark(streams="issues"), "`bookmarks.issues.streams` must be a list"),
        (bookmark(streams=[{}]), "`bookmarks.issues.streams` must be a list of names"),
        (bookmark(replication_key="created"), "the bookmark of `issues` is one of `cr"),
        (bookmark(replication_key=5), "the bookmark of `issues` is one of `5`"),
        (bookmark(replication_key_value=5), "bookmark of `issues` cannot be read: 5"),
        (bookmark(replication_key_value="x"), "bookmark of `issues` cannot be read: 'x'"),
        (bookmark(replication_key_value=[]), "bookmark of `issues` cannot be read: []"),
        (bookmark(replication_key_value=True), "of `issues` cannot be read: True"),
        (bookmark(replication_key_value="0001-01-01T00:00:00+09:00"), "cannot be read"),
        (bookmark(replication_key_value=10**40), "_value` is beyond range"),
        ('{"bookmarks": {"issues": {"x": [1e400]}}}', "`bookmarks.issues.x.0` is beyond"),
        (bookmark(unfinished=[]), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished="x"), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished=3), f"{IN_UNFINISHED}` must be an object"),
        (bookmark(unfinished={"x": 1}), "`unfinished` of `issues` cannot be read"),
        (unfinished(list="a"), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(list=-1), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(list=True), f"{IN_UNFINISHED}.list` must be a whole number"),
        (unfinished(of=None), f"{IN_UNFINISHED}.of` must be a whole number"),
        (unfinished(bookmark=5), f"{IN_UNFINISHED}.bookmark` must be a moment"),
        (unfinished(read=None), f"{IN_UNFINISHED}.read` must be a list"),
        (unfinished(read={}), f"{IN_UNFINISHED}.read` must be a list"),
        (unfinished(read=[None]), f"{IN_UNFINISHED}.read.0` must be an object"),
        (unfinished(read=[{}]), "`unfinished` of `issues` cannot be read"),
        (stretch(newest=1), f"{IN_UNFINISHED}.read.0.newest` must be a moment"),
        (stretch(oldest="x"), f"{IN_UNFINISHED}.read.0.oldest` must be a moment"),
        (stretch(id=None), f"{IN_UNFINISHED}.read.0.id` must be an id"),
        (stretch(offset=-2), f"{IN_UNFINISHED}.read.0.offset` must be a whole"),
        (stretch(offset=2**63), "offset` is beyond range"),
        ({"bookmarks": {"x": json.loads("[" * 40 + "]" * 40)}}, "nested too deep"),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": "x"}}},
            "the bookmark of `recent_updates` cannot be read: 'x'",
        ),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": -5}}},
            "the bookmark of `recent_updates` cannot be read: -5",
        ),
        (
            {"bookmarks": {"recent_updates": {"replication_key_value": 5.5}}},
            "the bookmark of `recent_updates` cannot be read",
        ),
    ],
)
def test_a_state_that_cannot_be_understood_is_told(
    tmp_path: Path, config: Row, state: object, words: str
) -> None:
    result = run_with(tmp_path, config, "issues", "recent_updates", state=state)
    assert words in error_of(result)


@pytest.mark.parametrize("value", [10**9, "1000000000", 1000000000.0])
def test_an_id_may_be_kept_in_several_ways(
    tmp_path: Path, config: Row, value: object
) -> None:
    state = {"bookmarks": {"recent_updates": {"replication_key_value": value}}}
    output = success_of(run_with(tmp_path, config, "recent_updates", state=state))
    assert output.by_stream == {}


def test_a_bookmark_of_an_unknown_stream_is_told(tmp_path: Path, config: Row) -> None:
    state = {"bookmarks": {"isues": MARK, "issues": MARK}}
    result = run_with(tmp_path, config, "issues", state=state)
    assert warnings_of(result) == [
        (
            "The state has a bookmark of `isues`, which does not exist. Did you mean "
            "`issues`?"
        )
    ]
    assert parse(result.stdout).by_stream == {}


@pytest.mark.parametrize("arguments", [(), ("--plan",)])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "0999-06-01T00:00:00Z"])
def test_a_bookmark_of_long_ago_is_no_harm(
    tmp_path: Path, config: Row, moment: str, arguments: tuple[str, ...]
) -> None:
    state = bookmark(replication_key="updated", replication_key_value=moment)
    file = write(tmp_path, "state.json", state)
    result = run(
        tmp_path, {**config, "comments_lookback_days": 9}, "--state", file, *arguments
    )
    assert result.returncode == 0, result.stderr
    if not arguments:
        assert len(parse(result.stdout).by_stream["issues"]) == 30


# --- Settings of time, and the environment


@pytest.mark.parametrize("arguments", [(), ("--plan",)])
@pytest.mark.parametrize(
    "date", ["0001-01-01", "0999-12-31T12:00:00+09:00", "1000-01-01"]
)
def test_a_start_date_of_long_ago_reads_everything(
    tmp_path: Path, config: Row, date: str, arguments: tuple[str, ...]
) -> None:
    config["start_date"] = date
    config["comments_lookback_days"] = 9
    result = run(tmp_path, config, *arguments)
    assert result.returncode == 0, result.stderr
    if not arguments:
        output = success_of(result)
        assert len(output.by_stream["issues"]) == 30
        assert len(output.by_stream["recent_updates"]) == 20


@pytest.mark.parametrize(
    "date", ["0000-01-01", "0001-01-01T00:00:00+09:00", "9999-12-31T23:00:00-09:00"]
)
def test_a_start_date_that_does_not_exist_is_told(
    tmp_path: Path, config: Row, date: str
) -> None:
    error = error_of(run(tmp_path, {**config, "start_date": date}))
    assert "`start_date` is not a date" in error


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_that_is_not_there_is_told(
    tmp_path: Path, config: Row, name: str
) -> None:
    file = str(tmp_path / "nowhere.pem")
    config["host"] = config["host"].replace("http:", "https:")
    error = error_of(run(tmp_path, config, env={**NO_BUNDLES, name: file}))
    assert f"{name} names {file}, which does not exist" in error


def test_a_ca_bundle_that_holds_no_certificate_is_told(
    tmp_path: Path, config: Row
) -> None:
    file = write(tmp_path, "empty.pem", "")
    config["host"] = config["host"].replace("http:", "https:")
    env = {**NO_BUNDLES, "REQUESTS_CA_BUNDLE": file}
    assert "TLS failed" in error_of(run(tmp_path, config, env=env))


NO_BUNDLES = {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""}


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http_proxy", "htp://proxy.example.com:3128"),
        ("ALL_PROXY", "htp://proxy.example.com:3128"),
    ]
    + [
        ("HTTP_PROXY", value)
        for value in (
            "http://secret word:99999:1",
            "http://user:secret@",
            "http://proxy.example.com:99999",
            "http://proxy.example.com:abc",
            "http:/proxy.example.com:3128",
            "https//proxy.example.com:3128",
            "htp://proxy.example.com:3128",
            "ftp://proxy.example.com:21",
            "http://[::1",
            "user:sec#ret@proxy.example.com:3128",
        )
    ],
)
def test_a_proxy_of_a_wrong_form_is_told(
    tmp_path: Path, config: Row, server: SampleServer, name: str, value: str
) -> None:
    error = error_of(run(tmp_path, config, env={name: value}))
    assert "The proxy in the environment (HTTP_PROXY or ALL_PROXY) is not an" in error
    assert "secret" not in error
    assert not server.requests


@pytest.mark.usefixtures("no_proxies")
def test_a_socks_proxy_without_its_package_is_told(tmp_path: Path, config: Row) -> None:
    env = {"HTTP_PROXY": "socks5://127.0.0.1:1080"}
    assert "PySocks must be installed" in error_of(run(tmp_path, config, env=env))


@pytest.mark.usefixtures("no_proxies")
def test_a_wrong_proxy_that_does_not_count_is_no_harm(
    tmp_path: Path, config: Row
) -> None:
    env = {"HTTP_PROXY": "htp://x", "NO_PROXY": "127.0.0.1"}
    output = success_of(run_with(tmp_path, config, "space", env=env))
    assert len(output.by_stream["space"]) == 1


# --- Catalogs


def entry(**parts: object) -> Row:
    """Return the entry of `space` with some of its parts changed."""
    (whole,) = (e for e in select("space")["streams"] if e["stream"] == "space")
    return {"streams": [{**whole, **parts}]}


def minimal(**parts: object) -> Row:
    return {"streams": [{"tap_stream_id": "space", **parts}]}


def metadata(*pairs: tuple[object, object]) -> Row:
    return minimal(metadata=[{"breadcrumb": b, "metadata": m} for b, m in pairs])


SPACE = {"name": "space"}
ROOT: tuple[list[str], Row] = ([], {"selected": True})


@pytest.mark.parametrize(
    "catalog",
    [
        minimal(),
        minimal(metadata=None),
        minimal(metadata=[]),
        minimal(schema=None),
        minimal(schema={}),
        minimal(schema={"properties": {}}),
        minimal(schema={"properties": None}),
        minimal(key_properties=None, replication_key=None, replication_method=None),
        minimal(selected=True),
        {"streams": [{"stream": "space"}]},
        metadata(ROOT),
        metadata((None, {"selected": True})),
        minimal(metadata=[{"metadata": {"selected": True}}]),
        metadata(([], {"selected": "true"})),
        metadata(([], None)),
        metadata(([], {"selected-by-default": True})),
        metadata(([], {"inclusion": "automatic"})),
        metadata((["properties", "name"], {"inclusion": "available"})),
        metadata(ROOT, (["properties", "name"], None)),
        metadata(ROOT, (["properties", "spaceKey"], {"selected": False})),
        metadata(ROOT, ([], {"table-key-properties": ["spaceKey"]})),
        entry(schema={}),
        entry(metadata=None),
        entry(key_properties=None),
    ],
)
def test_a_catalog_that_leaves_things_out_means_the_stream_as_it_is(
    tmp_path: Path, config: Row, catalog: Row
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == []
    output = parse(result.stdout)
    assert output.schemas["space"]["key_properties"] == ["spaceKey"]
    properties = output.schemas["space"]["schema"]["properties"]
    (row,) = output.by_stream["space"]
    assert row.keys() == properties.keys()
    assert len(row) == 9


def test_a_minimal_entry_is_read_by_its_bookmark(tmp_path: Path, config: Row) -> None:
    catalog = {"streams": [{"tap_stream_id": "issues"}]}
    state = {"bookmarks": {"issues": MARK}}
    output = success_of(run_with(tmp_path, config, catalog=catalog, state=state))
    assert output.schemas["issues"]["bookmark_properties"] == ["updated"]
    assert output.by_stream == {}


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ({"properties": {"name": {"type": "string"}}}, ["name", "spaceKey"]),
        ({"properties": {"name": None}}, ["name", "spaceKey"]),
        ({"type": "object", "properties": {"name": {}}}, ["name", "spaceKey"]),
    ],
)
def test_a_schema_that_lacks_the_key_gets_it(
    tmp_path: Path, config: Row, schema: Row, fields: list[str]
) -> None:
    output = success_of(run_with(tmp_path, config, catalog=minimal(schema=schema)))
    assert sorted(output.schemas["space"]["schema"]["properties"]) == fields
    assert sorted(output.by_stream["space"][0]) == fields


@pytest.mark.parametrize(
    ("catalog", "warning"),
    [
        (
            entry(stream="my_space"),
            (
                "The catalog calls `space` 'my_space', which has no effect. Use "
                "`stream_maps` with `__alias__` to give it another name."
            ),
        ),
        (
            entry(key_properties=["name"]),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            entry(key_properties=[]),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            metadata(([], {"selected": True, "table-key-properties": "name"})),
            (
                "The catalog names other `key_properties` of `space` than its own "
                "(spaceKey), which has no effect. Use `stream_maps` with "
                "`__key_properties__` to change them."
            ),
        ),
        (
            entry(replication_key="updated"),
            (
                "The catalog names another `replication_key` of `space` ('updated'), "
                "which has no effect: it has none."
            ),
        ),
        (
            entry(replication_method="INCREMENTAL"),
            (
                "The catalog asks for `space` as 'INCREMENTAL', which has no effect: it "
                "knows FULL_TABLE."
            ),
        ),
        (
            metadata(([], {"selected": True, "forced-replication-method": 5})),
            (
                "The catalog asks for `space` as 5, which has no effect: it knows "
                "FULL_TABLE."
            ),
        ),
        (
            {"streams": [*minimal()["streams"], {"tap_stream_id": "isues"}]},
            (
                "The catalog names a stream `isues`, which does not exist. Did you mean "
                "`issues`?"
            ),
        ),
        (
            {"streams": [*minimal()["streams"], {"tap_stream_id": "xyz"}]},
            "The catalog names a stream `xyz`, which does not exist.",
        ),
        (
            {"streams": [*minimal()["streams"], *minimal()["streams"]]},
            "The catalog names `space` twice; the first entry counts.",
        ),
        (
            metadata(ROOT, (["properties", "timezon"], {"selected": False})),
            (
                "The catalog selects or deselects `timezon` of `space`, which does not "
                "exist. Did you mean `timezone`?"
            ),
        ),
    ],
)
def test_what_a_catalog_says_without_effect_is_told(
    tmp_path: Path, config: Row, catalog: Row, warning: str
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == [warning]
    output = parse(result.stdout)
    assert output.schemas["space"]["key_properties"] == ["spaceKey"]
    assert len(output.by_stream["space"][0]) == 9


def test_another_replication_key_is_told_and_the_own_one_used(
    tmp_path: Path, config: Row
) -> None:
    catalog = {"streams": [{"tap_stream_id": "issues", "replication_key": "created"}]}
    state = {"bookmarks": {"issues": MARK}}
    result = run_with(tmp_path, config, catalog=catalog, state=state)
    assert warnings_of(result) == [
        (
            "The catalog names another `replication_key` of `issues` ('created'), which "
            "has no effect: its own is `updated`."
        )
    ]
    assert parse(result.stdout).by_stream == {}


@pytest.mark.parametrize(
    "catalog",
    [
        {"streams": []},
        minimal(selected=False),
        metadata(([], {"selected": False})),
        metadata(([], {"selected": "false"})),
        metadata(([], {"inclusion": "available"})),
        metadata(([], {"selected": True, "inclusion": "unsupported"})),
        {"streams": [{"tap_stream_id": "isues", "selected": False}]},
    ],
)
def test_a_catalog_that_selects_nothing_is_told(
    tmp_path: Path, config: Row, catalog: Row
) -> None:
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == ["The catalog selects no stream, so nothing is read."]
    assert parse(result.stdout).messages == []


@pytest.mark.parametrize(
    ("catalog", "words"),
    [
        ({}, "`streams` must be a list"),
        ([], "`streams` must be a list"),
        ({"streams": None}, "`streams` must be a list"),
        ({"streams": {}}, "`streams` must be a list"),
        ({"bookmarks": {}}, "`streams` must be a list"),
        ({"streams": [None]}, "entry 1 of `streams` must be an object"),
        ({"streams": ["space"]}, "entry 1 of `streams` must be an object"),
        ({"streams": [{}]}, "entry 1 of `streams` has no `tap_stream_id`"),
        ({"streams": [{"tap_stream_id": 5}]}, "entry 1 of `streams` has no `tap_stream"),
        (minimal(metadata={}), "`metadata` of `space` must be a list"),
        (minimal(metadata=[None]), "`metadata` of `space` must hold objects"),
        (metadata(("properties", {})), "a `breadcrumb` of `space` must be a list"),
        (metadata((["properties", 5], {})), "a `breadcrumb` of `space` must be a list"),
        (metadata(([], [])), "`metadata` beside a `breadcrumb` of `space` must be an"),
        (metadata(([], {"selected": 1})), "`selected` of `space` must be true or false"),
        (minimal(schema=[]), "`schema` of `space` must be an object"),
        (minimal(schema={"properties": []}), "`properties` in the schema of `space`"),
        (minimal(schema={"properties": {"a": 5}}), "schema of `space` is not a JSON"),
        (
            minimal(schema={"properties": {"a": {"properties": {"b": 1}}}}),
            "the schema of `space` is not a JSON schema",
        ),
    ],
)
def test_a_catalog_that_cannot_be_used_is_told(
    tmp_path: Path, config: Row, catalog: Row, words: str
) -> None:
    error = error_of(run_with(tmp_path, config, catalog=catalog))
    assert words in error
    assert "--discover" in error


# --- Stream maps


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("md5(estimatedHours)", "AttributeError: 'NoneType' object has no attribute"),
        ("md5(self)", "NameNotDefined"),
        ("record['nowhere']", "KeyError: 'nowhere'"),
        ("record['assignee']['name'] + 1", "TypeError: "),
        ("nowhere", "NameNotDefined: 'nowhere' is not defined"),
        ("int(summary)", "ValueError)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("actualHours + 0.5", "TypeError: unsupported operand type(s) for +: 'decimal"),
        ("'x' * 10000000", "IterableTooLong"),
    ],
)
def test_an_expression_that_fails_on_a_row_is_told(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    expression: str,
    words: str,
) -> None:
    odd = server.space.issues[max(server.space.issues)]
    for issue in server.space.issues.values():
        issue |= {"estimatedHours": None, "actualHours": 1.25, "assignee": {"name": "x"}}
    config["stream_maps"] = {"issues": {"made": expression}}
    result = run_with(tmp_path, config, "issues")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    error = result.stderr.splitlines()[-1]
    assert f"the expression {expression!r} of `made` in `issues` fails on" in error
    assert "row with id 1" in error
    assert words in error
    assert odd["summary"] not in error
    assert parse(result.stdout).by_stream == {}


def test_a_filter_that_fails_on_a_row_is_told(tmp_path: Path, config: Row) -> None:
    config["stream_maps"] = {"issues": {"__filter__": "nowhere > 1"}}
    error = run_with(tmp_path, config, "issues").stderr.splitlines()[-1]
    assert "the expression 'nowhere > 1' of `__filter__` in `issues` fails" in error


def test_an_expression_that_allows_for_null_works(tmp_path: Path, config: Row) -> None:
    config["stream_maps"] = {
        "issues": {"parentIssueId": "md5(str(self)) if self else None"}
    }
    output = success_of(run_with(tmp_path, config, "issues"))
    assert len(output.by_stream["issues"]) == 30


@pytest.mark.parametrize(
    ("maps", "warning"),
    [
        (
            {"isues": {"summary": None}},
            (
                "`stream_maps` names a stream `isues`, which does not exist. Did you "
                "mean `issues`?"
            ),
        ),
        ({"xyz*": None}, "`stream_maps` names a stream `xyz*`, which does not exist."),
        (
            {"copy": {"__source__": "spaces", "name": None}},
            (
                "`stream_maps` names a stream `spaces`, which does not exist. Did you "
                "mean `space`?"
            ),
        ),
        (
            {"space": {"nam": None}},
            (
                "`stream_maps` of `space` removes a column `nam`, which does not exist. "
                "Did you mean `name`?"
            ),
        ),
        (
            {"*": {"mailAdress": "__NULL__"}},
            (
                "`stream_maps` of `*` removes a column `mailAdress`, which does not "
                "exist. Did you mean `mailAddress`?"
            ),
        ),
        (
            {"issues": {"createdUser__mailAddress": None}},
            (
                "`stream_maps` of `issues`: there is no column "
                "`createdUser__mailAddress` yet, since maps come before flattening. "
                "To leave out or "
                "change `createdUser.mailAddress`, deselect it in the catalog, or map "
                "`createdUser`."
            ),
        ),
        (
            {"issues": {"createdUser.mailAddress": "'x'"}},
            (
                "`stream_maps` of `issues`: there is no column `createdUser.mailAddress` "
                "yet, since maps come before flattening. To leave out or change "
                "`createdUser.mailAddress`, deselect it in the catalog, or map "
                "`createdUser`."
            ),
        ),
        (
            {"users": {"mailaddress": "md5('x')"}},
            "`stream_maps` of `users` adds a column `mailaddress` beside `mailAddress`.",
        ),
    ],
)
def test_a_map_without_effect_is_told(
    tmp_path: Path, config: Row, maps: Row, warning: str
) -> None:
    config["stream_maps"] = maps
    assert warnings_of(run_with(tmp_path, config, "space")) == [warning]


@pytest.mark.parametrize(
    "maps",
    [
        {"teams": {"name": "md5(name)"}},
        {"*": {"name": None}},
        {"*": {"name": "md5(name)", "loaded_by": "'backlog'"}},
        {"*s": {"summary": None}},
        {"issues": {"__key_properties__": ["issueKey"]}},
        {"tickets": {"__source__": "issues", "summary": None}},
        {"__else__": None, "space": {}},
    ],
)
@pytest.mark.parametrize("says", [{"selected": False}, {"inclusion": "available"}, None])
def test_a_map_of_a_stream_that_is_not_selected_does_no_harm(
    tmp_path: Path, config: Row, maps: Row, says: Row | None
) -> None:
    catalog = select("space")
    for one in catalog["streams"]:
        root = next(m for m in one["metadata"] if not m["breadcrumb"])
        if one["stream"] != "space" and says is not None:
            root["metadata"] = says
    if says is None:
        catalog["streams"] = [e for e in catalog["streams"] if e["stream"] == "space"]
    config["stream_maps"] = maps
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == []
    assert len(parse(result.stdout).by_stream["space"]) == 1


@pytest.mark.parametrize(
    "maps",
    [
        {"space": "x"},
        {"space": 5},
        {"space": []},
        {"space": {"name": 5}},
        {"space": {"name": {"x": 1}}},
        {"space": {"name": ["x"]}},
        {"space": {"name": ""}},
        {"space": {"name": "a b"}},
        {"space": {"name": "\0"}},
        {"space": {"name": "(" * 500 + ")" * 500}},
        {"space": {"spaceKey": None}},
        {"space": {"__else__": "x"}},
        {"space": {"__else__": {"x": 1}}},
        {"space": {"__filter__": 5}},
        {"space": {"__filter__": ""}},
        {"space": {"__key_properties__": "name"}},
        {"space": {"__key_properties__": ["nowhere"]}},
        {"space": {"__alias__": 5}},
        {"space": {"__alias__": "1x"}},
        {"copy": {"__source__": None}},
        {"copy": {"__source__": 5}},
        {"__other__": {}},
        {"__else__": "x"},
        [],
        "x",
    ],
)
def test_maps_that_cannot_be_used_are_told(
    tmp_path: Path, config: Row, maps: object
) -> None:
    config["stream_maps"] = maps
    error = error_of(run_with(tmp_path, config, "space"))
    assert "`stream_maps" in error


# --- Answers


HALF = "cut \\ud83d"


def test_half_of_a_surrogate_pair_is_replaced_in_every_way_out(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    body = b'{"spaceKey": "S", "name": "cut \\ud83d", "x": {"y": "\\uDE00"}}'
    fault = faults.Fault(faults.instead(Answer(200, body)), "space", times=None)
    server.faults = [fault]
    ways: list[Row] = [
        {},
        {"stream_maps": {"space": {"lang": "name", "ownerId": "md5(name)"}}},
        {"flattening_enabled": True, "flattening_max_depth": 2},
        {"stream_maps": {"space": {"name": "json.loads('\"cut \\\\ud83d\"')"}}},
    ]
    for way in ways:
        result = run_with(tmp_path, {**config, **way}, "space")
        (row,) = success_of(result).by_stream["space"]
        assert row["name"] == "cut \ufffd"
        assert "\\ud83d" not in result.stdout


NOTHING = [Answer(204, b""), Answer(200, b"null"), Answer(200, b" null\n")]


@pytest.mark.parametrize("answer", NOTHING)
@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("space_notification", "space/notification"),
        ("licence", "space/licence"),
        ("space_disk_usage", "space/diskUsage"),
        ("rate_limit", "rateLimit"),
    ],
)
def test_an_object_that_the_space_has_not_is_no_row(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    stream: str,
    path: str,
    answer: Answer,
) -> None:
    server.faults = [faults.Fault(faults.instead(answer), path, times=None)]
    output = success_of(run_with(tmp_path, config, stream, "priorities"))
    assert output.by_stream.keys() == {"priorities"}
    assert stream in output.schemas
    assert server.count(path) == 1


@pytest.mark.parametrize("answer", NOTHING)
@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("project_disk_usage", "projects/{}/diskUsage"),
        ("document_tree", "documents/tree"),
    ],
)
def test_an_object_that_a_project_has_not_is_no_row(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    stream: str,
    path: str,
    answer: Answer,
) -> None:
    whole = success_of(run_with(tmp_path, config, stream)).by_stream[stream]
    first = whole[0]["projectId"]
    fault = faults.Fault(faults.instead(answer), path.format(first))
    server.faults = [fault]
    rest = success_of(run_with(tmp_path, config, stream)).by_stream[stream]
    assert {row["projectId"] for row in whole} - {row["projectId"] for row in rest} == {
        first
    }


@pytest.mark.parametrize("answer", NOTHING)
def test_the_space_itself_is_needed(
    tmp_path: Path, config: Row, server: SampleServer, answer: Answer
) -> None:
    server.faults = [faults.Fault(faults.instead(answer), "space", times=None)]
    config["max_retries"] = 0
    assert "GET /api/v2/space" in error_of(run_with(tmp_path, config, "licence"))
