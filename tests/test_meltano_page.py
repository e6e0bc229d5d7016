"""docs/meltano.md goes from nothing to files and tables, block by block."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import yaml

from tests import postgres
from tests.pages import blocks, newcomer, paste
from tests.support import ROOT, copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]
PAGE = "docs/meltano.md"


def add_to_project(file: Path, block: str) -> None:
    """Do by hand what the page says of its YAML."""
    project, added = (yaml.safe_load(text) for text in (file.read_text(), block))
    for kind, entries in added["plugins"].items():
        project["plugins"].setdefault(kind, []).extend(entries)
    project["jobs"] = added["jobs"]
    file.write_text(yaml.safe_dump(project, sort_keys=False))


def issues_in(folder: Path) -> list[Row]:
    with (folder / "output/issues.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_the_page_leads_from_nothing_to_files_and_tables(
    tmp_path: Path, config: Row, space: Space, server: SampleServer
) -> None:
    copy_project(tmp_path / "tap-backlog")
    _install, project, select, leave_out, csv_job, pg_job, again = blocks(PAGE, "sh")
    project = project.replace("example.backlog.com", config["host"])
    project = project.replace("your-api-key", config["api_key"])
    meltano = str(ROOT / ".venvs/meltano/bin")
    env = {**newcomer(), "PATH": f"{meltano}:{newcomer()['PATH']}"}

    paste(project, tmp_path, env)
    folder = tmp_path / "my-backlog"
    assert config["api_key"] not in (folder / "meltano.yml").read_text()
    chosen = paste(select + leave_out, folder, env).stdout
    assert "users.name" in chosen
    assert "teams" not in chosen

    (block,) = blocks(PAGE, "yaml")
    with postgres.serve() as port:
        block = block.replace("5432", str(port))
        block = block.replace("user: backlog", "user: postgres")
        block = block.replace("database: backlog", "database: postgres")
        add_to_project(folder / "meltano.yml", block)
        paste(csv_job, folder, env)
        files = sorted(path.name for path in (folder / "output").glob("*.csv"))
        assert files == ["issues.csv", "users.csv"]
        rows = issues_in(folder)
        assert sorted(int(row["id"]) for row in rows) == sorted(space.issues)
        assert "assignee__name" in rows[0]
        assert "description" not in rows[0]
        assert not [name for name in rows[0] if "mailAddress" in name]

        paste(pg_job, folder, env)
        edited = next(iter(space.issues))
        space.edit_issue(edited)
        before = server.count("issues")
        paste("meltano run backlog-to-postgres", folder, env)
        assert server.count("issues") - before == 1
        found = postgres.query(port, "SELECT id, summary FROM issues ORDER BY id")
        assert found == [
            [str(one["id"]), one["summary"]]
            for one in sorted(space.issues.values(), key=lambda one: one["id"])
        ]
        before = server.count("issues")
        paste(again, folder, env)
        assert server.count("issues") - before == 4
        paste("meltano run backlog-to-csv", folder, env)
    assert len(issues_in(folder)) == len(space.issues)
