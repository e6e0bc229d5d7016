"""What is left to ask for when a run has spent its budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.budget import requests_to_count
from tap_backlog.errors import BacklogError
from tap_backlog.forecast.census import Census
from tap_backlog.forecast.costs import PROJECT_LIST, SPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_backlog.run import Run
    from tap_backlog.streams.base import BacklogStream


def requests_left(run: Run, streams: Mapping[str, BacklogStream]) -> int:
    """Return about how many requests the next runs of a round take together.

    The first run that stops counts rows, with very few requests. Each run after it takes
    off what it has sent. If that leaves too little, the second run counts again, and so
    do the fourth, the eighth and so on.

    Args:
        run: The run that stops.
        streams: All streams, by name.
    """
    left = [streams[name] for name in run.wanted if name in run.left]
    sent = run.client.requests_sent
    least = len({stream.family.head.name for stream in left})
    known = (run.round.requests_left or 0) - sent
    runs = run.round.runs + 1
    if known >= least or runs & (runs - 1):
        return max(known, least)
    begun = [s.family.requests_before for s in left if s.family.is_read]
    return max(_needed_by(left, run) - (sent - min(begun, default=sent)), least)


def _needed_by(streams: list[BacklogStream], run: Run) -> int:
    """Return what streams take, from where this run has begun."""
    sent = run.client.requests_sent
    census = Census(run.client, sent + requests_to_count(sent))
    costs: dict[str, int] = {}
    try:
        for stream in sorted(streams, key=_rank):
            census.share = max(census.left, 0)
            costs |= {cost.name: cost.requests for cost in census.forecast(stream).costs}
    except BacklogError:
        pass  # less is known then
    paid = (PROJECT_LIST.name, SPACE.name)
    return sum(requests for name, requests in costs.items() if name not in paid)


def _rank(stream: BacklogStream) -> tuple[int, bool]:
    """Those come first whose rows take most, and then those that can be counted."""
    return stream.forecast_rank, not stream.count_path
