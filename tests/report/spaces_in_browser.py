"""Spaces of all kinds give a page with a chart or a sentence in each card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sample_space import Options, Space, make_space
from tap_backlog_report.words import LANGUAGES
from tests.report import spaces
from tests.report.browser import CARDS, Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

HOSTILE = "</script><script>window.taken = 1</script><img src=x onerror='window.taken=1'>"


def empty() -> Space:
    return make_space(spaces.small(projects=1, issues=0, activities=0))


def one_project() -> Space:
    return make_space(spaces.small(projects=1))


def fifty_projects() -> Space:
    return make_space(spaces.small(projects=50, issues=200, users=60))


def without_milestones() -> Space:
    space = make_space(spaces.small(projects=2))
    for project in space.projects:
        project.versions.clear()
    for issue in space.issues.values():
        issue |= {"milestone": [], "versions": []}
    return space


def without_history() -> Space:
    return make_space(spaces.small(projects=2, activities=0))


def without_hours() -> Space:
    space = make_space(spaces.small(projects=2))
    for issue in space.issues.values():
        issue |= {"estimatedHours": None, "actualHours": None, "dueDate": None}
    return space


def with_deleted_users() -> Space:
    space = make_space(spaces.small(projects=2))
    for issue in space.issues.values():
        issue |= {"createdUser": None, "updatedUser": None}
    space.users[1:] = []
    return space


def with_japanese_names() -> Space:
    space = make_space(spaces.small(projects=2))
    for number, project in enumerate(space.projects):
        project.project["name"] = f"基幹業務の再構築 第{number}期"
    for user in space.users:
        user["name"] = "長谷川 龍之介・開発第二部・東日本グループ"
    return space


SPACES: list[Callable[[], Space]] = [
    *(empty, one_project, fifty_projects, without_milestones, without_history),
    *(without_hours, with_deleted_users, with_japanese_names),
]


@pytest.mark.parametrize("make", SPACES, ids=lambda make: str(make.__name__))
def test_each_card_has_a_chart_or_a_sentence(
    browser: Browser, tmp_path: Path, make: Callable[[], Space]
) -> None:
    space = make()
    file = spaces.load(tmp_path, space)
    for language in LANGUAGES:
        assert_good(browser, spaces.draw(file, language), space)


def assert_good(browser: Browser, page: Path, space: Space) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    reader = Reader(context.new_page(), page)
    assert len(reader.options("project")) == 1 + len(
        {issue["projectId"] for issue in space.issues.values()}
    )
    for address in ("", "#period=all"):
        reader.open(address)
        for card in CARDS:
            body = reader.page.locator(f"#{card} .body")
            shown = body.locator(".chart svg, .chart canvas, .tiles, table, .empty")
            assert shown.count() == 1, card
        text = reader.text("main")
        assert not re.search(r"undefined|NaN|null|Infinity|\bempty\.|\{\w+\}", text)
    assert reader.wrong == []
    width = "document.documentElement.scrollWidth"
    assert reader.evaluate(width) == 390
    context.close()


def test_a_space_without_issues_says_so_in_sentences(
    browser: Browser, tmp_path: Path
) -> None:
    page = spaces.draw(spaces.load(tmp_path, empty()))
    context = browser.new_context()
    reader = Reader(context.new_page(), page)
    assert reader.text("#burndown .empty").startswith("No milestone here has issues.")
    assert reader.text("#workload .empty") == "There are no open issues here."
    assert reader.text("#tile-open .now") == "0"
    context.close()


def test_what_strangers_write_is_text(browser: Browser, tmp_path: Path) -> None:
    space = make_space(Options(projects=1, users=3, teams=1, issues=12, activities=50))
    space.info["name"] = HOSTILE
    for issue in space.issues.values():
        issue |= {"summary": HOSTILE, "status": space.projects[0].statuses[0]}
        issue["dueDate"] = "2026-09-01T00:00:00Z"
    for user in space.users:
        user["name"] = HOSTILE
    for row in (*space.projects[0].versions, *space.projects[0].statuses):
        row["name"] = HOSTILE
    page = spaces.draw(spaces.load(tmp_path, space))
    context = browser.new_context()
    reader = Reader(context.new_page(), page)
    assert reader.text("h1").startswith(HOSTILE)
    assert reader.text("#due tbody td:nth-child(3) >> nth=0") == HOSTILE
    assert HOSTILE in reader.options("person")
    for details in reader.page.locator("summary").all():
        details.click()
    reader.choose("person", HOSTILE)
    assert reader.evaluate("window.taken") is None
    assert reader.page.locator("img, script").count() == 4
    assert reader.wrong == []
    context.close()


def test_a_text_is_not_a_formula_in_the_csv(browser: Browser, tmp_path: Path) -> None:
    space = make_space(Options(projects=1, users=3, teams=1, issues=4, activities=20))
    for issue in space.issues.values():
        issue |= {"summary": "=1+1", "status": space.projects[0].statuses[0]}
        issue["dueDate"] = "2026-09-01T00:00:00Z"
    page = spaces.draw(spaces.load(tmp_path, space))
    context = browser.new_context()
    rows = Reader(context.new_page(), page).csv("due")[1:]
    assert {row[2] for row in rows} == {"'=1+1"}
    context.close()
