"""Real loaders read the real output."""

from __future__ import annotations

import csv
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import ROOT, parse, run

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]


def load(loader: str, settings: Row, messages: str, folder: Path) -> Row:
    """Run a loader; return the state that it confirms."""
    file = folder / "loader.json"
    file.write_text(json.dumps(settings))
    result = subprocess.run(
        [_path_of(loader), "--config", str(file)],
        input=messages,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    state: Row = json.loads(result.stdout.splitlines()[-1])
    return state


def _path_of(loader: str) -> str:
    """Return the loader in its own environment, or the one that a variable names."""
    return loader if "/" in loader else str(ROOT / f".venvs/{loader}/bin/{loader}")


@pytest.mark.parametrize("flat", [False, True])
def test_target_csv_holds_every_row(
    tmp_path: Path,
    config: Row,
    space: Space,
    flat: bool,  # noqa: FBT001
) -> None:
    if flat:
        config |= {"flattening_enabled": True, "flattening_max_depth": 1}
    messages = run(tmp_path, config).stdout
    state = load("target-csv", {"output_path": str(tmp_path)}, messages, tmp_path)
    assert state == parse(messages).states[-1]
    for stream, rows in parse(messages).by_stream.items():
        with (tmp_path / f"{stream}.csv").open(newline="", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == len(rows)
    with (tmp_path / "issues.csv").open(newline="", encoding="utf-8") as file:
        by_id = {int(row["id"]): row for row in csv.DictReader(file)}
    for issue in space.issues.values():
        row = by_id[issue["id"]]
        assert row["summary"] == issue["summary"]
        assert row["description"].split() == issue["description"].split()
        if flat:
            assert row["status__name"] == issue["status"]["name"]
            assert json.loads(row["customFields"]) == issue["customFields"]


def test_target_csv_holds_every_row_also_if_it_takes_few_at_a_time(
    tmp_path: Path, config: Row
) -> None:
    settings = json.loads((ROOT / "sample_target_csv.json").read_text())
    assert settings["batch_size_rows"] == 10_000
    settings |= {"output_path": str(tmp_path), "batch_size_rows": 7}
    messages = run(tmp_path, config).stdout
    load("target-csv", settings, messages, tmp_path)
    for stream, rows in parse(messages).by_stream.items():
        content = (tmp_path / f"{stream}.csv").read_bytes()
        assert content.count("\ufeff".encode()) == 1
        lines = content.decode("utf-8-sig").splitlines(keepends=True)
        assert len(list(csv.DictReader(lines))) == len(rows)


def test_target_jsonl_holds_every_row_value_for_value(
    tmp_path: Path,
    config: Row,
    space: Space,
) -> None:
    messages = run(tmp_path, config).stdout
    settings = {"destination_path": str(tmp_path), "do_timestamp_file": False}
    load("target-jsonl", settings, messages, tmp_path)
    lines = (tmp_path / "issues.jsonl").read_text(encoding="utf-8").strip().split("\n")
    rows = [json.loads(line) for line in lines]
    assert {row["id"]: row for row in rows} == space.issues
