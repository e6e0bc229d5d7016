"""The last line of a run: its result, and after a stop, what the next run does."""

from __future__ import annotations

import copy
import logging
import math
import sys
import time
from typing import TYPE_CHECKING, Any

from tap_backlog.budget import BudgetSpent
from tap_backlog.cli.run_log import SUMMARY
from tap_backlog.singer.interrupts import interruption_behind
from tap_backlog.wording import counted, span

if TYPE_CHECKING:
    from types import TracebackType

    from tap_backlog.run import Run
    from tap_backlog.singer.interrupts import Interrupts

_WHERE_TO_GO_ON = ("replication_key_value", "unfinished")

logger = logging.getLogger(SUMMARY)


class Summary:
    """Logs the result at the end of a run.

    Args:
        run: The run, before anything is read.
        interrupts: What may stop it.
    """

    def __init__(self, run: Run, interrupts: Interrupts) -> None:
        self._run = run
        self._interrupts = interrupts
        self._began = time.monotonic()
        self._marks_at_start = copy.deepcopy(_marks(run))
        interrupts.last_acts.append(self._tell_given_up)

    def __enter__(self) -> None:
        """The run begins."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log how the run ended."""
        took = span(max(time.monotonic() - self._began, 1.0))
        if isinstance(error, BudgetSpent):
            logger.info("Stopped after %s: %s. %s", took, self._traffic, self._rest)
        elif stop := interruption_behind(error):
            stop.is_told = True
            _go_to_next_line()
            begin = f"Stopped by {stop.by} after {took}"
            logger.info("%s: %s. %s", begin, self._figures, self._outlook)
        else:
            begin = "Done in" if error is None else "Stopped after"
            level = logging.WARNING if self._run.refused else logging.INFO
            told = (took, self._figures, self._left_out)
            logger.log(level, f"{begin} %s: %s.%s", *told)  # noqa: G004

    @property
    def _figures(self) -> str:
        done = len(self._run.counters.done - self._run.refused.keys())
        return f"{counted(done, 'stream')}, {self._traffic}"

    @property
    def _traffic(self) -> str:
        run, pacer = self._run, self._run.client.pacer
        waited = f" ({span(pacer.seconds_waited)})" if pacer.waits else ""
        return ", ".join(
            [
                counted(run.counters.all_rows, "row"),
                counted(run.client.requests_sent, "request"),
                counted(pacer.waits, "wait", none="no") + waited,
            ]
        )

    @property
    def _left_out(self) -> str:
        by_reason: dict[str, list[str]] = {}
        for name, reason in self._run.refused.items():
            by_reason.setdefault(reason, []).append(name)
        refused = [f"{', '.join(names)} ({why})" for why, names in by_reason.items()]
        if not refused:
            return ""
        return f" Left out, since this key may not read it: {'; '.join(refused)}."

    @property
    def _rest(self) -> str:
        """What is left after the budget was spent, and about how many runs it takes."""
        run = self._run
        done = run.wanted.keys() - run.left
        more = math.ceil((run.round.requests_left or 0) / run.client.requests_sent)
        return (
            f"`{run.budget.spent_setting}` is used up: {len(done)} of "
            f"{counted(len(run.wanted), 'stream')} read, {len(run.left)} left, "
            f"about {counted(max(more, 1), 'more run')}. "
            "Pass the last state with --state, and the next run continues from there."
        )

    @property
    def _outlook(self) -> str:
        """What the next run does."""
        if _marks(self._run) != self._marks_at_start:
            return (
                "Pass the last state with --state, and the next run continues from there."
            )
        if self._marks_at_start:
            return "The state is as it was, so the next run begins where this one did."
        return "There is no state to go on from yet, so the next run starts over."

    def _tell_given_up(self) -> None:
        """Report a run that does not end by itself; printed, as the log may hang too."""
        by = self._interrupts.signal_name
        _go_to_next_line()
        print(  # noqa: T201
            f"Stopped by {by}, though the loader takes no more. The next run goes on "
            "from the last state that the loader has kept.",
            file=sys.stderr,
        )


def _marks(run: Run) -> dict[str, Any]:
    """Return the entries of the state from which the next run continues."""
    marks = {
        name: {key: mark[key] for key in _WHERE_TO_GO_ON if mark.get(key)}
        for name, mark in run.bookmarks.items()
        if isinstance(mark, dict)
    }
    return {name: mark for name, mark in marks.items() if mark}


def _go_to_next_line() -> None:
    """Leave the line in which the terminal shows ``^C``."""
    if sys.stderr.isatty():
        print(file=sys.stderr)  # noqa: T201
