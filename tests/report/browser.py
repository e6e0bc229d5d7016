"""Debian's Chromium without a screen, and what a reader does in the page."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.debian import found_or_installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CARDS = (
    *("week", "burndown", "flow", "lead", "cycle", "stays", "throughput", "committed"),
    *("due", "workload", "hours", "reopened", "stale"),
)


def program() -> Path:
    """Return the browser."""
    packages = "chromium fonts-noto-cjk"
    return Path(found_or_installed("Chromium", packages, _installed))


def _installed() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser."""
    path = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(path), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


class Reader:
    """A person who reads the page.

    Args:
        page: A tab of the browser.
        file: The page.
    """

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.wrong: list[str] = []
        self.requested: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text))
        page.on("request", lambda request: self.requested.append(request.url))
        self.open()

    def open(self, address: str = "") -> None:
        """Open the page, perhaps with something chosen."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}{address}")
        self.wait()

    def wait(self) -> None:
        """Wait until all cards show what was chosen."""
        self.page.wait_for_selector("html[data-ready=yes]", state="attached")

    def choose(self, name: str, text: str) -> None:
        """Choose from one of the choosers."""
        self.page.select_option(f"#choose-{name}", label=text)
        self.wait()

    def options(self, name: str) -> list[str]:
        """Return what can be chosen."""
        return self.page.locator(f"#choose-{name} option").all_inner_texts()

    def csv(self, card: str) -> list[list[str]]:
        """Return the lines of the CSV file that a chart gives."""
        with self.page.expect_download() as waiting:
            self.page.click(f"#{card} .below > button:first-child")
        content = waiting.value.path().read_text(encoding="utf-8")
        assert content.startswith("\ufeff")
        return list(csv.reader(io.StringIO(content[1:], newline="")))

    def sql(self, card: str) -> str:
        """Return the SQL that a chart shows."""
        summary = self.page.locator(f"#{card} .below > details > summary", has_text="SQL")
        summary.click()
        return self.page.locator(f"#{card} pre").inner_text()

    def text(self, selector: str) -> str:
        """Return the text of a part of the page."""
        return self.page.locator(selector).inner_text()

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page."""
        return self.page.evaluate(script, argument)
