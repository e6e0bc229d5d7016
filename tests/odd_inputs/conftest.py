"""A space that is small enough to be read often."""

from __future__ import annotations

import pytest

from sample_space import Options


@pytest.fixture
def options() -> Options:
    return Options(projects=3, users=4, teams=3, issues=30, activities=20)
