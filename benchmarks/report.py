"""What the report of 20,000 issues with their history takes: ``make bench-report``.

The goals: drawn within 30 seconds after the sync, under 6 MB, opened within 3 seconds.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from sample_space import Options, make_space
from tap_backlog_duckdb.database import opened, room_beside
from tap_backlog_report import about, models, workbook
from tap_backlog_report.data import Data
from tap_backlog_report.page import page
from tests.report import spaces
from tests.report.browser import program

if TYPE_CHECKING:
    from collections.abc import Iterator

ISSUES, UPDATES = 20_000, 120_000
GOALS = {"draw": "30 s", "page": "6 MB", "open": "3 s", "open, all time": "3 s"}


def main() -> None:
    """Measure, and print a table."""
    print(f"{'':<18}{'measured':>10}{'goal':>8}")  # noqa: T201
    with tempfile.TemporaryDirectory() as name:
        for what, measured in measure(Path(name)):
            print(f"{what:<18}{measured:>10}{GOALS.get(what, ''):>8}", flush=True)  # noqa: T201


def measure(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what was measured, and the figure.

    Args:
        folder: For the file and the page.
    """
    began = time.monotonic()
    space = make_space(Options(issues=ISSUES, activities=UPDATES))
    file = spaces.load(folder, space)
    yield "sync", since(began)
    output = folder / "report.html"
    with opened(file) as connection, room_beside(file):
        began = time.monotonic()
        found = about.about(connection, dt.datetime.now(dt.timezone.utc))
        about.keep(connection, found)
        list(models.build(connection, found.today))
        models.add_views(connection)
        yield "of it the tables", since(began)
        data = Data(connection, found.today).columns()
        output.write_text(page(found, "ja", data), encoding="utf-8")
        yield "draw", since(began)
        yield "page", f"{output.stat().st_size / 1e6:.1f} MB"
        began = time.monotonic()
        workbook.write(connection, found, "ja", folder / "report.xlsx")
        yield "workbook", since(began)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program()), args=["--no-sandbox"]
        )
        for what, address in (("open", ""), ("open, all time", "#period=all")):
            tab = browser.new_page()
            began = time.monotonic()
            tab.goto(f"{output.as_uri()}{address}")
            tab.wait_for_selector("#week .tiles", state="visible")
            yield what, since(began)
            tab.wait_for_selector("html[data-ready=yes]", state="attached")
            yield "all charts", since(began)
        browser.close()


def since(began: float) -> str:
    """Return the seconds that have passed.

    Args:
        began: By the monotonic clock.
    """
    return f"{time.monotonic() - began:.1f} s"


if __name__ == "__main__":
    main()
