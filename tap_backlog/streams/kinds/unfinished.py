"""How far a run that was cut off has come, as the state says it (``unfinished``)."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tap_backlog.errors import BacklogError
from tap_backlog.reading.newest_first import Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECTS_PER_LIST = 250
"""Project ids in one request, so that its line stays under 8 kB."""


def lists_of(ids: list[int]) -> list[list[int]]:
    """Return the project ids of each list to read: one, except in huge spaces.

    Without ``projectId[]`` Backlog may leave archived projects out (docs/api-facts.md,
    "Projects").
    """
    return [
        ids[first : first + PROJECTS_PER_LIST]
        for first in range(0, len(ids), PROJECTS_PER_LIST)
    ]


@dataclass(frozen=True)
class Unfinished:
    """How far a run has come.

    Args:
        list: Index of the list that is being read; all before it are.
        of: Digest of all lists.
        bookmark: What will be the bookmark.
        read: What has been read of that list.
    """

    list: int
    of: int
    bookmark: str
    read: Sequence[Stretch]

    @classmethod
    def of_state(
        cls, entry: Mapping[str, Any], lists: Sequence[Sequence[int]], stream: str
    ) -> Unfinished:
        """Return how far the last run has come, if that was cut off in the same lists.

        Args:
            entry: What the state says of the stream.
            lists: Project ids of the lists that this run reads.
            stream: Name of the stream, for messages.

        Raises:
            BacklogError: The state holds something else.
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
    """Tell several lists from others: their parts may not be mixed up.

    A single list may grow between two runs.
    """
    return zlib.crc32(repr(lists).encode()) if len(lists) > 1 else 0
