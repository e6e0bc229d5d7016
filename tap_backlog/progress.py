"""How far a run has come: a live display on a terminal, a log line elsewhere.

Both look at the run from a thread of their own, a few times a second or less, so the
run itself does nothing for them.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from tap_backlog.tap import TapBacklog

SECONDS_PER_LINE = 30.0
"""Between two log lines."""

_LOOKS_PER_SECOND = 4
_SECONDS_OF_RATE = 20.0
"""Time over which the rate of rows is taken."""

logger = logging.getLogger("tap-backlog.progress")


class Look(NamedTuple):
    """How far a run is, at a moment."""

    streams: str
    rows: int
    requests: int
    rate: float
    reading: str
    share: float | None
    seconds_left: float | None
    quota: str
    wait: float

    @property
    def lines(self) -> list[list[str]]:
        """What there is to say: of the stream, of the run, of the limit."""
        of_stream = [self.reading] if self.reading else []
        if self.seconds_left is not None:
            of_stream.append(f"{_span(self.seconds_left)} left")
        of_run = [
            f"{self.streams} streams",
            f"{self.rows:,} rows",
            f"{self.rate:,.0f} rows a second",
            f"{self.requests:,} requests",
        ]
        of_limit = [self.quota] if self.quota else []
        if self.wait:
            of_limit.append(f"waiting {_span(self.wait)} for the rate limit")
        return [line for line in (of_stream, of_run, of_limit) if line]


class Watch:
    """Looks at a run.

    Args:
        tap: The tap that runs.
    """

    def __init__(self, tap: TapBacklog) -> None:
        """Look for the first time."""
        self._tap = tap
        self._streams = tap.selected_streams
        self._past: deque[tuple[float, int, int]] = deque()

    def look(self) -> Look:
        """Return how far the run is now."""
        tap, client = self._tap, self._tap.client
        reading = tap.reading
        rows = sum(stream.rows_read for stream in self._streams)
        passed = reading.rows_passed if reading else 0
        now = time.monotonic()
        self._past.append((now, rows, passed))
        while now - self._past[0][0] > _SECONDS_OF_RATE:
            self._past.popleft()
        then, rows_then, passed_then = self._past[0]
        elapsed = max(now - then, 1 / _LOOKS_PER_SECOND)
        expected = reading.rows_expected if reading else None
        share = seconds_left = None
        words = f"reading `{reading.name}`" if reading else ""
        if expected:
            share = min(passed / expected, 1.0)
            words += f", {passed:,} of {expected:,} ({share:.0%})"
            if passed > passed_then:
                pace = (passed - passed_then) / elapsed
                seconds_left = max(expected - passed, 0) / pace
        quota = client.pacer.quotas.get(client.pacer.latest)
        return Look(
            f"{sum(stream.is_done for stream in self._streams)} of {len(self._streams)}",
            rows,
            client.requests_sent,
            max(rows - rows_then, 0) / elapsed,
            words,
            share,
            seconds_left,
            f"{quota.remaining:.0f} of {quota.limit:.0f} {client.pacer.latest} requests "
            "left in this minute"
            if quota
            else "",
            max(client.pacer.waiting_until - now, 0.0),
        )


@contextlib.contextmanager
def progress_of(tap: TapBacklog) -> Iterator[None]:
    """Show how far a run is while it lasts, and close its log with a summary.

    Args:
        tap: The tap, which is run inside.
    """
    _ = tap.client  # set up here, before another thread looks at it
    watching: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if tap.config.get("show_progress", True):
        tap.shows_live = sys.stderr.isatty() and not sys.stdout.isatty()
        watching = _live(Watch(tap)) if tap.shows_live else _in_lines(Watch(tap))
    ending = "Stopped"
    try:
        with watching:
            yield
        ending = "Done"
    finally:
        _summarize(tap, ending)


def _summarize(tap: TapBacklog, ending: str) -> None:
    """Log what a run came to, with what was refused at the end of the line."""
    refused = "; ".join(f"{name} ({why})" for name, why in tap.refused.items())
    streams = [s for s in tap.selected_streams if s.is_done and s.name not in tap.refused]
    pacer = tap.client.pacer
    waited = f" ({_span(pacer.seconds_waited)})" if pacer.waits else ""
    logger.log(
        logging.WARNING if refused else logging.INFO,
        "%s: %d streams, %d rows, %d requests, %d waits%s.%s",
        ending,
        len(streams),
        sum(stream.rows_read for stream in tap.selected_streams),
        tap.client.requests_sent,
        pacer.waits,
        waited,
        f" Left out, since this key may not read it: {refused}" if refused else "",
    )


@contextlib.contextmanager
def _in_lines(watch: Watch) -> Iterator[None]:
    """Log a line now and then."""
    end = threading.Event()

    def tell() -> None:
        while not end.wait(SECONDS_PER_LINE):
            logger.info("So far: %s.", "; ".join(map(", ".join, watch.look().lines)))

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()


@contextlib.contextmanager
def _live(watch: Watch) -> Iterator[None]:
    """Show one live display on stderr; log lines go above it."""
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    live = Live(
        console=Console(stderr=True),
        get_renderable=lambda: _display(watch.look()),
        refresh_per_second=_LOOKS_PER_SECOND,
        transient=True,
        redirect_stdout=False,
    )
    with live:
        # Handlers keep the stream that they were given before the display took its place.
        handlers = [
            handler
            for handler in logging.getLogger().handlers
            if isinstance(handler, logging.StreamHandler)
            and handler.stream is sys.__stderr__
        ]
        for handler in handlers:
            handler.setStream(sys.stderr)
        try:
            yield
        finally:
            for handler in handlers:
                handler.setStream(sys.__stderr__)


def _display(look: Look) -> RenderableType:
    from rich.console import Group  # noqa: PLC0415
    from rich.progress_bar import ProgressBar  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    text = Text("\n".join(map(" · ".join, look.lines)))
    if look.share is None:
        return text
    return Group(ProgressBar(total=1, completed=look.share, width=40), text)


def _span(seconds: float) -> str:
    """Return a time as people say it."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
