"""Sets of ids, written as short texts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.state.id_sets import pack, unpack


@given(st.sets(st.integers(1, 2**63 - 1)))
def test_what_is_packed_comes_back(ids: set[int]) -> None:
    assert unpack(pack(ids)) == ids


def test_neighbours_are_readable() -> None:
    assert pack([53, 50, 51, 55]) == "50-51,53,55"


def test_600_scattered_ids_are_short() -> None:
    ids = random.Random(1).sample(range(1, 700_000), 600)  # noqa: S311
    assert len(pack(ids)) < 1700


@pytest.mark.parametrize(
    "text", ["x", "1-", "-1", "1,,2", "~", None, 7, "~!", "1-99999999999", "~gA"]
)
def test_what_is_something_else_is_told(text: object) -> None:
    if text == "~":
        assert unpack(text) == set()
        return
    with pytest.raises(ValueError):
        unpack(text)
