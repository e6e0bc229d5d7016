"""The first block of the README, pasted whole, writes files that Excel opens correctly.

Only host and key are replaced, as a reader does it. The rest runs as it is, in a new
clone.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, make_space
from tests.pages import BOM, blocks, paste
from tests.support import ROOT, command, copy_project, without_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Table = list[dict[str, str]]


def first_block(readme: str) -> str:
    return blocks(readme, "sh")[0]


@dataclass
class FirstRun:
    """A clone into which the block was pasted."""

    folder: Path
    server: SampleServer
    again: str

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "output").iterdir())

    def table(self, name: str) -> Table:
        path = self.folder / f"output/{name}.csv"
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstRun]:
    options = without_limits(
        Options(projects=4, users=12, teams=5, issues=330, activities=250)
    )
    with SampleServer(make_space(options)) as server:
        block = first_block("README.md")
        for example, own in (
            ("example.backlog.com", server.url),
            ("your-api-key", options.admin_key),
        ):
            assert block.count(example) == 1
            block = block.replace(example, own)
        folder = copy_project(tmp_path_factory.mktemp("first") / "clone")
        lines = block.splitlines(keepends=True)
        paste(block, folder)
        yield FirstRun(folder, server, again=lines[1] + lines[-1])


def test_both_readmes_begin_with_the_same_block_of_few_lines() -> None:
    block = first_block("README.md")
    assert block == first_block("README.ja.md")
    assert len(block.splitlines()) <= 5


def test_the_files_begin_with_one_bom(first_run: FirstRun) -> None:
    assert len(first_run.files) == 42
    for file in first_run.files:
        content = file.read_bytes()
        assert content.startswith(BOM), file.name
        assert content.count(BOM) == 1, file.name


def test_japanese_is_readable_in_every_file(first_run: FirstRun) -> None:
    texts = [file.read_text(encoding="utf-8-sig") for file in first_run.files]
    assert not any("\\u" in text for text in texts)
    assert sum("鈴木" in text for text in texts) > 5


def test_an_issue_is_one_row_with_texts_for_people(first_run: FirstRun) -> None:
    issues = first_run.server.space.issues
    rows = {int(row["id"]): row for row in first_run.table("issues")}
    assert rows.keys() == issues.keys()
    assert len(first_run.table("issues")) == len(issues)
    for issue_id, row in rows.items():
        issue: dict[str, Any] = issues[issue_id]
        assert row["summary"] == issue["summary"]
        assert row["status__name"] == issue["status"]["name"]
        for name in ("milestone", "category", "versions"):
            assert row[name] == ", ".join(one["name"] for one in issue[name])
    assert rows[100_006]["customFields"] == (
        "項目 1: 短い文 100006; 項目 2: 長い\n文章; 項目 3: 12; 項目 5: macOS; "
        "項目 6: Windows, macOS; 項目 7: その他; 項目 8: その他"
    )


def test_the_last_line_again_writes_the_files_anew(first_run: FirstRun) -> None:
    space = first_run.server.space
    before = [file.name for file in first_run.files]
    first_run.server.space.add_issue()
    paste(first_run.again, first_run.folder)
    assert [file.name for file in first_run.files] == before
    rows = first_run.table("issues")
    assert sorted(int(row["id"]) for row in rows) == sorted(space.issues)
    assert all(file.read_bytes().count(BOM) == 1 for file in first_run.files)


def test_a_block_that_still_holds_the_examples_ends_with_one_line() -> None:
    sample = str(ROOT / "sample_config.json")
    result = command("--config", sample, "--config", "ENV")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "`host` and `api_key` are still the example's" in result.stderr


def test_the_environment_takes_the_place_of_the_examples() -> None:
    sample = str(ROOT / "sample_config.json")
    with SampleServer(make_space(Options(issues=5))) as server:
        result = command(
            *("--config", sample, "--config", "ENV", "--plan"),
            env={
                "TAP_BACKLOG_HOST": server.url,
                "TAP_BACKLOG_API_KEY": server.space.options.admin_key,
            },
        )
    assert result.returncode == 0, result.stderr
    assert "still the example's" not in result.stderr
