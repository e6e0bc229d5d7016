"""Settings of batches that cannot be used, and those of Meltano."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.batches import batches, in_batches, read
from tests.support import run, sync
from tests.test_stdout import assert_one_line, posix

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]

BAD: dict[str, tuple[Row, str]] = {
    "no rows": ({"batch_size": 0}, "`batch_config.batch_size` must be a whole number"),
    "fewer": ({"batch_size": -1}, "`batch_config.batch_size` must be a whole number"),
    "half": ({"batch_size": 1.5}, "`batch_config.batch_size` must be a whole number"),
    "text": ({"batch_size": "9"}, "`batch_config.batch_size` must be a whole number"),
    "true": ({"batch_size": True}, "`batch_config.batch_size` must be a whole number"),
    "no encoding": ({"encoding": None}, "`batch_config.encoding` is missing"),
    "no format": (
        {"encoding": {"compression": "gzip"}},
        "`batch_config.encoding.format` is missing",
    ),
    "no bytes": (
        {"batch_size_mb": 0},
        "`batch_config.batch_size_mb` must be a whole number",
    ),
    "nearly a name": (
        {"batch_size_md": 5},
        "`batch_config.batch_size_md` is not a setting, write",
    ),
    "csv": (
        {"encoding": {"format": "csv"}},
        "`batch_config.encoding.format` must be one of jsonl, parquet",
    ),
    "zstd": (
        {"encoding": {"format": "jsonl", "compression": "zstd"}},
        "`batch_config.encoding.compression` must be one of gzip, none",
    ),
    "a list": ({"encoding": ["jsonl"]}, "`batch_config.encoding` must be an object"),
    "no storage": ({"storage": None}, "`batch_config.storage` is missing"),
    "no root": (
        {"storage": {"prefix": "x"}},
        "`batch_config.storage.root` is missing",
    ),
    "an empty root": (
        {"storage": {"root": ""}},
        "`batch_config.storage.root` is missing",
    ),
    "a number": (
        {"storage": {"root": 5}},
        "`batch_config.storage.root` must be text",
    ),
    "an unknown part": ({"compression": "gzip"}, "`batch_config.compression` is not"),
    "an unknown part of storage": (
        {"storage": {"root": "x", "path": "y"}},
        "`batch_config.storage.path` is not a setting",
    ),
    "params": (
        {"storage": {"root": "x", "params": "y"}},
        "`batch_config.storage.params` must be an object",
    ),
    "an unknown store": (
        {"storage": {"root": "foo://bucket/x"}},
        "`batch_config.storage.root` cannot be used: Unsupported filesystem: 'foo'",
    ),
    "a store that is not installed": (
        {"storage": {"root": "gs://bucket/x"}},
        "`batch_config.storage.root` cannot be used: Please install gcsfs",
    ),
    "a root below a file": (
        {"storage": {"root": "{tmp}/config.json/x"}},
        "`batch_config.storage.root` cannot be used: Not a directory",
    ),
    "a root that is a file": (
        {"storage": {"root": "file://{tmp}/config.json"}},
        "`batch_config.storage.root` cannot be used: ",
    ),
    "a root that cannot be written to": (
        {"storage": {"root": "/proc/self"}},
        "`batch_config.storage.root` cannot be used: ",
    ),
    "params that the store does not know": (
        {"storage": {"root": "ftp://user:s3cret@127.0.0.1:1/x"}},
        "`batch_config.storage.root` cannot be used: ",
    ),
}


@posix
@pytest.mark.parametrize(("change", "complaint"), BAD.values(), ids=BAD)
def test_a_batch_config_that_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, config: Row, server: SampleServer, change: Row, complaint: str
) -> None:
    config |= in_batches(tmp_path / "files")
    text = json.dumps(config["batch_config"] | change).replace("{tmp}", str(tmp_path))
    config["batch_config"] = json.loads(text)
    result = run(tmp_path, config)
    assert_one_line(result, complaint)
    assert "Invalid settings" in result.stderr or "mend the settings" in result.stderr
    assert "s3cret" not in result.stderr
    assert result.stdout == ""
    assert server.count() == 0


def test_nulls_of_meltano_are_as_good_as_nothing(
    config: Row, space: Space, tmp_path: Path
) -> None:
    nulls = {"encoding": {"format": None, "compression": None}, "storage": None}
    output = sync({**config, "batch_config": nulls}, "issues")
    assert len(output.by_stream["issues"]) == len(space.issues)
    config |= in_batches(tmp_path, compression=None)
    (message,) = batches(sync(config, "issues"))
    assert message["encoding"] == {"format": "jsonl"}
    assert len(read(message)) == len(space.issues)


def test_a_tilde_is_the_home_folder_and_not_a_folder_of_that_name(
    config: Row, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (message,) = batches(sync(config | in_batches("~/rows"), "issues"))
    assert all(uri.startswith(f"file://{tmp_path}/home/") for uri in message["manifest"])
    assert len(read(message)) == len(space.issues)
    assert not (tmp_path / "~").exists()
