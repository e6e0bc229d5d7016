"""How far a run has come that was cut off, for the state (``unfinished``)."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tap_backlog.errors import BacklogError
from tap_backlog.reading.newest_first import Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECTS_PER_LIST = 250
"""Project ids in one request, so that its first line stays under 8 kB."""


def lists_of(ids: list[int]) -> list[list[int]]:
    """Return the project ids of each list to read: one, except in huge spaces.

    The ids are always sent: without ``projectId[]``, Backlog may leave out archived
    projects (docs/api-facts.md, "Projects").
    """
    return [
        ids[first : first + PROJECTS_PER_LIST]
        for first in range(0, len(ids), PROJECTS_PER_LIST)
    ]


@dataclass(frozen=True)
class Unfinished:
    """How far a run has come.

    Args:
        list: Index of the current list; all lists before it have been read.
        of: Digest of all lists.
        bookmark: The future bookmark.
        read: What has been read of the current list.
    """

    list: int
    of: int
    bookmark: str
    read: Sequence[Stretch]

    @classmethod
    def of_state(
        cls, entry: Mapping[str, Any], lists: Sequence[Sequence[int]], stream: str
    ) -> Unfinished:
        """Return how far the last run has come, if it was cut off in the same lists.

        Args:
            entry: The entry of the stream in the state.
            lists: Project ids of the lists that this run reads.
            stream: Name of the stream, for messages.

        Raises:
            BacklogError: The state does not hold a valid entry.
        """
        nothing = cls(0, _digest(lists), "", [])
        saved = entry.get("unfinished")
        if not saved:
            return nothing
        try:
            unfinished = cls(**{**saved, "read": stretches_of(saved["read"])})
        except (KeyError, TypeError):
            message = (
                f"The state's `unfinished` of `{stream}` cannot be read. Take it "
                "out, or start without a state."
            )
            raise BacklogError(message) from None
        return unfinished if unfinished.of == nothing.of else nothing

    @property
    def as_state(self) -> dict[str, Any]:
        """The form in the state."""
        return asdict(self)


def stretches_of(saved: Sequence[Any]) -> list[Stretch]:
    """Return stretches from their form in the state."""
    return [Stretch(**stretch) for stretch in saved]


def _digest(lists: Sequence[Sequence[int]]) -> int:
    """Return a digest of several lists, since they must not be mixed up; 0 for one list.

    A single list may grow between two runs.
    """
    return zlib.crc32(repr(lists).encode()) if len(lists) > 1 else 0
