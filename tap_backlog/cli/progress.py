"""The progress of a run: a live display on a terminal, lines in the log elsewhere.

Both look at the run from their own thread, at most a few times per second. So the run
itself only has to update its steps.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from tap_backlog.cli.bottom_rows import BottomRows, has_bottom_rows
from tap_backlog.cli.live_display import ROWS, rows_of
from tap_backlog.cli.look import Look
from tap_backlog.cli.run_log import PROGRESS
from tap_backlog.cli.summary import Summary
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.run import Run
    from tap_backlog.singer.interrupts import Interrupts
    from tap_backlog.steps import Steps

SECONDS_PER_LINE = 30.0
"""Seconds between two log lines."""

_LOOKS_PER_SECOND = 4
_SECONDS_OF_RATE = 20.0
"""Seconds over which rates are averaged."""

logger = logging.getLogger(PROGRESS)


class Watch:
    """Looks at a run, for its progress.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._began = time.monotonic()
        self._rows: deque[tuple[float, float]] = deque()
        self._shares: deque[tuple[float, float]] = deque()
        self._steps: Steps | None = None

    def look(self) -> Look:
        """Return how far the run is now."""
        run, pacer, now = self._run, self._run.client.pacer, time.monotonic()
        rows = run.counters.all_rows
        rate = _rate(self._rows, now, rows)
        of_run = [
            f"{len(run.counters.done)} of {counted(len(run.wanted), 'stream')}",
            counted(rows, "row"),
            counted(run.client.requests_sent, "request"),
            f"{rate:,.0f} rows per second",
        ]
        if quota := pacer.quotas.get(pacer.latest):
            of_run.append(
                f"{quota.remaining:.0f} of {quota.limit:.0f} {pacer.latest} requests "
                "left this minute"
            )
        wait = max(pacer.waiting_until - now, 0.0)
        if run.counters.current is None:
            return Look("", 0.0, True, "", None, of_run, wait)  # noqa: FBT003
        stream, steps = run.counters.current
        if steps is not self._steps:
            self._steps = steps
            self._shares.clear()
            self._shares.append((steps.began_at, 0.0))
        return Look(
            stream,
            steps.share,
            steps.is_guess,
            steps.words,
            self._seconds_left(steps, now),
            of_run,
            wait,
        )

    def _seconds_left(self, steps: Steps, now: float) -> float | None:
        """Return how long a stream may still take, by its rate, or else by requests."""
        requests = self._run.client.requests_sent
        if pace := _rate(self._shares, now, steps.share):
            return (1 - steps.share) / pace
        if not requests:
            return None
        return steps.pieces_left * (now - self._began) / requests


def _rate(past: deque[tuple[float, float]], now: float, value: float) -> float:
    """Return by how much a value grows per second, and remember the value."""
    past.append((now, value))
    while len(past) > 2 and now - past[1][0] > _SECONDS_OF_RATE:  # noqa: PLR2004
        past.popleft()
    then, value_then = past[0]
    elapsed = max(now - then, 1 / _LOOKS_PER_SECOND)
    return max(value - value_then, 0.0) / elapsed


@contextlib.contextmanager
def progress_of(run: Run, interrupts: Interrupts) -> Iterator[None]:
    """Show the progress of a run, and end its log with a summary.

    Args:
        run: The run, which happens inside.
        interrupts: What may stop it.
    """
    watching: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if run.settings.show_progress:
        run.shows_live = has_bottom_rows(sys.stderr) and not sys.stdout.isatty()
        watching = _live(run, interrupts) if run.shows_live else _in_lines(run)
    with Summary(run, interrupts), watching:
        yield


@contextlib.contextmanager
def _in_lines(run: Run) -> Iterator[None]:
    """Log a line per finished stream, and one at intervals."""
    end, watch = threading.Event(), Watch(run)

    def tell() -> None:
        while not end.wait(SECONDS_PER_LINE):
            logger.info(watch.look().as_sentence)

    def tell_done(stream: str, rows: int) -> None:
        if stream not in run.refused:  # a refusal has been logged already
            logger.info("`%s`: %s.", stream, counted(rows, "row"))

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    thread.start()
    run.counters.tell_done = tell_done
    try:
        yield
    finally:
        end.set()


@contextlib.contextmanager
def _live(run: Run, interrupts: Interrupts) -> Iterator[None]:
    """Show the progress of the run in the last rows of the terminal."""
    end, watch = threading.Event(), Watch(run)
    bottom = BottomRows(sys.stderr.fileno(), ROWS)

    def draw() -> None:
        while not end.wait(1 / _LOOKS_PER_SECOND):
            # The last column stays empty: some terminals go to the next row after it.
            bottom.show(rows_of(watch.look(), bottom.size.columns - 1))

    thread = threading.Thread(target=draw, name="progress", daemon=True)
    interrupts.last_acts.append(bottom.give_back)
    thread.start()
    try:
        yield
    finally:
        end.set()
        bottom.give_back()
