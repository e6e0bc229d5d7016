"""Each command of docs/report.md runs to the letter, in both languages of the page."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from sample_space import Options, SampleServer, make_space
from tests.pages import blocks, newcomer, paste, tables
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ["docs/report.md", "docs/report.ja.md"]
INSTALL = "pip install --quiet '.[report]'\n"


def environment() -> dict[str, str]:
    """A shell in the environment of the tests, and a browser that does nothing."""
    path = f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    return {**newcomer(), "PATH": path, "BROWSER": "true"}


def test_the_commands_run_one_after_the_other(tmp_path: Path) -> None:
    space = make_space(Options(projects=2, users=4, teams=1, issues=30, activities=100))
    space.options.limits = dict.fromkeys(space.options.limits, 10**6)
    mine, *others = blocks(PAGES[0], "sh")
    assert mine.startswith(INSTALL)  # the tests' environment has it
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": space.options.admin_key}
        (tmp_path / "config.json").write_text(json.dumps(config))
        paste(mine.removeprefix(INSTALL), tmp_path, environment())
    assert (tmp_path / "report.html").exists()
    said = [paste(command, tmp_path, environment()) for command in others]
    assert (tmp_path / "demo.duckdb").exists()
    assert "assignee_name" in said[-1].stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_table_names_every_option(page: str, tmp_path: Path) -> None:
    said = paste("tap-backlog-report --help", tmp_path, environment()).stdout
    named = [row[0].split()[0].strip("`") for row in tables(page) if "`--" in row[0]]
    there = [line.split()[0] for line in said.splitlines() if line.startswith("  --")]
    assert sorted(named) == sorted(there)
    assert blocks(page, "sh") == blocks(PAGES[0], "sh")
