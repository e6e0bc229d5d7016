"""Pictures of the report for the documentation, part of ``make docs``.

They show the demo, in both languages, at the width of a desk, a tablet and a phone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

DOCS = Path("docs")


class Picture(NamedTuple):
    """A picture.

    Args:
        name: Of the file.
        language: Of the page.
        size: Width and height in pixels.
        address: What is chosen.
    """

    name: str
    language: str
    size: tuple[int, int]
    address: str = ""


PICTURES = (
    Picture("report", "en", (1440, 1250), "#project=WEB"),
    Picture("report.ja", "ja", (1440, 1250), "#project=WEB"),
    Picture("report-tablet", "en", (820, 1300), "#period=182"),
    Picture("report-tablet.ja", "ja", (820, 1300), "#period=182"),
    Picture("report-phone", "en", (390, 1100)),
    Picture("report-phone.ja", "ja", (390, 1100)),
)


def main() -> None:
    """Draw the demo in both languages, and take the pictures."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        draw(folder)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for picture in PICTURES:
            width, height = picture.size
            tab = browser.new_page(viewport={"width": width, "height": height})
            page = folder / f"{picture.language}.html"
            tab.goto(f"{page.as_uri()}{picture.address}")
            tab.wait_for_selector("html[data-ready=yes]", state="attached")
            tab.screenshot(path=DOCS / f"{picture.name}.png")
            tab.close()
        browser.close()


def draw(folder: Path) -> None:
    """Draw the pages ``en.html`` and ``ja.html``.

    Args:
        folder: For the pages.
    """
    for language in ("en", "ja"):
        subprocess.run(  # noqa: S603
            [
                *(sys.executable, "-m", "tap_backlog_report", "--demo"),
                *("--lang", language, "--file", str(folder / "demo.duckdb")),
                *("--output", str(folder / f"{language}.html")),
            ],
            stderr=subprocess.DEVNULL,
            check=True,
        )


if __name__ == "__main__":
    main()
