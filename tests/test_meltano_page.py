"""The blocks of docs/meltano.md, one after the other, make files and tables."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from tests import postgres
from tests.pages import blocks, newcomer, paste
from tests.support import ROOT, copy_project

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]
PAGE = "docs/meltano.md"
GOOD_SIGN = "Incremental state has been updated"


def add_to_project(file: Path, block: str) -> None:
    """Paste the YAML as the page says: all except two lines go to the end."""
    plugins, extractors, rest = block.split("\n", 2)
    assert (plugins, extractors) == ("plugins:", "  extractors:")
    with file.open("a") as project:
        project.write(rest)


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
        for statement in blocks(PAGE, "sql")[0].splitlines():
            postgres.query(port, statement)
        add_to_project(folder / "meltano.yml", block.replace("5432", str(port)))
        assert GOOD_SIGN in paste(csv_job, folder, env).stderr
        files = sorted(path.name for path in (folder / "output").glob("*.csv"))
        assert files == ["issues.csv", "users.csv"]
        rows = issues_in(folder)
        assert sorted(int(row["id"]) for row in rows) == sorted(space.issues)
        assert "assignee__name" in rows[0]
        assert "description" not in rows[0]
        assert not [name for name in rows[0] if "mailAddress" in name]

        assert GOOD_SIGN in paste(pg_job, folder, env).stderr
        edited = next(iter(space.issues))
        space.edit_issue(edited)
        before = server.count("issues")
        paste("meltano run backlog-to-postgres", folder, env)
        assert server.count("issues") - before == 1
        issues = "SELECT id, summary FROM issues ORDER BY id"
        found = postgres.query(port, issues, database="backlog")
        assert found == [
            [str(one["id"]), one["summary"]]
            for one in sorted(space.issues.values(), key=lambda one: one["id"])
        ]
        before = server.count("issues")
        paste(again, folder, env)
        assert server.count("issues") - before == 4
        paste("meltano run backlog-to-csv", folder, env)
    assert len(issues_in(folder)) == len(space.issues)
