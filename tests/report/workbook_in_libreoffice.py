"""The workbook, opened again by other programs."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tap_backlog_report import workbook
from tests.debian import found_or_installed
from tests.report.spaces import built

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]

CLOSED = 4


def office() -> str:
    """Return LibreOffice."""
    find = functools.partial(shutil.which, "soffice")
    return found_or_installed("LibreOffice", "libreoffice-calc", find)


@pytest.fixture(scope="module")
def books(living_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbook in both languages."""
    folder = tmp_path_factory.mktemp("books")
    found = {language: folder / f"{language}.xlsx" for language in ("en", "ja")}
    with built(living_file) as (connection, space):
        for language, path in found.items():
            workbook.write(connection, space, language, path)
    return found


def rows_of(sheet: Any) -> list[Row]:
    head, *rows = ([cell.value for cell in row] for row in sheet)
    return [dict(zip(head, row, strict=True)) for row in rows]


def day(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text[:10]) if text else None


def test_issues_are_rows_with_a_column_for_each_custom_field(
    books: dict[str, Path], living_space: Space
) -> None:
    sheet = openpyxl.load_workbook(books["en"])["Issues"]
    found = {row["Key"]: row for row in rows_of(sheet)}
    assert set(found) == {issue["issueKey"] for issue in living_space.issues.values()}
    for issue in living_space.issues.values():
        row = found[issue["issueKey"]]
        assert row["Subject"] == issue["summary"]
        assert row["Status"] == issue["status"]["name"]
        assert row["Assignee"] == (issue["assignee"] or {}).get("name")
        assert row["Due Date"] == day(issue["dueDate"])
        assert row["Estimated hours"] == issue["estimatedHours"]
        names = sorted(one["name"] for one in issue["milestone"])
        assert sorted((row["Milestones"] or "").split(", ")) == (names or [""])
        assert sorted(filter(None, (row["Categories"] or "").split(", "))) == sorted(
            one["name"] for one in issue["category"]
        )
        fields = {one["name"]: one["value"] for one in issue["customFields"]}
        assert row["項目 1"] == fields["項目 1"]
        assert row["項目 3"] == fields["項目 3"]
        assert row["項目 4"] == day(fields["項目 4"])
        chosen = [one["name"] for one in fields["項目 6"] or []]
        assert sorted(filter(None, (row["項目 6"] or "").split(", "))) == sorted(chosen)


def test_a_sheet_has_links_filters_and_a_frozen_head(
    books: dict[str, Path], living_space: Space
) -> None:
    book = openpyxl.load_workbook(books["ja"])
    assert book.sheetnames == ["課題", "実績時間", "マイルストーン"]
    sheet = book["課題"]
    assert [sheet["A1"].value, sheet["B1"].value] == ["キー", "件名"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith(str(len(living_space.issues) + 1))
    link = sheet["A2"].hyperlink.target
    assert link.endswith(f"/view/{sheet['A2'].value}")
    heads = {cell.value: cell.column_letter for cell in sheet[1]}
    formats = {
        sheet[f"{heads[name]}{row}"].number_format
        for name in ("登録日", "期限日")
        for row in range(2, 40)
        if sheet[f"{heads[name]}{row}"].value
    }
    assert formats == {"yyyy-mm-dd"}


def test_hours_add_up_to_those_of_the_issues(
    books: dict[str, Path], living_space: Space
) -> None:
    rows = rows_of(openpyxl.load_workbook(books["en"])["Hours"])
    assert {type(row["Hours"]) for row in rows} <= {int, float}
    known = {user["name"] for user in living_space.users}
    assert len({row["Person"] for row in rows} & known) > 2
    of_issues = sum(issue["actualHours"] or 0 for issue in living_space.issues.values())
    # Of some of the oldest issues, no update tells who wrote down their hours.
    assert 0.5 * of_issues < sum(row["Hours"] for row in rows) <= of_issues + 0.01


def test_milestones_count_their_issues(
    books: dict[str, Path], living_space: Space
) -> None:
    rows = rows_of(openpyxl.load_workbook(books["en"])["Milestones"])
    assert len(rows) == sum(len(one.versions) for one in living_space.projects)
    for row in rows:
        issues = [
            issue
            for issue in living_space.issues.values()
            if issue["issueKey"].rpartition("-")[0] == row["Project"]
            and row["Milestone"] in [one["name"] for one in issue["milestone"]]
        ]
        closed = [issue for issue in issues if issue["status"]["id"] == CLOSED]
        assert (row["Issues"], row["Closed"]) == (len(issues), len(closed))


def test_libreoffice_reads_the_same(
    books: dict[str, Path], living_space: Space, tmp_path: Path
) -> None:
    result = subprocess.run(
        [
            *(office(), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false"),
            *("--outdir", str(tmp_path), str(books["ja"])),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    with (tmp_path / "ja.csv").open(encoding="utf-8", newline="") as opened_file:
        rows = list(csv.DictReader(opened_file))
    assert len(rows) == len(living_space.issues)
    issues = {issue["issueKey"]: issue for issue in living_space.issues.values()}
    for row in rows:
        issue = issues[row["キー"]]
        assert row["件名"] == issue["summary"]
        assert row["期限日"] == (issue["dueDate"] or "")[:10]


def test_a_workbook_that_cannot_be_written_leaves_the_old_one(
    books: dict[str, Path], living_file: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(books["en"], tmp_path / "report.xlsx"))
    file = shutil.copy(living_file, tmp_path / "backlog.duckdb")
    before = path.read_bytes()
    (tmp_path / ".report.xlsx.part").mkdir()
    output = str(tmp_path / "report.html")
    result = subprocess.run(
        [
            *(sys.executable, "-m", "tap_backlog_report", "--offline", "--xlsx"),
            *("--file", str(file), "--output", output),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("ERROR: ")
    assert "Traceback" not in result.stderr
    assert path.read_bytes() == before
