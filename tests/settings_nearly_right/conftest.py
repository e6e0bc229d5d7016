"""No setting comes from the environment of the tests."""

from __future__ import annotations

import pytest

from tests.settings_nearly_right.words import NAMES


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"TAP_BACKLOG_{name.upper()}", raising=False)
