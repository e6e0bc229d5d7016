"""Counting rows with few requests, for a forecast."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_backlog.api.client import BacklogClient
    from tap_backlog.forecast.costs import Forecast
    from tap_backlog.reading.lists import Found, Probe
    from tap_backlog.request import Following, Params, Request
    from tap_backlog.rows import Row

T = TypeVar("T")

_MOST_SAMPLES = 3


class Measured(Protocol):
    """What a census knows of a stream."""

    name: ClassVar[str]
    path: ClassVar[str]

    def forecast(self, census: Census) -> Forecast:
        """Return what the stream will cost."""

    def ask(self, request: Request, following: Following | None = None) -> list[Row]:
        """Return a list of rows."""


class Census:
    """Sends a few requests, to know how many rows there are.

    Args:
        client: Sends the requests.
        most: Requests that the client may have sent at the end.
    """

    def __init__(self, client: BacklogClient, most: int) -> None:
        self.share = 0
        """Requests that the current stream may spend on samples."""
        self.refused: set[str] = set()
        """Paths that the key may not read."""
        self.is_guessing = False
        """Whether any part of the current forecast is a guess."""
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
        """Seconds per request: of the fastest one, which did not wait for a limit."""
        return min(self._seconds, default=0.0)

    def forecast(self, stream: Measured) -> Forecast:
        """Return the forecast of a stream; it is made only once."""
        if stream.name not in self._forecasts:
            outer, self.is_guessing = self.is_guessing, False
            made = stream.forecast(self)
            made = replace(made, is_guess=self.is_guessing and made.rows is not None)
            self._forecasts[stream.name] = made
            self.is_guessing = outer
        # A forecast that uses a guess is a guess too.
        self.is_guessing |= self._forecasts[stream.name].is_guess
        return self._forecasts[stream.name]

    def probe_of(self, stream: Measured) -> Probe:
        """Return a function that asks for rows of a stream, while requests are left."""
        return lambda request: self.rows(stream, request)

    def rows(self, stream: Measured, request: Request) -> list[Row] | None:
        """Return the rows of one answer.

        It is None if the request is refused, or if no request is left.

        Args:
            stream: The stream whose rows they are.
            request: The request.
        """
        return self.spend(request.path, lambda: stream.ask(request))

    def found(self, found: Found | None) -> Found | None:
        """Return how many rows a list has, and record whether that is a guess."""
        self.is_guessing |= found is None or found.is_guess
        return found

    def count(self, path: str, params: Params | None = None) -> int | None:
        """Return the answer of a counting request; None as above."""
        answer = self.spend(path, lambda: self._client.get_object(path, params))
        return _whole_number(answer, "count")

    def role(self) -> int | None:
        """Return the role of the key's owner, or None if it is unknown."""
        owner = self.spend("users/myself", lambda: self._client.owner)
        return _whole_number(owner, "roleType")

    def estimate(
        self,
        targets: Sequence[T],
        ask: Callable[[T], float | None],
        most: int = _MOST_SAMPLES,
    ) -> float | None:
        """Return a sum over all targets, estimated from some that are evenly spread.

        Args:
            targets: The targets, such as projects.
            ask: Returns the number of one target, or None if it is not known.
            most: How many targets to ask about, within the current stream's share.
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

    def spend(self, path: str, ask: Callable[[], T]) -> T | None:
        """Return the result of a request.

        It is None if the request is refused, or if no request is left.

        Args:
            path: The path of the request, which is recorded if it is refused.
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
