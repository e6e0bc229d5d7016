from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from tap_backlog.read_ahead import read_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_everything_comes_in_order_and_from_another_thread() -> None:
    threads = set()

    def pages() -> Iterator[int]:
        for page in range(50):
            threads.add(threading.current_thread())
            yield page

    assert list(read_ahead(pages())) == list(range(50))
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_one_page_is_read_ahead_and_no_more() -> None:
    read: list[int] = []

    def pages() -> Iterator[int]:
        for page in range(10):
            read.append(page)
            yield page

    ahead = read_ahead(pages())
    for page in range(5):
        assert next(ahead) == page
        time.sleep(0.02)
        assert read[-1] == page + 1


def test_a_failure_is_raised_where_its_page_was_due() -> None:
    def pages() -> Iterator[int]:
        yield 1
        message = "no"
        raise ValueError(message)

    ahead = read_ahead(pages())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="no"):
        next(ahead)


def test_who_stops_taking_waits_for_the_request_on_its_way() -> None:
    is_asking = threading.Event()

    def pages() -> Iterator[int]:
        yield 1
        is_asking.set()
        time.sleep(0.1)
        is_asking.clear()
        yield 2

    ahead = read_ahead(pages())
    assert next(ahead) == 1
    is_asking.wait(5)
    ahead.close()  # type: ignore[attr-defined]
    assert not is_asking.is_set()
