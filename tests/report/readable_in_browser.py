"""The page can be read by everybody: by ear, by keyboard, on a phone and on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.report import spaces
from tests.report.browser import CARDS, Reader

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_serious_fault(
    browser: Browser, living_file: Path, language: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language
    )
    reader = Reader(context.new_page(), spaces.draw(living_file, language))
    for details in reader.page.locator("summary").all():
        details.click()
    found: dict[str, Any] = Axe().run(reader.page).response
    faults = [
        (fault["id"], [node["html"] for node in fault["nodes"]][:3])
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
    ]
    assert faults == []
    assert len(found["passes"]) > 20
    assert reader.evaluate("document.documentElement.lang") == language
    context.close()


def test_everything_can_be_reached_with_the_keyboard(reader: Reader) -> None:
    reached: list[str] = []
    for _ in range(400):
        reader.page.keyboard.press("Tab")
        name: str = reader.evaluate(
            "(document.activeElement.closest('section') ?? {}).id"
            " + '|' + document.activeElement.tagName + '|' + document.activeElement.id"
        )
        if reached and name.endswith("|BODY|"):
            break
        reached.append(name)
    names = [name.split("|")[2] for name in reached]
    choosers = [f"choose-{one}" for one in ("project", "milestone", "person", "period")]
    assert names[1:5] == choosers
    for card in CARDS:
        assert f"{card}|BUTTON|" in reached
        assert f"{card}|SUMMARY|" in reached


def test_a_chooser_obeys_the_keyboard(reader: Reader) -> None:
    before = reader.text("#tile-open .now")
    reader.page.focus("#choose-project")
    reader.page.keyboard.press("ArrowDown")
    assert reader.page.url.endswith("#project=APP") or "#project=" in reader.page.url
    assert reader.text("#tile-open .now") != before


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_part_is_wider_than_the_screen(
    browser: Browser, living_page: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    reader = Reader(context.new_page(), living_page)
    assert reader.evaluate("document.documentElement.scrollWidth") == width
    sizes: list[float] = reader.evaluate(
        "[...document.querySelectorAll('.chart svg text')].map("
        "text => parseFloat(getComputedStyle(text).fontSize))"
    )
    assert min(sizes) >= 12
    context.close()


def test_it_fits_on_paper(browser: Browser, living_page: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    reader = Reader(context.new_page(), living_page)
    paper = reader.page.pdf(prefer_css_page_size=True)
    pages = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert 4 <= len(pages) <= 14
    assert {(round(float(a)), round(float(b))) for a, b in pages} == {(595, 842)}
    reader.page.emulate_media(media="print")
    drawn: list[tuple[float, float]] = reader.evaluate(
        """() => {
            dispatchEvent(new Event("beforeprint"));
            return [...document.querySelectorAll(".chart")].map(chart => {
                const { left, bottom } = chart.getBoundingClientRect();
                const texts = [...chart.querySelectorAll("text")];
                const drawn = texts.map(text => text.getBoundingClientRect());
                return [
                    Math.max(0, ...drawn.map(one => one.right - left)),
                    Math.max(0, ...drawn.map(one => one.bottom)) - bottom,
                ];
            });
        }"""
    )
    assert len(drawn) == 9
    for width, below in drawn:
        assert width <= 794 - 2 * 45  # A4 less its margins, at 96 dpi
        assert below <= 0
    context.close()


def test_each_chart_has_a_title_a_sentence_and_its_data(reader: Reader) -> None:
    for card in CARDS:
        assert len(reader.text(f"#{card} h2")) > 8
        assert reader.text(f"#{card} .how").endswith(".")
        labels = reader.page.locator(f"#{card} .chart").all()
        assert all(one.get_attribute("role") == "img" for one in labels)
        assert reader.page.locator(f"#{card} .body table, #{card} summary").count() >= 1
