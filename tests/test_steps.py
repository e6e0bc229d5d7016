"""The share of a stream that was read grows from 0 to 1, for every kind of stream."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.steps import Steps, share_of_time


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 1, number, tzinfo=dt.timezone.utc)


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=6))
def test_over_items_the_share_never_moves_back_and_ends_at_1(
    items: list[list[int]],
) -> None:
    steps = Steps()
    shares = []
    for place, pages in enumerate(steps.over(items, "projects")):
        shares.append(steps.share)
        assert steps.share == pytest.approx(place / len(items))
        assert steps.words == f"{place} of {len(items)} projects"
        for requests in pages:
            steps.begin_page(requests)
            for _ in range(requests):
                steps.answer()
                shares.append(steps.share)
            steps.end_page()
            shares.append(steps.share)
            assert steps.share < (place + 1) / len(items)
    assert shares == sorted(shares)
    assert steps.share == 1
    assert not steps.is_guess


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3)), max_size=8))
def test_over_pages_the_share_follows_what_each_page_tells(
    pages: list[tuple[float, int]],
) -> None:
    steps = Steps()
    highest = 0.0
    for share, requests in pages:
        steps.page_to(share, "rows", is_guess=True)
        steps.begin_page(requests)
        assert steps.share == pytest.approx(highest)
        for _ in range(requests):
            steps.answer()
        steps.end_page()
        highest = max(highest, share)
        assert steps.share == pytest.approx(highest)


def test_the_requests_of_a_page_move_the_share_evenly() -> None:
    steps = Steps()
    steps.page_to(0.5, "100 of 200 rows", is_guess=False)
    steps.begin_page(2)
    steps.answer()
    assert steps.share == 0.25
    steps.answer()
    assert steps.share == 0.5


def test_items_may_weigh_differently_and_be_a_part_of_the_whole() -> None:
    steps = Steps()
    shares = [
        (steps.share, steps.words)
        for _ in steps.over([[0] * 30, [0] * 10], "pages", (0.2, 1.0), len)
    ]
    assert [words for _, words in shares] == ["0 of 40 pages", "30 of 40 pages"]
    assert [share for share, _ in shares] == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize(
    ("begin", "reached", "end", "share"),
    [
        (1, 1, 5, 0.0),
        (1, 2, 5, 0.25),
        (5, 2, 1, 0.75),  # back in time
        (1, 9, 5, 1.0),
        (3, 3, 3, 1.0),
    ],
)
def test_a_share_of_time_lies_between_0_and_1(
    begin: int, reached: int, end: int, share: float
) -> None:
    assert share_of_time(day(begin), day(reached), day(end)) == share
