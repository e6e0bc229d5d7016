from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from tap_backlog.api.rate_limit import WINDOW, seconds_until_reset


def headers(reset: object, server_time: float | None = None) -> dict[str, str]:
    date = {} if server_time is None else {"Date": formatdate(server_time, usegmt=True)}
    return {"X-RateLimit-Reset": str(reset), **date}


def test_it_waits_for_the_reset_by_the_servers_clock() -> None:
    an_hour_off = int(time.time()) + 3600
    assert seconds_until_reset(headers(an_hour_off + 20, an_hour_off)) == 21


def test_it_waits_for_the_reset_by_its_own_clock_where_the_server_shows_none() -> None:
    assert 19 < seconds_until_reset(headers(int(time.time()) + 20)) <= 21


@pytest.mark.parametrize("reset", ["", "soon", "nan", "inf", "-inf", "1e999"])
def test_a_reset_that_is_no_number_means_a_whole_window(reset: str) -> None:
    assert seconds_until_reset(headers(reset)) == WINDOW


def test_no_reset_means_a_whole_window() -> None:
    assert seconds_until_reset({}) == WINDOW


@pytest.mark.parametrize(
    ("reset", "wait"), [(-5000, 1), (0, 1), (600, WINDOW), (1e9, WINDOW)]
)
def test_a_wait_is_neither_nothing_nor_endless(reset: float, wait: float) -> None:
    now = int(time.time())
    assert seconds_until_reset(headers(now + reset, now)) == wait
