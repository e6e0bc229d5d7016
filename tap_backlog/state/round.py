"""What several runs read together, if each may spend little (``round`` in the state)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_backlog.errors import BacklogError
from tap_backlog.state.id_sets import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable


class Round:
    """What earlier runs of a round have read; a run that ends by itself ends the round.

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
        self.began = ""
        """The server's time before anything was read; "" if it is not known."""
        self.runs = 0
        """Runs that have stopped."""
        self.requests_left: int | None = None
        """About how many requests the next runs take together; None if not known."""
        self.done: set[str] = set()
        """Streams that have been read."""
        self._units: dict[str, set[int]] = {}
        if entry is None:
            return
        try:
            self.runs = int(entry["runs"])
            self.began = str(entry["began"])
            if (requests := entry.get("requests")) is not None:
                self.requests_left = int(requests)
            self.done = {str(name) for name in entry["done"]}
            self._units = {n: unpack(ids) for n, ids in entry.get("units", {}).items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            message = "The state's `round` cannot be read. Take it out, and run again."
            raise BacklogError(message) from None

    def units_of(self, stream: str) -> frozenset[int]:
        """Return what of a stream has been read: ids of projects, or of rows.

        Args:
            stream: The stream at the head of a family; after a slash, what the ids are.
        """
        return frozenset(self._units.get(stream, ()))

    def has_begun(self, stream: str) -> bool:
        """Return whether a part of a stream has been read.

        Args:
            stream: The stream at the head of a family.
        """
        return any(_stream_of(name) == stream for name in self._units)

    def add_units(self, stream: str, ids: Iterable[int]) -> None:
        """Record that more of a stream has been read.

        Args:
            stream: As in :meth:`units_of`.
            ids: Ids of projects, or of rows.
        """
        self._units.setdefault(stream, set()).update(ids)

    def forget(self, name: str) -> None:
        """Forget what has been read of a part of a stream.

        Args:
            name: As in :meth:`units_of`.
        """
        self._units.pop(name, None)

    def finish(self, streams: Iterable[str], head: str) -> None:
        """Record that a family has been read.

        Args:
            streams: The streams for which it was read.
            head: The stream at its head.
        """
        self.done |= set(streams)
        self._units = {
            n: ids for n, ids in self._units.items() if n.split("/")[0] != head
        }

    def stop(self, began: str, requests_left: int) -> None:
        """Record that a run stops, and the next one goes on.

        Args:
            began: The server's time before this run read anything; "" if not known.
            requests_left: About how many requests the next runs take together.
        """
        self.requests_left = requests_left
        if not self.is_open:
            self.began = began
        self.is_open = True
        self.runs += 1

    @property
    def as_state(self) -> dict[str, Any]:
        """What the state holds of it."""
        units = {name: pack(ids) for name, ids in self._units.items() if ids}
        done = sorted(self.done)
        state: dict[str, Any] = {"runs": self.runs, "began": self.began, "done": done}
        state["requests"] = self.requests_left
        return {**state, "units": units} if units else state


def _stream_of(name: str) -> str:
    return name.split("/", maxsplit=1)[0]
