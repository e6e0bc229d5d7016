"""Fixtures: a small sample space, the server in front of it, and a config for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, make_space

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """Let waits take no time, and note how long each would have been."""
    noted: list[float] = []
    monkeypatch.setattr(time, "sleep", noted.append)
    return noted
