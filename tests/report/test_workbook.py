"""What a workbook holds, whatever people call and write things."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from sample_space import Options, make_space
from tap_backlog_report import workbook
from tests.report import spaces

TEXTS = ("=1+1", "@x", "-5", "http://a.b/", "1e9", "あ" * 20_000, "😀" * 20_000)


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Any:
    space = make_space(Options(projects=2, users=4, teams=1, issues=28, activities=100))
    for number, issue in enumerate(space.issues.values()):
        issue["customFields"] = [
            {"id": 1, "fieldTypeId": 3, "name": "点数", "value": number},
            {"id": 2, "fieldTypeId": 3, "name": "点数", "value": 100 + number},
            {"id": 3, "fieldTypeId": 1, "name": "=1+1", "value": TEXTS[number % 7]},
            {"id": 4, "fieldTypeId": 3, "name": "large", "value": 10**16 + 1},
        ]
        issue["summary"] = "=1+1"
    for fields in space.contents.custom_fields.values():
        fields[:] = [{**fields[0], "id": 5, "name": "空の項目"}]
    folder = tmp_path_factory.mktemp("book")
    with spaces.built(spaces.load(folder, space)) as (connection, told):
        workbook.write(connection, told, "en", folder / "report.xlsx")
    return openpyxl.load_workbook(folder / "report.xlsx")["Issues"]


def column(sheet: Any, name: str) -> list[Any]:
    heads = [cell.value for cell in sheet[1]]
    return [row[heads.index(name)] for row in sheet.iter_rows(min_row=2)]


def test_each_custom_field_has_a_column(sheet: Any) -> None:
    heads = [cell.value for cell in sheet[1]]
    assert sorted(heads[17:]) == ["=1+1", "large", "点数", "点数 (2)", "空の項目"]
    scores = [cell.value for cell in column(sheet, "点数")]
    assert sorted(scores) == list(range(28))
    again = [cell.value for cell in column(sheet, "点数 (2)")]
    assert again == [100 + score for score in scores]
    assert {cell.value for cell in column(sheet, "空の項目")} == {None}


def test_a_text_stays_a_text_and_is_cut_where_excel_cuts_it(sheet: Any) -> None:
    cells = [*column(sheet, "=1+1"), *column(sheet, "Subject")]
    assert {cell.data_type for cell in cells} == {"s"}
    found = {cell.value for cell in cells}
    assert found == {*TEXTS[:6], "😀" * 16_383}


def test_a_number_that_excel_would_round_is_a_text(sheet: Any) -> None:
    assert {cell.data_type for cell in column(sheet, "点数")} == {"n"}
    assert {cell.data_type for cell in column(sheet, "large")} == {"n"}
