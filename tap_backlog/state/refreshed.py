"""When lists that hardly change were last read in full (``refreshed`` in the state)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tap_backlog.errors import BacklogError
from tap_backlog.state.id_sets import pack, unpack
from tap_backlog.times import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tap_backlog.state.coverage import KnownProjects


class Refreshed:
    """The last complete reading of each stream that is read in full.

    An entry holds when the reading began, and for lists per project also the projects.

    Args:
        state: The tap's state.
        every: How old a reading may be; 0 if each run reads everything.
        known: The projects that the state knows; an entry without projects means them.

    Raises:
        BacklogError: The state does not hold valid entries.
    """

    def __init__(
        self, state: dict[str, Any], every: dt.timedelta, known: KnownProjects
    ) -> None:
        self._known = known
        self._every = every
        self._now = dt.datetime.now(dt.timezone.utc)
        self._readings: dict[str, tuple[dt.datetime, set[int]]] = {}
        if not every:
            return
        try:
            for name, entry in (state.get("refreshed") or {}).items():
                named = unpack(entry["projects"]) if "projects" in entry else known.ids
                self._readings[name] = moment(entry["at"]), set(named or ())
        except (AttributeError, KeyError, TypeError, ValueError):
            message = (
                "The state's `refreshed` cannot be read. Take it out, or start without a "
                "state."
            )
            raise BacklogError(message) from None

    def is_fresh(self, stream: str) -> bool:
        """Return whether the last complete reading of a stream is new enough."""
        if stream not in self._readings:
            return False
        age = self._now - self._readings[stream][0]
        return dt.timedelta() <= age < self._every

    def new_projects(self, stream: str, ids: Iterable[int]) -> set[int]:
        """Return the projects among these that are newer than a stream's last reading."""
        return set(ids) - self._readings[stream][1]

    def record(self, stream: str, ids: Iterable[int]) -> None:
        """Record that this run has read a stream in full.

        Args:
            stream: Its name.
            ids: The projects of this run.
        """
        if self._every:
            self._readings[stream] = self._now, set(ids)

    def record_more(self, stream: str, ids: Collection[int]) -> None:
        """Record that this run has read a stream also for new projects."""
        at, known = self._readings[stream]
        self._readings[stream] = at, known | set(ids)

    @property
    def as_state(self) -> dict[str, Any]:
        """Its form in the state."""
        return {
            name: {"at": stamp(at), **self._named(ids)}
            for name, (at, ids) in sorted(self._readings.items())
        }

    def _named(self, ids: set[int]) -> dict[str, str]:
        return {} if ids == self._known.ids else {"projects": pack(ids)}
