"""Sets of ids are short texts, and come back as they were."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.id_sets import pack, unpack

ids = st.one_of(
    st.sets(st.integers(1, 2**63 - 1), max_size=60),
    st.sets(st.integers(1, 300), max_size=200),
    st.builds(lambda first, size: set(range(first, first + size)),
              st.integers(1, 10**9), st.integers(0, 700)),
)  # fmt: skip


@given(ids)
def test_every_set_comes_back(wanted: set[int]) -> None:
    assert unpack(pack(wanted)) == wanted


@given(st.one_of(st.text(max_size=30), st.integers(), st.none(), st.lists(st.text())))
def test_other_values_are_a_set_or_a_value_error(value: object) -> None:
    try:
        found = unpack(value)
    except ValueError:
        return
    assert all(type(one) is int for one in found)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (set(), ""),
        ({7}, "7"),
        ({50, 51, 52, 53, 55}, "50-53,55"),
        ({1, 1000, 70_000}, "~AecHiJsE"),
    ],
)
def test_the_form_is_short_and_stays_as_it_is(wanted: set[int], text: str) -> None:
    assert pack(wanted) == text
    assert unpack(text) == wanted


def test_600_scattered_ids_take_at_most_1700_characters() -> None:
    some = random.Random(1).sample(range(1, 700_000), 600)  # noqa: S311
    assert len(pack(some)) <= 1700


@pytest.mark.parametrize(
    "text",
    ["1-", "-1", "1,,2", "~!", "~gA", "x", "1-99999999999", "5-1x", "\uff11", 7, None],
)
def test_what_is_no_set_is_a_value_error(text: object) -> None:
    with pytest.raises(ValueError):
        unpack(text)
