"""``meltano run`` of the project's job, in a new clone; and what meltano.yml says."""

from __future__ import annotations

import csv
import json
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from tap_backlog.tap import TapBacklog
from tests.pages import BOM, newcomer
from tests.support import ROOT, command, copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]


def extractor() -> Row:
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    entry: Row = plugins["extractors"][0]
    return entry


def run_job(clone: Path, config: Row) -> list[Row]:
    """Run the job of the project; return the rows of issues.csv."""
    meltano = str(ROOT / ".venvs/meltano/bin/meltano")
    own = {"TAP_BACKLOG_HOST": config["host"], "TAP_BACKLOG_API_KEY": config["api_key"]}
    result = subprocess.run(
        [meltano, "run", "backlog-to-csv"],
        cwd=clone,
        env={**newcomer(), **own},
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert config["api_key"] not in result.stdout + result.stderr
    with (clone / "output/issues.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_run_of_the_job_leaves_whole_files_for_excel(
    tmp_path: Path, config: Row, space: Space
) -> None:
    clone = copy_project(tmp_path / "clone")
    for _ in range(2):
        rows = run_job(clone, config)
        assert sorted(int(row["id"]) for row in rows) == sorted(space.issues)
        for row in rows:
            issue = space.issues[int(row["id"])]
            assert row["status__name"] == issue["status"]["name"]
            assert row["milestone"] == ", ".join(m["name"] for m in issue["milestone"])
        files = list((clone / "output").iterdir())
        assert len(files) == 42
        for file in files:
            assert file.read_bytes().startswith(BOM)
            assert "\\u" not in file.read_text(encoding="utf-8")
        space.edit_issue(next(iter(space.issues)))


def declared(properties: Row, prefix: str = "") -> Row:
    """Return the settings as Meltano names them: parts of objects after a dot."""
    found: Row = {}
    for name, schema in properties.items():
        if name == "oauth_credentials":
            found |= declared(schema["properties"], f"{name}.")
        else:
            found[prefix + name] = schema
    return found


def test_every_setting_and_capability_is_listed() -> None:
    about = json.loads(command("--about", "--format=json").stdout)
    listed = {setting["name"]: setting for setting in extractor()["settings"]}
    settings = declared(about["settings"]["properties"])
    assert listed.keys() == settings.keys()
    assert set(extractor()["capabilities"]) == set(about["capabilities"])
    for name, setting in listed.items():
        assert setting.keys() >= {"kind", "label", "description"}, name
        assert setting.get("sensitive", False) == settings[name].get("secret", False)
        assert setting.get("value") == settings[name].get("default"), name


def test_required_settings_are_validated() -> None:
    (host,) = TapBacklog.config_jsonschema["required"]
    oauth = TapBacklog.config_jsonschema["properties"]["oauth_credentials"]["required"]
    assert extractor()["settings_group_validation"] == [
        [host, "api_key"],
        [host, *(f"oauth_credentials.{name}" for name in oauth)],
    ]
