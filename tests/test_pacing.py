"""Pacing within a rate limit, with a clock of the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formatdate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_backlog.api import rate_limit
from tap_backlog.api.rate_limit import WINDOW, Pacer, read_quota, request_class
from tap_backlog.settings.values import Settings

LONGEST_PAUSE = 120
RESERVE = Settings.of({}).rate_limit_reserve


@dataclass
class Clock:
    """Replaces the module ``time``: sleeping takes no time."""

    now: float = 1_000_000.0
    pauses: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= LONGEST_PAUSE
        self.pauses.append(seconds)
        self.now += seconds


@dataclass
class Server:
    """Counts requests as Backlog does: a window opens with its first request."""

    clock: Clock
    limit: int
    skew: float = 0
    shows_date: bool = True
    closes: float = 0
    used: int = 0
    refused: int = 0

    def answer(self) -> dict[str, str]:
        self.take(1)
        self.refused += self.used > self.limit
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(int(self.closes + self.skew)),
        }
        if self.shows_date:
            headers["Date"] = formatdate(self.clock.now + self.skew, usegmt=True)
        return headers

    def take(self, count: int) -> None:
        if self.clock.now >= self.closes:
            self.closes, self.used = self.clock.now + WINDOW, 0
        self.used += count


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate_limit, "time", clock)
    return clock


def read(clock: Clock, server: Server, pacer: Pacer, requests: int, each: float) -> float:
    """Make requests; return the seconds that they took."""
    started = clock.now
    for _ in range(requests):
        pacer.pause("search")
        clock.now += each
        pacer.note("search", server.answer())
    return clock.now - started


@given(
    limit=st.integers(10, 600),
    skew=st.sampled_from([0, -400, 400]),
    each=st.sampled_from([0.01, 0.1, 0.7]),
    fraction=st.floats(0, 1),
)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_a_run_on_its_own_is_never_refused_and_wastes_little(
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    skew: float,
    each: float,
    fraction: float,
) -> None:
    clock = Clock(now=1_000_000 + fraction)
    monkeypatch.setattr(rate_limit, "time", clock)
    server = Server(clock, limit, skew)
    seconds = read(clock, server, Pacer(RESERVE), 6 * limit, each)
    assert server.refused == 0
    assert seconds <= 1.2 * max(6 * WINDOW, 6 * limit * each)


def test_with_plenty_left_nothing_waits(clock: Clock) -> None:
    assert read(clock, Server(clock, 150), Pacer(RESERVE), 100, 0) == 0


def test_as_it_runs_short_requests_are_spread(clock: Clock) -> None:
    read(clock, Server(clock, 150), Pacer(RESERVE), 130, 0.05)
    assert len(clock.pauses) > 20
    assert max(clock.pauses) < 4


def test_a_share_is_kept_for_other_tools(clock: Clock) -> None:
    server = Server(clock, 100)
    pacer = Pacer(reserve=0.3)
    least = 100
    for _ in range(200):
        pacer.pause("search")
        clock.now += 0.01
        headers = server.answer()
        least = min(least, int(headers["X-RateLimit-Remaining"]))
        pacer.note("search", headers)
    assert least == 30


def test_a_limit_that_shrinks_is_kept(clock: Clock) -> None:
    server, pacer = Server(clock, 600), Pacer(RESERVE)
    read(clock, server, pacer, 500, 0.01)
    server.limit = 300
    server.closes = 0
    read(clock, server, pacer, 900, 0.01)
    assert server.refused == 0


def test_other_tools_that_eat_the_quota_are_seen(clock: Clock) -> None:
    server, pacer = Server(clock, 150), Pacer(RESERVE)
    for _ in range(300):
        server.take(1)
        read(clock, server, pacer, 1, 0.05)
    assert server.refused == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Limit": "150"},
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "0"},
        {
            "X-RateLimit-Limit": "nan",
            "X-RateLimit-Remaining": "inf",
            "X-RateLimit-Reset": "",
        },
        {
            "X-RateLimit-Limit": "-1",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "5",
        },
    ],
)
def test_headers_that_say_nothing_slow_nothing_down(
    clock: Clock,
    headers: dict[str, str],
) -> None:
    assert read_quota(headers) is None
    pacer = Pacer(RESERVE)
    pacer.note("search", headers)
    pacer.pause("search")
    assert not clock.pauses


@given(
    limit=st.integers(-5, 10**9),
    remaining=st.integers(-5, 10**9),
    reset=st.floats(allow_nan=True, allow_infinity=True) | st.integers(0, 2 * 10**9),
    date=st.sampled_from(["", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"]),
)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_no_pause_is_longer_than_two_minutes_whatever_the_headers_say(
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    remaining: int,
    reset: float,
    date: str,
) -> None:
    clock = Clock()
    monkeypatch.setattr(rate_limit, "time", clock)
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset),
        "Date": date,
    }
    pacer = Pacer(RESERVE)
    pacer.note("read", headers)
    pacer.pause("read")
    assert sum(clock.pauses) <= WINDOW + 1


def test_a_reset_in_the_past_lets_the_run_go_on(clock: Clock) -> None:
    pacer = Pacer(RESERVE)
    past = str(int(clock.now - 500))
    headers = {"Date": formatdate(clock.now, usegmt=True), "X-RateLimit-Limit": "150"}
    pacer.note(
        "read", {**headers, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": past}
    )
    pacer.pause("read")
    assert sum(clock.pauses) <= 1


def test_classes_are_paced_apart(clock: Clock) -> None:
    server, pacer = Server(clock, 15), Pacer(RESERVE)
    for _ in range(14):
        pacer.note("search", server.answer())
    pacer.pause("read")
    assert not clock.pauses
    pacer.pause("search")
    assert clock.pauses


@pytest.mark.parametrize("path", ["issues", "issues/count", "wikis", "wikis/count"])
def test_searches_are_told_from_other_requests(path: str) -> None:
    assert request_class(path) == "search"
    assert request_class(f"{path}/1") == "read"


def test_a_cap_of_the_users_own_is_kept(clock: Clock) -> None:
    server = Server(clock, 600)
    seconds = read(clock, server, Pacer(RESERVE, requests_per_minute=30), 61, 0)
    assert seconds == pytest.approx(120)
    assert server.refused == 0
