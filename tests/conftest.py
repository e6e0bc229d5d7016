"""Fixtures: a small sample space, the server that serves it, and a config for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, make_space
from tests.secrets_guard import assert_no_secret

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],  # noqa: ARG001
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Search everything that a test has printed and logged for secrets."""
    report = yield
    if report.passed:
        try:
            assert_no_secret("\n".join(text for _, text in report.sections))
        except AssertionError as error:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: {error}"
    return report


@pytest.fixture
def options() -> Options:
    return Options(projects=4, users=12, teams=130, issues=330, activities=250)


@pytest.fixture
def space(options: Options) -> Space:
    return make_space(options)


@pytest.fixture
def server(space: Space) -> Iterator[SampleServer]:
    with SampleServer(space) as server:
        yield server


@pytest.fixture
def config(server: SampleServer) -> dict[str, Any]:
    return {"host": server.url, "api_key": server.space.options.admin_key}


@pytest.fixture
def member_config(config: dict[str, Any], space: Space) -> dict[str, Any]:
    return {**config, "api_key": space.options.member_key}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let waits take no time, and record how long each would have been."""
    noted: list[float] = []
    monkeypatch.setattr(time, "sleep", noted.append)
    return noted
