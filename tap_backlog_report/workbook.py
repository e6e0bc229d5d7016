"""The workbook: issues, hours by person and month, and milestones."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter

from tap_backlog_duckdb.files import replaced
from tap_backlog_duckdb.workbook import (
    MOST_CHARACTERS,
    MOST_ROWS,
    first_units,
    is_exact,
)
from tap_backlog_report.page import CHARTS
from tap_backlog_report.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from tap_backlog_report.about import About

_QUERIES = Path(__file__).parent / "data"
_MOST_LINKS = 65_530
"""More links in a sheet make Excel repair the file."""

_WIDTHS = {"summary": 48, "issue_key": 14}
_WIDTH = 16
_FIRST_DAY = dt.date(1900, 3, 1)
"""Excel counts a day too many before."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Rows = "Iterable[Sequence[Any]]"


def write(
    connection: DuckDBPyConnection, space: About, language: str, path: Path
) -> None:
    """Write the workbook; it takes the place of an older one when it is complete.

    Args:
        connection: The file, with the views of the schema ``report``.
        space: The space.
        language: Of the headings: ``en`` or ``ja``.
        path: The workbook.

    Raises:
        OSError: It cannot be written.
    """
    try:
        with (
            replaced(path) as part,
            contextlib.closing(xlsxwriter.Workbook(str(part), _OPTIONS)) as book,
        ):
            sheets = _Sheets(book, words(language), space.url)
            sheets.add("issues", *_issues(connection))
            sheets.add("hours", *_result(connection, _read(CHARTS / "hours.sql")))
            query = _read(_QUERIES / "book_milestones.sql")
            sheets.add("milestones", *_result(connection, query))
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(*error.args[0].args, str(path)) from None


class _Sheets:
    """Sheets with a frozen head and filters.

    Args:
        book: The workbook.
        texts: All texts of its language.
        url: Where the space is; empty if that is not known.
    """

    def __init__(self, book: Any, texts: dict[str, str], url: str) -> None:  # noqa: ANN401
        self._book = book
        self._texts = texts
        self._url = url
        self._head = book.add_format({"bold": True, "bg_color": "#e8edf2", "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._month = book.add_format({"num_format": "yyyy-mm"})
        self._hours = book.add_format({"num_format": "0.00"})
        self._text = book.add_format({"valign": "top"})  # of several lines, the first
        self._link = book.get_default_url_format()

    def add(self, name: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add a sheet.

        Args:
            name: Which one.
            columns: Its columns; those that no text is known for are named as they are.
            rows: Its rows.
        """
        sheet = self._book.add_worksheet(self._texts[f"sheet.{name}"])
        sheet.freeze_panes(1, 2 if name == "issues" else 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS.get(column, _WIDTH))
            heading = self._texts.get(f"column.{column}", column)
            sheet.write_string(0, place, heading, self._head)
        number = 0
        for number, row in enumerate(rows, 1):
            if number == MOST_ROWS:
                break
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._write(sheet, (number, place), column, value)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)

    def _write(
        self,
        sheet: Any,  # noqa: ANN401
        place: tuple[int, int],
        column: str,
        value: Any,  # noqa: ANN401
    ) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(*place, value)
        elif isinstance(value, dt.date) and value >= _FIRST_DAY:
            style = self._month if column == "month" else self._day
            sheet.write_datetime(*place, value, style)
        elif isinstance(value, (int, float)) and is_exact(value):
            style = self._hours if column.endswith("hours") else None
            sheet.write_number(*place, value, style)
        elif column == "issue_key" and self._url and place[0] < _MOST_LINKS:
            sheet.write_url(*place, f"{self._url}/view/{value}", self._link, value)
        else:
            text = first_units(str(value), MOST_CHARACTERS)
            sheet.write_string(*place, text, self._text)


def _issues(connection: DuckDBPyConnection) -> tuple[list[str], list[list[Any]]]:
    """Return the issues with a column for each name of a custom field."""
    query = _read(_QUERIES / "book_custom_fields.sql")
    names: dict[str, int] = {}
    values: dict[int, dict[str, Any]] = {}
    for issue, name, kind, text, number, date in _result(connection, query)[1]:
        names.setdefault(name, len(names))
        if issue is None:
            continue
        value = {"number": number, "date": date, "text": text}[kind]
        values.setdefault(issue, {})[name] = value
    columns, rows = _result(connection, _read(_QUERIES / "book_issues.sql"))
    found = []
    for issue, *row in rows:
        of_issue = values.get(issue, {})
        found.append([*row, *(of_issue.get(name) for name in names)])
    return [*columns[1:], *names], found


def _result(
    connection: DuckDBPyConnection, query: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    found = connection.execute(query)
    return [column[0] for column in found.description or ()], found.fetchall()


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
