"""Files for people, opened again by other programs."""

from __future__ import annotations

import csv
import datetime as dt
import json
import zipfile
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest

from tap_backlog.streams.shapes import CALENDAR_DAYS
from tap_backlog_duckdb import workbook
from tap_backlog_duckdb.export import DAYS
from tests.duckdb_door.support import door, load, query, record, schema, state, table
from tests.support import run

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]

COLUMNS = {
    "text": "string",
    "hours": "number",
    "yes": "boolean",
    "created": "moment",
    "dueDate": "moment",
    "day": "day",
    "user": "object",
}
ROWS: list[Row] = [
    {
        "id": 1,
        "text": '日本語 "quoted", and\nmore',
        "hours": 1.5,
        "yes": True,
        "created": "2026-01-01T15:30:00Z",
        "dueDate": "2026-01-01T15:00:00Z",
        "day": "2026-01-03",
        "user": {"name": "佐藤", "x": None},
    },
    {"id": 2, "text": "=1+1", "dueDate": "2026-01-02T00:00:00Z", "yes": False},
    {"id": 3, "text": "", "created": "1583-01-01T00:00:00Z", "day": "0001-01-01"},
    {"id": 2**60, "text": "http://example.com a\u0001b _x0041_ \U00020bb7", "user": {}},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a space in Japan, and a stream whose rows have a version."""
    path = tmp_path / "backlog.duckdb"
    load(
        path,
        schema("rows", ("id",), **COLUMNS),
        *(record("rows", 5, **row) for row in ROWS),
        schema("space", timezone="string"),
        record("space", id=1, timezone="Asia/Tokyo"),
        state({"private": True}),
    )
    return path


def export(file: Path, form: str, *options: str) -> Path:
    folder = file.parent / "out/here"
    result = door(file, "--export", folder, "--format", form, *options)
    assert (result.returncode, result.stderr) == (0, "")
    assert all(path.suffix == f".{form}" for path in folder.iterdir())
    return folder


def test_csv_is_what_excel_reads_with_times_of_the_space(file: Path) -> None:
    folder = export(file, "csv")
    assert {path.name for path in folder.iterdir()} == {"rows.csv", "space.csv"}
    content = (folder / "rows.csv").read_bytes()
    assert content.startswith(
        b"\xef\xbb\xbfid,text,hours,yes,created,dueDate,day,user\r\n"
    )
    with (folder / "rows.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))[1:]
    assert rows == [
        [
            *("1", '日本語 "quoted", and\nmore', "1.5", "true"),
            *("2026-01-02 00:30:00", "2026-01-02", "2026-01-03"),
            "佐藤",
        ],
        ["2", "=1+1", "", "false", "", "2026-01-02", "", ""],
        ["3", "", "", "", "1583-01-01 09:18:59", "", "0001-01-01", ""],
        [str(2**60), "http://example.com a\u0001b _x0041_ \U00020bb7", *[""] * 5, "{}"],
    ]


def test_another_time_zone_can_be_chosen(file: Path) -> None:
    for zone, expected in (
        ("UTC", "2026-01-01 15:30:00"),
        ("America/New_York", "2026-01-01 10:30:00"),
    ):
        folder = export(file, "csv", "--timezone", zone)
        with (folder / "rows.csv").open(encoding="utf-8-sig", newline="") as opened:
            row = next(csv.DictReader(opened))
        assert (row["created"], row["dueDate"]) == (expected, "2026-01-02")
    result = door(file, "--export", file.parent / "x", "--timezone", "Mars/Base")
    assert result.stderr == (
        "ERROR: `Mars/Base` is not a time zone. Name one such as Asia/Tokyo or UTC.\n"
    )
    assert not (file.parent / "x").exists()


def test_a_moment_keeps_its_time_though_its_name_is_that_of_a_day(
    tmp_path: Path,
) -> None:
    file = tmp_path / "other.duckdb"
    times = ("08:00:01", "09:30:00", "10:00:00", "23:59:59")
    load(
        file,
        schema("visits", ("id",), date="moment"),
        *(
            record("visits", id=number, date=f"2026-01-01T{time}Z")
            for number, time in enumerate(times)
        ),
    )
    folder = export(file, "csv", "--timezone", "UTC")
    with (folder / "visits.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = [row["date"] for row in csv.DictReader(opened)]
    assert rows == [f"2026-01-01 {time}" for time in times]


def test_the_days_are_those_of_the_tap() -> None:
    assert DAYS == CALENDAR_DAYS


def test_parquet_keeps_types_and_moments(file: Path) -> None:
    folder = export(file, "parquet")
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{folder}/rows.parquet' ORDER BY id")
        types = [str(column[1]) for column in found.description or ()]
        first = (found.fetchone() or ())[:8]
    assert types == [
        *(
            "BIGINT",
            "VARCHAR",
            "DOUBLE",
            "BOOLEAN",
            "TIMESTAMP",
            "TIMESTAMP",
            "DATE",
            "JSON",
        )
    ]
    assert first[4] == dt.datetime(2026, 1, 1, 15, 30)  # noqa: DTZ001
    assert json.loads(first[7]) == {"name": "佐藤", "x": None}


def test_a_workbook_has_texts_as_texts_and_dates_as_dates(file: Path) -> None:
    path = export(file, "xlsx") / "backlog.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["rows", "space"]
    sheet = book["rows"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H5"
    head, first, second, third, fourth = ([cell.value for cell in row] for row in sheet)
    assert head == ["id", *COLUMNS]
    assert first == [
        *(1, '日本語 "quoted", and\nmore', 1.5, True),
        *(dt.datetime(2026, 1, 2, 0, 30), dt.datetime(2026, 1, 2)),  # noqa: DTZ001
        *(dt.datetime(2026, 1, 3), "佐藤"),  # noqa: DTZ001
    ]
    assert second[:4] == [2, "=1+1", None, False]
    assert sheet["B3"].data_type == "s"
    assert third == [3, "", None, None, "1583-01-01 09:18:59", None, "0001-01-01", None]
    assert fourth[0] == str(2**60)
    assert fourth[1] == "http://example.com a_x0001_b _x005F_x0041_ \U00020bb7"
    assert [sheet[place].number_format for place in ("E2", "F2", "G2")] == [
        *("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "yyyy-mm-dd")
    ]
    width = {name: sheet.column_dimensions[name].width for name in "BEFH"}
    assert width["B"] > width["E"] >= 19 > width["F"] >= 10 > width["H"]  # user: 佐藤
    assert not any(cell.hyperlink for row in sheet for cell in row)
    with zipfile.ZipFile(path) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml


def test_what_does_not_fit_into_excel_is_split_or_cut_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    names = [
        "a" * 40,
        "a" * 39,
        "A" * 31,
        "history",
        "a/b[c]",
        "'quoted'",
        "𠮷" * 20,
        "e",
    ]
    long = dict.fromkeys(names[:1], "𠮷" * 16384)
    load(
        file,
        *(schema(name, text="string") for name in names),
        *(record(name, id=1, text=long.get(name)) for name in names[:-1]),
        *(record("history", id=number) for number in range(2, 8)),
        state(1),
    )
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    from tap_backlog_duckdb.export import export as export_here  # noqa: PLC0415

    export_here(file, tmp_path / "out", "xlsx", "UTC")
    book = openpyxl.load_workbook(tmp_path / "out/file.xlsx")
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)
    assert all(len(name.encode("utf-16-le")) <= 62 for name in book.sheetnames)
    assert "𠮷" * 15 in book.sheetnames
    sheets = [sheet for sheet in book if sheet.title.startswith("history")]
    assert [sheet.title for sheet in sheets] == [
        "history (2)",
        "history (3)",
        "history (4)",
    ]
    rows = [[row[0].value for row in sheet] for sheet in sheets]
    assert rows == [["id", 1, 2, 3], ["id", 4, 5, 6], ["id", 7]]
    texts = [row[1].value for sheet in book for row in sheet if row[1].value]
    assert "\U00020bb7" * 16_383 in texts


def test_every_table_of_the_tap_is_exported_in_each_form(
    tmp_path: Path, config: Row, space: Space
) -> None:
    file = tmp_path / "backlog.duckdb"
    door(file, stdin=run(tmp_path, config).stdout.encode())
    for form in ("csv", "parquet", "xlsx"):
        assert door(file, "--export", tmp_path / form, "--format", form).returncode == 0
    counts = {
        name: len(table(file, name))
        for (name,) in query(file, "SELECT table_name FROM singer.tables")
    }
    assert len(counts) == 42
    assert counts["issues"] == len(space.issues)
    with duckdb.connect() as connection:
        for name, count in counts.items():
            csv_file = tmp_path / f"csv/{name}.csv"
            with csv_file.open(encoding="utf-8-sig", newline="") as opened:
                assert len(list(csv.reader(opened))) == count + 1, name
            parquet = connection.execute(
                f"SELECT count(*) FROM '{tmp_path}/parquet/{name}.parquet'"
            )
            assert parquet.fetchall() == [(count,)], name
    book = openpyxl.load_workbook(tmp_path / "xlsx/backlog.xlsx", read_only=True)
    assert {sheet.title: sheet.max_row - 1 for sheet in book} == counts


def test_a_file_that_cannot_be_written_leaves_the_old_one(file: Path) -> None:
    for form in ("csv", "parquet", "xlsx"):
        folder = export(file, form)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        (part,) = [name for name in before if not name.startswith("space")]
        blocked = folder / f".{part}.part"
        blocked.mkdir()
        result = door(file, "--export", folder, "--format", form)
        assert result.returncode == 1
        assert result.stderr.startswith("ERROR: ")
        assert result.stderr.count("\n") == 1
        assert (folder / part).read_bytes() == before[part]
        for path in folder.iterdir():
            path.rmdir() if path.is_dir() else path.unlink()


def test_tables_of_the_user_and_the_state_are_not_exported(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
    folder = export(file, "parquet")
    assert {path.stem for path in folder.iterdir()} == {"rows", "space"}


def test_names_that_no_system_takes_are_changed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for name in ("a/b", "a:b", 'x"y', "..", "日本", "A/B"):
        load(file, schema(name, ("id",), **{"a,b": "string"}), record(name, id=1))
    folder = export(file, "csv")
    assert sorted(path.name for path in folder.iterdir()) == [
        *("A_B_2.csv", "_.csv", "a_b.csv", "a_b_3.csv", "x_y.csv", "日本.csv")
    ]


def test_a_file_without_tables_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    duckdb.connect(str(file)).close()
    result = door(file, "--export", tmp_path / "out")
    assert (result.returncode, result.stderr) == (
        1,
        f"ERROR: {file} has no tables of streams.\n",
    )


def test_wrong_options_are_told(file: Path) -> None:
    result = door(file, "--export", "x", "--format", "pdf")
    assert result.returncode == 2
    assert "invalid choice: 'pdf'" in result.stderr


@pytest.mark.parametrize(
    ("nested", "words"),
    [
        ({"id": 1, "name": "処理中"}, "処理中"),
        ([{"name": "v1.0"}, {"name": "画面, API"}], "v1.0, 画面, API"),
        ([], ""),
        ([1, "x"], '[1,"x"]'),
        ([{"name": "工数", "value": 3}], '[{"name":"工数","value":3}]'),
        ([{"name": "a"}, {"id": 2}], '[{"name":"a"},{"id":2}]'),
        ({"id": 1, "name": None}, '{"id":1,"name":null}'),
        ("text", "text"),
    ],
)
def test_what_is_nested_is_shown_by_name_if_nothing_is_lost(
    tmp_path: Path, nested: object, words: str
) -> None:
    path = tmp_path / "backlog.duckdb"
    load(
        path,
        schema("rows", ("id",), things="anything"),
        record("rows", id=1, things=nested),
        state({}),
    )
    folder = export(path, "csv")
    with (folder / "rows.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert next(csv.DictReader(opened))["things"] == words


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_large_table_with_nested_values_is_written_whole(
    tmp_path: Path, form: str
) -> None:
    text = "日本語の長い説明 " * 80
    rows = (
        record("rows", id=i, text=text, user={"id": i, "name": f"{text}{i}"})
        for i in range(9_000)
    )
    path = tmp_path / "backlog.duckdb"
    load(path, schema("rows", ("id",), text="string", user="object"), *rows)
    folder = export(path, form)
    if form == "xlsx":
        book = openpyxl.load_workbook(folder / "backlog.xlsx", read_only=True)
        assert book["rows"].max_row == 9_001
    else:
        written = f"SELECT count(*), max(id) FROM '{folder}/rows.{form}'"
        assert duckdb.connect().execute(written).fetchall() == [(9_000, 8_999)]
