"""The living sample space, loaded once per worker, and the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_backlog_report.demo import make_living_space
from tests.report import spaces
from tests.report.browser import Reader, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from sample_space import Space


@pytest.fixture(scope="session")
def living_space() -> Space:
    return make_living_space()


@pytest.fixture(scope="session")
def living_file(living_space: Space, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spaces.load(tmp_path_factory.mktemp("living"), living_space)


@pytest.fixture(scope="session")
def living_page(living_file: Path) -> Path:
    return spaces.draw(living_file)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def reader(browser: Browser, living_page: Path) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = Reader(context.new_page(), living_page)
    yield found
    context.close()
    assert found.wrong == []
