"""Lists that are read in full, project by project, by several runs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.reading.in_full import FullReading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tap_backlog.rows import Row
    from tap_backlog.streams.base import BacklogStream

_PROJECTS = "projects"


class ProjectsInTurn:
    """Which projects have been read, and how far a bookmark may go.

    What the first of several runs has read, it has read that early. So the bookmark does
    not pass the moment at which that run began.

    Args:
        stream: The stream that reads, the head of its family.
        began: The ``Date`` header of the last answer before this run reads anything.
    """

    def __init__(self, stream: BacklogStream, began: str | None) -> None:
        self._family = stream.family
        self._round = stream.run.round
        self._name = stream.name
        newest = self._round.place_of(stream.name).get("newest", "")
        self._reading = FullReading(began, newest)

    def is_done(self, project_id: int) -> bool:
        """Return whether a project has been read, with all that belongs to it."""
        return project_id in self._family.portion.done_of(_PROJECTS)

    def note(self, rows: Iterable[Row]) -> None:
        """Take in rows that were listed.

        Args:
            rows: Rows with ``updated``.
        """
        self._reading.note(rows)
        self._round.move_to(self._name, {"newest": self._reading.newest})

    def end(self, project_id: int) -> None:
        """Record that a project has been read, if all that belongs to it was.

        Raises:
            BudgetSpent: The run may not go on.
        """
        done = [] if self._family.is_closed(project_id) else [project_id]
        self._family.portion.end(done, _PROJECTS)

    def settle(self, project_ids: Collection[int]) -> None:
        """Record that the projects that were read owe nothing any more.

        Args:
            project_ids: All projects.
        """
        coverage = self._family.bookmark.coverage
        left = {i for i in project_ids if not self.is_done(i)}
        for owed in coverage.due(project_ids):
            coverage.settle(owed, left)

    @property
    def bookmark(self) -> str:
        """The newest timestamp up to which no row can be missing; "" for none."""
        reached = self._reading.bookmark
        is_continued = self._family.portion.is_continued
        return min(reached, self._round.began) if is_continued else reached
