"""Nothing is lost while people work on the list: thousands of interleavings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sample_space.moving_list import MovingList, TieOrder
from tap_backlog.reading import newest_first, pagination
from tap_backlog.reading.newest_first import NewestFirst, Stretch

Row = dict[str, Any]
Work = Callable[[MovingList], None]

SETTINGS = settings(
    max_examples=250,
    stateful_step_count=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

places = st.integers(0, 600)
some_places = st.lists(places, min_size=1, max_size=6)
blocks = st.tuples(places, st.sampled_from([5, 60, 150, 300])).map(
    lambda block: range(block[0], block[0] + block[1])
)
work = st.one_of(
    st.sampled_from([0, 1, 1, 2, 60]).map(lambda s: lambda rows: rows.wait(s)),
    st.sampled_from([1, 2, 99, 120]).map(lambda n: lambda rows: rows.add(n)),
    some_places.map(lambda p: lambda rows: rows.edit(p)),
    blocks.map(lambda p: lambda rows: rows.edit(p)),
    some_places.map(lambda p: lambda rows: rows.delete(p)),
    blocks.map(lambda p: lambda rows: rows.delete(p[:40])),
)
work_between_pages = st.lists(st.lists(work, max_size=3), max_size=8)
stable_orders = st.sampled_from([TieOrder.BY_ID, TieOrder.BY_ID_DESCENDING])


class Reading(RuleBasedStateMachine):
    """People work on a list, which is read again and again, and sometimes cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.list = MovingList()
        self.loaded: dict[int, object] = {}
        self.floor = ""
        self.stretches: list[Stretch] = []

    @initialize(order=stable_orders, sizes=st.lists(st.integers(1, 260), max_size=4))
    def fill(self, order: TieOrder, sizes: list[int]) -> None:
        self.list.tie_order = order
        for size in sizes:
            self.list.add(size)
            self.list.wait(1)

    @rule(todo=work)
    def somebody_works(self, todo: Work) -> None:
        todo(self.list)

    @rule(between=work_between_pages)
    def a_run_reads(self, between: list[list[Work]]) -> None:
        self.read(between)

    @rule(between=work_between_pages, pages=st.integers(1, 5), is_saved=st.booleans())
    def a_run_is_cut_off(
        self,
        between: list[list[Work]],
        pages: int,
        is_saved: bool,  # noqa: FBT001
    ) -> None:
        self.read(between, pages, is_saved=is_saved)

    @precondition(lambda self: not self.stretches)
    @rule()
    def a_quiet_run_brings_everything(self) -> None:
        self.read([])
        assert (
            self.loaded.items()
            >= {row_id: row["version"] for row_id, row in self.list.rows.items()}.items()
        )

    def teardown(self) -> None:
        self.read([])
        self.a_quiet_run_brings_everything()

    def read(
        self,
        between: list[list[Work]],
        most_pages: int | None = None,
        *,
        is_saved: bool = True,
    ) -> None:
        waiting = iter(between)

        def fetch(offset: int) -> list[Row]:
            for todo in next(waiting, []):
                todo(self.list)
            return self.list.page(offset)

        reader = NewestFirst(fetch, self.floor, self.stretches)
        for count, (rows, stretches) in enumerate(reader.pages(), 1):
            self.loaded |= {row["id"]: row["version"] for row in rows}
            is_cut = count == most_pages
            if is_saved or not is_cut:
                self.stretches = stretches
            if is_cut:
                return
        self.floor = max(self.floor, reader.newest)
        self.stretches = []


TestReading = Reading.TestCase
TestReading.settings = SETTINGS


class ReadingWithoutOrder(Reading):
    """Rows with the same timestamp come in another order with each page."""

    @initialize(sizes=st.lists(st.integers(1, 260), max_size=3))
    def fill_without_order(self, sizes: list[int]) -> None:
        self.fill(TieOrder.ANY, sizes)

    @rule()
    def a_run_reads(self) -> None:
        self.read([])

    @rule(pages=st.integers(1, 5))
    def a_run_is_cut_off(self, pages: int) -> None:
        self.read([], pages)


TestReadingWithoutOrder = ReadingWithoutOrder.TestCase
TestReadingWithoutOrder.settings = settings(SETTINGS, max_examples=60)


def pages_without_anchor(
    fetch: pagination.Fetch,
    _: object,
    offset: int = 0,
) -> Iterator[tuple[int, list[Row]]]:
    return pagination.plain_pages(fetch, offset)


def test_the_model_notices_when_the_anchor_is_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(newest_first, "anchored_pages", pages_without_anchor)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Reading,
            settings=settings(
                SETTINGS,
                max_examples=2000,
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )


class ReadingTeams(RuleBasedStateMachine):
    """A list with its own order, read in full by each run."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = list(range(0, 3000, 10))
        self.loaded: set[int] = set()

    def page(self, offset: int) -> list[Row]:
        return [{"id": i} for i in self.ids[offset : offset + pagination.PAGE_SIZE]]

    @rule(
        between=st.lists(
            st.tuples(st.booleans(), st.lists(places, max_size=30)), max_size=8
        )
    )
    def a_run_reads(self, between: list[tuple[bool, list[int]]]) -> None:
        untouched = set(self.ids)
        waiting = iter(between)

        def fetch(offset: int) -> list[Row]:
            adds, at = next(waiting, (True, []))
            for place in at:
                if adds:
                    self.ids.insert(place % (len(self.ids) + 1), max(self.ids) + 1)
                elif len(self.ids) > 1:
                    untouched.discard(self.ids.pop(place % len(self.ids)))
            return self.page(offset)

        loaded = [row["id"] for rows in pagination.offset_pages(fetch) for row in rows]
        assert untouched <= set(loaded)
        assert len(loaded) == len(set(loaded))


TestReadingTeams = ReadingTeams.TestCase
TestReadingTeams.settings = SETTINGS


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 400, 1000, 1234, 10_000, 30_000])
def test_anchored_pages_cost_little_more_than_naive_ones(size: int) -> None:
    rows = MovingList()
    for _ in range(size):
        rows.add(1)
        rows.wait(1)
    listed = rows.page(0, count=size)
    asked: list[int] = []

    def fetch(offset: int) -> list[Row]:
        asked.append(offset)
        return listed[offset : offset + pagination.PAGE_SIZE]

    found = [row["id"] for page in NewestFirst(fetch, "").pages() for row in page.rows]
    assert found == [row["id"] for row in listed]
    naive = size // pagination.PAGE_SIZE + 1
    assert len(asked) <= naive * 1.03


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 250])
def test_id_paging_is_right_whether_ids_are_included(
    size: int,
    inclusive: bool,  # noqa: FBT001
) -> None:
    ids = [3 * n + 5 for n in range(size)]
    asked: list[int] = []

    def fetch(after: int) -> list[Row]:
        asked.append(after)
        found = [i for i in ids if i > after or (inclusive and i == after)]
        return [{"id": i} for i in found[: pagination.PAGE_SIZE]]

    pages = list(pagination.id_pages(fetch, 0))
    assert [row["id"] for page in pages for row in page] == ids
    assert len(asked) <= size // (pagination.PAGE_SIZE - 1) + 1
    asked.clear()
    assert not list(pagination.id_pages(fetch, ids[-1] if ids else 0))
    assert len(asked) == 1
