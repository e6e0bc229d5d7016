"""Tables as sheets of one Excel workbook, within what Excel can hold."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import xlsxwriter

from tap_backlog_duckdb.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
LARGEST_EXACT = 10**15
"""Excel keeps fifteen digits; longer numbers, such as ids, become texts."""

_LONGEST_NAME = 31
_FIRST_YEAR = 1900
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}
_WIDEST = 50
_ARROW = 3
"""Characters that the filter's arrow takes."""

_ROWS_FOR_WIDTH = 100


class Workbook:
    """A workbook with a sheet a table; a table with too many rows gets several.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.said: list[str] = []
        self._book = xlsxwriter.Workbook(str(path), _OPTIONS)
        self._head = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._names: set[str] = {"history"}  # Excel keeps this one for itself

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: It cannot be written.
        """
        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None

    def add(self, table: str, columns: list[str], rows: Iterator[Sequence[Any]]) -> None:
        """Add a table.

        Args:
            table: Its name.
            columns: Names of its columns.
            rows: Its rows.
        """
        count = cut = 0
        while True:
            sheet = self._sheet(table, columns)
            widths = [_width(column) + _ARROW for column in columns]
            number = 0
            for number, row in enumerate(itertools.islice(rows, MOST_ROWS - 1), 1):
                for place, value in enumerate(row):
                    cut += self._write(sheet, number, place, value)
                    if number <= _ROWS_FOR_WIDTH:
                        widths[place] = max(widths[place], _width(value))
            for place, width in enumerate(widths):
                sheet.set_column(place, place, min(width, _WIDEST))
            sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
            count += number
            if number < MOST_ROWS - 1:
                break
        self.said.append(f"{table}: {counted(count, 'row')}")
        if cut:
            limit = f"{MOST_CHARACTERS:,} characters"
            self.said.append(f"  {cut:,} texts are longer than {limit}, and were cut.")

    def _sheet(self, table: str, columns: list[str]) -> Any:  # noqa: ANN401
        sheet = self._book.add_worksheet(self._name(table))
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, self._head)
        return sheet

    def _name(self, table: str) -> str:
        safe = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", table).strip("'") or "_"
        for number in itertools.count(1):
            end = "" if number == 1 else f" ({number})"
            name = f"{first_units(safe, _LONGEST_NAME - len(end))}{end}"
            if name.lower() not in self._names:
                self._names.add(name.lower())
                return name
        raise AssertionError

    def _write(self, sheet: Any, row: int, place: int, value: object) -> int:  # noqa: ANN401
        """Write a cell; return 1 if a text had to be cut."""
        if value is None:
            return 0
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, (int, float)) and is_exact(value):
            sheet.write_number(row, place, value)
        elif isinstance(value, dt.datetime) and value.year >= _FIRST_YEAR:
            sheet.write_datetime(row, place, value)
        elif isinstance(value, dt.date) and value.year >= _FIRST_YEAR:
            sheet.write_datetime(row, place, value, self._day)
        else:
            text = str(value)
            short = first_units(text, MOST_CHARACTERS)
            sheet.write_string(row, place, short)
            return int(short != text)
        return 0


def _width(value: object) -> int:
    """Return about how many characters wide a cell is; Japanese ones count twice."""
    if value is None:
        return 0
    text = str(value)[:_WIDEST]
    return 1 + sum(2 if unicodedata.east_asian_width(one) in "FW" else 1 for one in text)


def is_exact(value: float) -> bool:
    """Return whether Excel keeps a number as it is.

    Args:
        value: The number.
    """
    is_whole = isinstance(value, int)
    return abs(value) < LARGEST_EXACT if is_whole else math.isfinite(value)


def first_units(text: str, most: int) -> str:
    """Cut a text as Excel counts: a character beyond U+FFFF is two.

    Args:
        text: The text.
        most: Characters that may stay.
    """
    if len(text.encode("utf-16-le")) <= 2 * most:
        return text
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
