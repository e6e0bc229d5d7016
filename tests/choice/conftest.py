"""A space of few rows, without rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import without_limits

if TYPE_CHECKING:
    from sample_space import Options


@pytest.fixture
def options(options: Options) -> Options:
    options.issues, options.teams, options.activities = 40, 5, 20
    return without_limits(options)
