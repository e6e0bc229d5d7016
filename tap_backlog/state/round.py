"""What several runs read together, if each may spend little (``round`` in the state)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tap_backlog.errors import BacklogError
from tap_backlog.state.id_sets import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Round:
    """What earlier runs of a round have read; a run that ends by itself ends the round.

    A name stands for the stream at the head of a family. After a slash may follow what of
    it is meant, such as ``pull_requests/repositories``.

    Args:
        state: The tap's state.

    Raises:
        BacklogError: The state holds something else.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        entry = state.get("round")
        self.is_continued = entry is not None
        """Whether this run goes on with what an earlier one has begun."""
        self.is_open = self.is_continued
        """Whether a run has stopped, and the next one goes on."""
        self.requests_left: int | None = None
        """About how many requests the next runs take together; None if not known."""
        self.done: set[str] = set()
        """Streams that have been read."""
        self._began: list[str] = []
        self._stopped = ""
        self._units: dict[str, dict[int, set[int]]] = defaultdict(dict)
        self._places: dict[str, dict[str, Any]] = {}
        if entry is None:
            return
        try:
            self._read(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            message = "The state's `round` cannot be read. Take it out, and run again."
            raise BacklogError(message) from None

    def _read(self, entry: Mapping[str, Any]) -> None:
        self._began = [str(moment) for moment in entry["began"]]
        self._stopped = str(entry["stopped"])
        self.requests_left = int(entry["requests"])
        self.done = {str(name) for name in entry["done"]}
        self._places = {str(n): dict(place) for n, place in entry["places"].items()}
        for name, by_run in entry["units"].items():
            self._units[name] = {int(n): unpack(ids) for n, ids in by_run.items()}
            if not all(0 < run <= len(self._began) for run in self._units[name]):
                raise ValueError(name)

    # --- When

    @property
    def runs(self) -> int:
        """How many runs have stopped."""
        return len(self._began)

    @property
    def began(self) -> str:
        """The server's time before the first run read anything; "" if not known."""
        return self._began[0] if self._began else ""

    @property
    def stopped(self) -> str:
        """The server's time when the last run stopped; "" if it is not known."""
        return self._stopped

    def stop(self, began: str, stopped: str, requests_left: int) -> None:
        """Record that a run stops, and the next one goes on.

        Args:
            began: The server's time before this run read anything; "" if not known.
            stopped: The server's time now; "" if it is not known.
            requests_left: About how many requests the next runs take together.
        """
        self.is_open = True
        self.requests_left = requests_left
        self._began.append(began)
        self._stopped = stopped

    # --- What

    def has_begun(self, stream: str) -> bool:
        """Return whether earlier runs have read a part of a stream.

        Args:
            stream: The stream at the head of a family.
        """
        return any(_stream_of(name) == stream for name in (*self._units, *self._places))

    def units_of(self, name: str) -> frozenset[int]:
        """Return the ids of what has been read, such as rows or projects.

        Args:
            name: What is meant.
        """
        return frozenset().union(*self._units.get(name, {}).values())

    def has_read(self, name: str, row_id: int, updated: str) -> bool:
        """Return whether an earlier run has read a row as it is now.

        Args:
            name: What is meant.
            row_id: The id of the row.
            updated: When it was last changed; "" if rows do not say so.
        """
        by_run = self._units.get(name, {})
        runs = [run for run, ids in by_run.items() if row_id in ids]
        if not runs or max(runs) > self.runs:
            return False
        return updated < self._began[max(runs) - 1] if updated else True

    def add_units(self, name: str, ids: Iterable[int]) -> None:
        """Record that this run has read more.

        Args:
            name: What is meant.
            ids: The ids.
        """
        by_run, new = self._units[name], set(ids)
        for earlier in by_run.values():
            earlier.difference_update(new)
        by_run.setdefault(self.runs + 1, set()).update(new)

    def forget(self, name: str) -> None:
        """Forget what has been read, since all that it is part of has been read.

        Args:
            name: What is meant.
        """
        self._units.pop(name, None)

    def place_of(self, stream: str) -> dict[str, Any]:
        """Return where to go on in a stream that leaves no bookmark.

        Args:
            stream: The stream at the head of a family.
        """
        return self._places.get(stream, {})

    def move_to(self, stream: str, entries: Mapping[str, object]) -> None:
        """Record where to go on in a stream that leaves no bookmark.

        Args:
            stream: The stream at the head of a family.
            entries: What a bookmark would hold; None removes an entry.
        """
        place = {**self._places.get(stream, {}), **entries}
        self._places[stream] = {
            n: value for n, value in place.items() if value is not None
        }

    def finish(self, streams: Iterable[str], head: str) -> None:
        """Record that a family has been read.

        Args:
            streams: The streams for which it was read.
            head: The stream at its head.
        """
        self.done |= set(streams)
        self._places.pop(head, None)
        for name in [name for name in self._units if _stream_of(name) == head]:
            del self._units[name]

    @property
    def as_state(self) -> dict[str, Any]:
        """What the state holds of it."""
        return {
            "began": self._began,
            "stopped": self._stopped,
            "requests": self.requests_left,
            "done": sorted(self.done),
            "places": self._places,
            "units": {
                name: packed
                for name, by_run in self._units.items()
                if (packed := {str(run): pack(ids) for run, ids in by_run.items() if ids})
            },
        }


def _stream_of(name: str) -> str:
    return name.split("/", maxsplit=1)[0]
