"""The README's commands work as they are written, in a new folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tap_backlog.settings import SETTINGS_SCHEMA
from tap_backlog.tap import TapBacklog
from tests.support import ROOT, copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

READMES = ["README.md", "README.ja.md"]


def blocks(readme: str) -> list[str]:
    """Return the commands of a README, without those that name what only a user has."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found: list[str] = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [block for block in found if "example.backlog.com" not in block]


def shell(commands: str, folder: Path) -> str:
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={
            k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "VIRTUAL_"))
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout


def test_the_commands_work_in_a_new_folder(tmp_path: Path, server: SampleServer) -> None:
    folder = copy_project(tmp_path / "clone")
    demo, report, test, first_sync, plan, next_sync, _cron = blocks("README.md")
    assert (demo, report, test) == ("make demo\n", "make report\n", "make test\n")
    table = shell(demo, folder)
    assert re.search(r"^issues +1,234  output/issues.csv$", table, re.MULTILINE)
    assert len(re.findall(r"output/\w+\.csv", table)) == 40
    again = shell(demo, folder)
    assert re.search(r"^issues +\d  output/issues-", again, re.MULTILINE)
    sample = folder / "sample_config.json"
    config = json.loads(sample.read_text())
    own = {"host": server.url, "api_key": server.space.options.admin_key}
    sample.write_text(json.dumps({**config, **own}))
    shell(first_sync, folder)
    assert re.search(r"^issues +\d+ +\d+ +\d", shell(plan, folder), re.MULTILINE)
    shell(next_sync, folder)
    assert (folder / "output/teams.csv").exists()
    again = (folder / "backlog.jsonl").read_text(encoding="utf-8")
    assert again.count('"stream":"issues","record"') < 10


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "exec make test\n" in (ROOT / ".ci/run").read_text()


def test_both_readmes_hold_the_same_commands() -> None:
    assert blocks("README.md") == blocks("README.ja.md")


@pytest.mark.parametrize("readme", READMES)
def test_every_stream_and_setting_stands_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for name in SETTINGS_SCHEMA["properties"]:
        assert f"`{name}`" in text, name
    for stream in TapBacklog(config={}, validate_config=False).streams.values():
        (row,) = re.findall(rf"^\| `{stream.name}` \|.*$", text, re.MULTILINE)
        assert all(f"`{key}`" in row for key in stream.primary_keys)


def test_the_sample_config_is_what_the_readme_shows() -> None:
    shown = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[
        0
    ]
    assert list(json.loads(shown)) == list(
        json.loads((ROOT / "sample_config.json").read_text())
    )
