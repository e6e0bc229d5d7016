"""``--plan``: what a sync will cost, before it is run."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tap_backlog.forecast.census import Census
from tap_backlog.forecast.costs import PROJECT_LIST, SPACE, Forecast
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_backlog.forecast.costs import Cost
    from tap_backlog.run import Run
    from tap_backlog.streams.base import BacklogStream

REQUESTS_BESIDE_PROJECTS = 10
"""Requests that a plan may send, besides one per project."""

_MOST_EXPENSIVE = 3
_SHORTEST = 0.1
"""Minutes below which a plan shows only `<0.1`."""

_ADMINISTRATOR = 1
"""``roleType`` of a space's administrators, both on old and on new plans."""


_NOTHING = Forecast(0, ())
"""The forecast of a stream that is left out, because it was read recently."""


class Line(NamedTuple):
    """What a stream costs in addition to the streams above, which may share its costs.

    Args:
        stream: Its name.
        rows: Rows that it has; None if unknown.
        requests: Requests that it needs.
        minutes: Minutes that these requests take.
        guesses_rows: Whether there may be more or fewer rows.
        guesses_requests: Whether there may be more or fewer requests.
    """

    stream: str
    rows: float | None
    requests: int
    minutes: float
    guesses_rows: bool
    guesses_requests: bool


class Saving(NamedTuple):
    """What is saved if a stream is left out."""

    stream: str
    requests: int
    minutes: float
    is_guess: bool


def print_plan(run: Run, streams: Mapping[str, BacklogStream], form: str) -> None:
    """Print what a sync would cost.

    Args:
        run: The run, before anything has been read.
        streams: All streams, by name.
        form: ``table`` or ``json``.

    Raises:
        BacklogError: Backlog cannot be asked.
    """
    plan = Plan(run, streams)
    click.echo(plan.as_json() if form == "json" else plan.as_table())


class Plan:
    """What the selected streams of a run will cost together.

    Args:
        run: The run, before anything has been read.
        streams: All streams, by name.

    Raises:
        BacklogError: Backlog cannot be asked.
    """

    def __init__(self, run: Run, streams: Mapping[str, BacklogStream]) -> None:
        wanted = [streams[name] for name in run.wanted]
        self._always_asked = tuple(_always_asked(run, wanted))
        most = len(run.scope.visible) + REQUESTS_BESIDE_PROJECTS
        census = Census(run.client, most)
        guarded = [s.name for s in wanted if s.family.head.wants_administrator]
        refused = guarded if guarded and not _is_administrator(census) else []
        self._pacer = run.client.pacer
        self._budget = run.budget
        read = [stream for stream in wanted if not stream.family.portion.is_left_out]
        forecasts = _forecast_all(read, census)
        self._forecasts = {s.name: forecasts.get(s.name, _NOTHING) for s in wanted}
        for name in refused:
            self._forecasts[name] = self._forecasts[name].refused()
        self._seconds_per_request = census.seconds_per_request
        self.lines = list(self._lines())

    @property
    def requests(self) -> int:
        """The sum of all requests."""
        return sum(line.requests for line in self.lines)

    @property
    def runs(self) -> int:
        """Runs that it takes with ``max_requests`` and ``max_minutes``."""
        budget = self._budget
        by_requests = self.requests / budget.requests if budget.requests else 0
        by_time = self.minutes * 60 / budget.seconds if budget.seconds else 0
        return max(1, math.ceil(max(by_requests, by_time)))

    @property
    def minutes(self) -> float:
        """Minutes that all requests take at the key's limits."""
        return sum(line.minutes for line in self.lines)

    @property
    def most_expensive(self) -> list[Saving]:
        """The streams that save most requests if they are left out, largest first."""
        needed_by = Counter(
            cost.name for forecast in self._forecasts.values() for cost in forecast.costs
        )
        always = {cost.name for cost in self._always_asked}
        savings = []
        for name, forecast in self._forecasts.items():
            own = [
                cost
                for cost in forecast.costs
                if needed_by[cost.name] == 1 and cost.name not in always
            ]
            requests = sum(cost.requests for cost in own)
            is_guess = any(cost.is_guess for cost in own)
            savings.append(Saving(name, requests, self._minutes(own), is_guess))
        savings.sort(key=lambda saving: -saving.requests)
        return [saving for saving in savings[:_MOST_EXPENSIVE] if saving.requests]

    def as_json(self) -> str:
        """Return the plan for programs."""
        streams: list[dict[str, Any]] = [
            {
                "stream": line.stream,
                "rows": None if line.rows is None else round(line.rows),
                "requests": line.requests,
                "minutes": round(line.minutes, 2),
            }
            for line in self.lines
        ]
        total = {"requests": self.requests, "minutes": round(self.minutes, 2)}
        if self._budget.is_set:
            total["runs"] = self.runs
        return json.dumps({"streams": streams, "total": total}, indent=2)

    def as_table(self) -> str:
        """Return the plan for people."""
        rows = [("stream", "rows", "requests", "minutes")]
        for line in self.lines:
            count = "?" if line.rows is None else f"{round(line.rows):,}"
            count = _marked(count, is_guess=line.guesses_rows)
            cost = _cost(line.requests, line.minutes, is_guess=line.guesses_requests)
            rows.append((line.stream, count, *cost))
        is_guess = any(line.guesses_requests for line in self.lines)
        rows.append(("total", "", *_cost(self.requests, self.minutes, is_guess=is_guess)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        head, *lines, total = [_table_line(row, widths) for row in rows]
        rule = "  ".join("-" * width for width in widths)
        text = [head, rule, *lines, rule, total]
        if any("~" in line for line in text):
            text += ["", "~ marks what is guessed from a few answers."]
        if self._budget.is_set:
            runs = counted(self.runs, "run")
            text += ["", f"With the budget of the settings, about {runs}."]
        if savings := self.most_expensive:
            text += ["", "Leaving out saves most:"]
            for name, requests, minutes, is_guess in savings:
                figures = f"{counted(requests, 'request')}, {_minutes(minutes)} minutes"
                text.append(f"  {name}: {_marked(figures, is_guess=is_guess)}")
        return "\n".join(text)

    def _lines(self) -> Iterable[Line]:
        paid: set[str] = set()
        for name, forecast in self._forecasts.items():
            costs = [*self._always_asked, *forecast.costs]
            new = [cost for cost in costs if cost.name not in paid]
            paid.update(cost.name for cost in new)
            yield Line(
                name,
                forecast.rows,
                sum(cost.requests for cost in new),
                self._minutes(new),
                forecast.is_guess,
                any(cost.is_guess for cost in new),
            )

    def _minutes(self, costs: Sequence[Cost]) -> float:
        seconds = sum(
            cost.requests
            * max(self._pacer.seconds_per_request(cost.kind), self._seconds_per_request)
            for cost in costs
        )
        return seconds / 60


def _always_asked(run: Run, wanted: Iterable[BacklogStream]) -> Iterator[Cost]:
    """Yield the requests that a run sends for any selection."""
    if run.scope.is_named:
        yield PROJECT_LIST
    keeps_state = any(stream.family.keeps_bookmark for stream in wanted)
    if keeps_state and not run.identity.as_state.get("spaceKey"):
        yield SPACE


def _is_administrator(census: Census) -> bool:
    """Ask for the role of the key's owner; if it is unknown, assume administrator."""
    return census.role() in {None, _ADMINISTRATOR}


def _forecast_all(
    streams: Sequence[BacklogStream],
    census: Census,
) -> dict[str, Forecast]:
    """Return the forecasts in the order of the streams.

    The requests that are left are divided equally, rank by rank.
    """
    in_turn = sorted(streams, key=lambda stream: stream.forecast_rank)
    for place, stream in enumerate(in_turn):
        rank = stream.forecast_rank
        rest = [other.forecast_rank for other in in_turn[place:]]
        # One part is kept for all streams of later ranks together.
        parts = rest.count(rank) + (rest[-1] > rank)
        census.share = -(-max(census.left, 0) // parts)
        census.forecast(stream)
    return {stream.name: census.forecast(stream) for stream in streams}


def _cost(requests: int, minutes: float, *, is_guess: bool) -> tuple[str, str]:
    """Return requests and minutes in words; without requests there are no minutes."""
    return (
        _marked(f"{requests:,}", is_guess=is_guess),
        _marked(_minutes(minutes), is_guess=is_guess) if requests else "",
    )


def _minutes(minutes: float) -> str:
    return f"{minutes:,.1f}" if minutes >= _SHORTEST else f"<{_SHORTEST}"


def _marked(figure: str, *, is_guess: bool) -> str:
    return f"~{figure}" if is_guess else figure


def _table_line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = row
    cells = [name.ljust(widths[0])]
    cells += [f.rjust(width) for f, width in zip(figures, widths[1:], strict=True)]
    return "  ".join(cells).rstrip()
