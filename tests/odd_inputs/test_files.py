"""Unusual files: empty, in another encoding, readable once."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.odd_inputs.runs import MARK, error_of, success_of, write
from tests.support import command, run, select

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


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
