"""Streams of the whole space: a list, or one object."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.forecast.costs import SPACE, Cost, Forecast
from tap_backlog.reading.lists import WholeList
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.reading.lists import BacklogList


class ListStream(BacklogStream, abc.ABC):
    """A list of the whole space."""

    primary_keys: ClassVar = ("id",)

    def list_of(self) -> BacklogList:
        """Return the list; here a list without pages."""
        return WholeList(self.path)

    def pages(self) -> Iterator[Page]:
        """Yield all rows."""
        return map(Page, self.list_of().pages(self.ask))

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 3 if self.list_of().has_pages else 4

    def forecast(self, census: Census) -> Forecast:
        """Return the requests for the list."""
        asked = self.list_of()
        found = asked.count(census.probe_of(self), census.share)
        if asked.has_pages:
            census.found(found)
        requests = asked.requests_for(found.rows if found else 0)
        cost = Cost(self.name, self.path, requests, census.is_guessing)
        if found is None:
            return Forecast(None, (cost,))
        return Forecast(found.rows, (cost,), found.sample)


class SpacePart(BacklogStream, abc.ABC):
    """One object of the space, which lacks the space's key."""

    primary_keys: ClassVar = ("spaceKey",)
    added_keys: ClassVar = ("spaceKey",)

    def forecast(self, census: Census) -> Forecast:  # noqa: ARG002
        """Return the one row, whose key has to be asked for if the state lacks it."""
        own = Cost(self.name, self.path)
        return Forecast(1, (own,) if self._known_key else (SPACE, own))

    def pages(self) -> Iterator[Page]:
        """Yield the one row, or none if Backlog has none."""
        rows = self.ask_one_if_any(self.path)
        yield Page([{"spaceKey": self._space_key, **row} for row in rows])

    @property
    def _space_key(self) -> str:
        return self._known_key or str(self.run.scope.space["spaceKey"])

    @property
    def _known_key(self) -> str:
        """The key that the state knows; "" if it does not."""
        return str(self.run.identity.as_state.get("spaceKey") or "")
