"""Counting what there is with few requests, for a forecast."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.forecast.costs import Found
from tap_backlog.reading.pagination import PAGE_SIZE, after_id
from tap_backlog.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_backlog.api.client import BacklogClient, Following, Params
    from tap_backlog.forecast.costs import Forecast
    from tap_backlog.rows import Row

T = TypeVar("T")

_CLOSE_ENOUGH = 1.05
"""Factor between the bounds of a length at which it is not narrowed down further."""

_MOST_SAMPLES = 3
_LONG = 5 * PAGE_SIZE
"""Rows that are too many to be guessed from both ends of a list alone."""


class Measured(Protocol):
    """What a census knows of a stream."""

    name: ClassVar[str]
    path: ClassVar[str]

    def forecast(self, census: Census) -> Forecast:
        """Return what the stream will cost."""

    def ask(
        self, path: str, params: Params | None = None, following: Following | None = None
    ) -> list[Row]:
        """Return a list of rows."""


class Census:
    """Asks a little, to know how much there is.

    Args:
        client: Sends the requests.
        most: Requests that the client may have sent in the end.
    """

    def __init__(self, client: BacklogClient, most: int) -> None:
        self.share = 0
        """Requests that the stream in turn may spend on samples."""
        self.refused: set[str] = set()
        """Paths that the key may not read."""
        self.is_guessing = False
        """Whether anything of the forecast that is being made is a guess."""
        self._client = client
        self._most = most
        self._forecasts: dict[str, Forecast] = {}
        self._seconds: list[float] = []

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return self._most - self._client.requests_sent

    @property
    def seconds_per_request(self) -> float:
        """What a request takes: the quickest, which waited for no limit."""
        return min(self._seconds, default=0.0)

    def forecast(self, stream: Measured) -> Forecast:
        """Return the forecast of a stream, which is made once."""
        if stream.name not in self._forecasts:
            outer, self.is_guessing = self.is_guessing, False
            made = stream.forecast(self)
            made = replace(made, is_guess=self.is_guessing and made.rows is not None)
            self._forecasts[stream.name] = made
            self.is_guessing = outer
        # What is made of a guess is one too.
        self.is_guessing |= self._forecasts[stream.name].is_guess
        return self._forecasts[stream.name]

    def rows(
        self,
        stream: Measured,
        path: str,
        params: Params | None = None,
    ) -> list[Row] | None:
        """Return the rows of one answer, or None if it is refused, or one too many.

        Args:
            stream: The stream whose rows they are.
            path: Path below the root of the API.
            params: Query parameters.
        """
        return self.spend(path, lambda: stream.ask(path, params))

    def count(self, path: str, params: Params | None = None) -> int | None:
        """Return what a counting request says, or None as above."""
        answer = self.spend(path, lambda: self._client.get_object(path, params))
        return _whole_number(answer, "count")

    def role(self) -> int | None:
        """Return the role of the key's owner, or None where it is not told."""
        owner = self.spend("users/myself", lambda: self._client.owner)
        return _whole_number(owner, "roleType")

    def length(
        self,
        stream: Measured,
        params: Params,
        is_counted: Callable[[Row], bool] = lambda _: True,
        most: Callable[[], int | None] = lambda: None,
        probes: int = 0,
    ) -> Found | None:
        """Return how many rows at the top of a list by offset count.

        Up to a page it is exact; beyond, the end is looked for by bisection.

        Args:
            stream: The stream whose list it is.
            params: Its parameters, but those of paging.
            is_counted: Whether a row counts; all rows above it do too then.
            most: Says how many may count at most, where a request can tell.
            probes: Requests that may be spent on looking for the end.
        """
        path = stream.path
        page = self.rows(stream, path, {**params, "offset": 0, "count": PAGE_SIZE})
        if page is None:
            self.is_guessing = True
            return None
        counted = [row for row in page if is_counted(row)]
        if len(counted) < PAGE_SIZE:
            return Found(len(counted), counted)
        self.is_guessing = True
        low, high = PAGE_SIZE, most() if probes else None
        for _ in range(probes):
            if high is not None and high <= low * _CLOSE_ENOUGH:
                break
            probe = low * 4 if high is None else round(math.sqrt(low * high))
            row = self.rows(stream, path, {**params, "offset": probe, "count": 1})
            if row is None:
                break
            if row and is_counted(row[0]):
                low = probe + 1
            else:
                high = probe
        return Found(math.sqrt(low * (high or low)), counted)

    def newer_than(
        self,
        stream: Measured,
        params: Params,
        after: int,
    ) -> Found | None:
        """Return how many rows of a list by id have an id above one.

        Up to two pages it is exact; beyond, it is how densely ids stand at a few places.

        Args:
            stream: The stream whose list it is.
            params: Its parameters, but those of paging.
            after: The id; 0 for all rows.
        """
        oldest = self._after(stream, params, after)
        if oldest is None:
            self.is_guessing = True
            return None
        if len(oldest) < PAGE_SIZE - 1:
            return Found(len(oldest), oldest)
        newest = self.rows(stream, stream.path, {**params, **after_id(0, "desc")})
        if newest is None:
            self.is_guessing = True
            return Found(len(oldest), oldest)
        low, high = int(oldest[-1]["id"]), int(newest[-1]["id"])
        if high <= low + 1:
            ids = {row["id"] for row in (*oldest, *newest)}
            return Found(sum(row_id > after for row_id in ids), newest)
        self.is_guessing = True
        densities = [_density(oldest), _density(newest)]
        inside = statistics.fmean(densities) * (high - low - 1)
        if inside > _LONG:
            places = [low + (high - low) * part // 3 for part in (1, 2)]
            between = [self._after(stream, params, place) for place in places]
            densities += [_density(page) for page in between if page]
            inside = statistics.fmean(densities) * (high - low - 1)
        return Found(len(oldest) + len(newest) + inside, newest)

    def estimate(
        self,
        targets: Sequence[T],
        ask: Callable[[T], float | None],
        most: int = _MOST_SAMPLES,
    ) -> float | None:
        """Return a sum over all targets, from some that stand evenly among them.

        Args:
            targets: What the sum is about.
            ask: Returns a target's part, or None where it is not known.
            most: How many to ask about, within the share of the stream in turn.
        """
        asked = min(most, self.share, len(targets))
        parts = [
            part
            for number in range(asked)
            if (part := ask(targets[(2 * number + 1) * len(targets) // (2 * asked)]))
            is not None
        ]
        self.is_guessing |= len(parts) < len(targets)
        if not targets:
            return 0
        return statistics.fmean(parts) * len(targets) if parts else None

    def _after(
        self,
        stream: Measured,
        params: Params,
        after: int,
    ) -> list[Row] | None:
        page = self.rows(stream, stream.path, {**params, **after_id(after)})
        return page and [row for row in page if row["id"] > after]

    def spend(self, path: str, ask: Callable[[], T]) -> T | None:
        """Return what a request brings, or None if it is refused, or one too many.

        Args:
            path: What is asked for, in case it is refused.
            ask: Sends the request.
        """
        if self.left <= 0:
            return None
        began = time.monotonic()
        try:
            return ask()
        except RefusedError:
            self.refused.add(path)
            return None
        finally:
            self._seconds.append(time.monotonic() - began)


def _whole_number(answer: Row | None, field: str) -> int | None:
    number = read(answer, field) if answer else None
    return number if isinstance(number, int) else None


def _density(page: list[Row]) -> float:
    """Return how many rows there are for each id, on a page."""
    ids = [int(row["id"]) for row in page]
    return len(ids) / (max(ids) - min(ids) + 1)
