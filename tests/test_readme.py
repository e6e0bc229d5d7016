"""The README is a landing page whose commands, tables and figures are right.

So are the commands of the pages that it links to.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sample_space import make_space
from tap_backlog.streams import STREAM_TYPES
from tests.pages import blocks
from tests.support import ROOT, copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

READMES = ["README.md", "README.ja.md"]
PATH = os.pathsep.join(
    str(ROOT / folder) for folder in (".venv/bin", ".venvs/target-csv/bin")
)


def shell(commands: str, folder: Path, path: str = os.defpath) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "VIRTUAL_", "TAP_BACKLOG_"))
    }
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={**inherited, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout


def table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def test_make_demo_loads_the_sample_space_and_then_what_changed(tmp_path: Path) -> None:
    assert all("`make demo`" in (ROOT / readme).read_text() for readme in READMES)
    folder = copy_project(tmp_path / "clone")
    table = shell("make demo", folder)
    assert re.search(r"^issues +1,234  output/issues.csv$", table, re.MULTILINE)
    assert len(re.findall(r"output/\w+\.csv", table)) == 42
    again = shell("make demo", folder)
    assert re.search(r"^issues +\d  output/issues-", again, re.MULTILINE)


@pytest.mark.parametrize("page", ["settings", "streams", "loaders", "troubleshooting"])
def test_the_commands_of_a_page_work_one_after_the_other(
    tmp_path: Path, server: SampleServer, page: str
) -> None:
    for file in ("sample_config.json", "sample_target_csv.json"):
        shutil.copy(ROOT / file, tmp_path)
    sample = tmp_path / "sample_config.json"
    mine = {"host": server.url, "api_key": server.space.options.admin_key}
    sample.write_text(json.dumps({**json.loads(sample.read_text()), **mine}))
    shutil.copy(sample, tmp_path / "config.json")
    commands = [
        block
        for block in blocks(f"docs/{page}.md", "sh")
        if "example.backlog.com" not in block
    ]
    for block in commands:
        shell(block, tmp_path, PATH)
    if page == "loaders":
        assert (tmp_path / "output/teams.csv").exists()
        assert len(table(tmp_path / "output/issues.csv")) == len(server.space.issues)
        (changes,) = (tmp_path / "output").glob("issues-*.csv")
        assert 0 < len(table(changes)) < 10


def test_the_settings_page_shows_the_sample_config() -> None:
    shown = json.loads(blocks("docs/settings.md", "json")[0])
    sample = json.loads((ROOT / "sample_config.json").read_text())
    mine = {"host": "example.backlog.com", "api_key": "your-api-key"}
    assert shown == {**sample, **mine}
    assert list(shown) == list(sample)


def test_ci_runs_what_contributing_names_first() -> None:
    assert "exec make test\n" in (ROOT / ".ci/run").read_text()
    assert blocks("CONTRIBUTING.md", "sh")[0] == "make test\n"


def test_contributing_names_every_target_of_make() -> None:
    listed = re.findall(r'@echo "make (\S+) +(.+)"', (ROOT / "Makefile").read_text())
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `make (\S+)` \| (.+) \|$", text, re.MULTILINE)
    assert [name for name, _ in shown] == [name for name, _ in listed]


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_is_read_in_a_few_minutes(readme: str) -> None:
    assert len((ROOT / readme).read_text(encoding="utf-8").splitlines()) <= 130


@pytest.mark.parametrize("readme", READMES)
def test_the_groups_name_every_stream_once_in_the_right_column(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|`]+) \| (`[^|]+) \|(.*) ?\|$", text, re.MULTILINE)
    assert len(rows) == 10
    columns = [
        sorted(name for row in rows for name in re.findall(r"`(\w+)`", row[column]))
        for column in (1, 2)
    ]
    assert columns == [
        sorted(
            str(vars(t)["name"]) for t in STREAM_TYPES if t.selected_by_default == is_on
        )
        for is_on in (True, False)
    ]


@pytest.mark.parametrize("readme", READMES)
def test_the_figures_are_those_of_the_pages_that_they_link_to(readme: str) -> None:
    text = " ".join((ROOT / readme).read_text(encoding="utf-8").split())
    speed = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    for peer, part, words in (
        ("plain script", 1 / 3, "A third of the CPU time|の 3 分の 1、"),
        ("singer-sdk tap", 1 / 10, "a tenth of that|の 10 分の 1 です"),
    ):
        (ratio,) = re.findall(rf"^\| {peer} \|.* \| ([\d.]+) \|$", speed, re.MULTILINE)
        assert 0.85 * part < float(ratio) <= part, peer
        assert re.search(words, text), peer
    for issues in ("5,000", "500,000"):
        (memory,) = re.findall(rf"^\| {issues} \| (\d+) \|$", speed, re.MULTILINE)
        assert f" {issues} " in text
        assert f" {memory} MB" in text
    matrix = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    faults = re.findall(
        r"^\| .+ \|$", matrix.partition("## Fault matrix")[2], re.MULTILINE
    )
    assert f"{len(faults) - 1} " in text
    assert f"{len(STREAM_TYPES)} " in text


def test_the_rows_that_it_shows_are_those_of_the_sample_space() -> None:
    (block,) = blocks("README.md", "csv")
    issues = {issue["issueKey"]: issue for issue in make_space().issues.values()}
    for row in csv.DictReader(block.splitlines()):
        issue = issues[row["issueKey"]]
        assert row == {
            "issueKey": issue["issueKey"],
            "summary": issue["summary"],
            "status__name": issue["status"]["name"],
            "assignee__name": (issue["assignee"] or {"name": ""})["name"],
            "milestone": ", ".join(one["name"] for one in issue["milestone"]),
            "category": ", ".join(one["name"] for one in issue["category"]),
        }
