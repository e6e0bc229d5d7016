"""A list of several projects, some of which may be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.api.refusals import RefusedError
from tap_backlog.streams.kinds.refusing import find_refusing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tap_backlog.reading.lists import OffsetList
    from tap_backlog.request import Ask
    from tap_backlog.rows import RawRows, Row


class ChangedList:
    """Changed rows of some projects, newest change first.

    Args:
        project_ids: The projects.
        list_of: Returns the list of some projects.
        ask: Sends a request.
        leave_out: Called with the projects that are refused, and the refusal.
    """

    def __init__(
        self,
        project_ids: Collection[int],
        list_of: Callable[[list[int]], OffsetList],
        ask: Ask,
        leave_out: Callable[[set[int], RefusedError], None],
    ) -> None:
        self.project_ids = list(project_ids)
        """The projects, without those that were refused."""
        self._list_of = list_of
        self._ask = ask
        self._leave_out = leave_out

    def page(self, offset: int, is_last: Callable[[RawRows], bool]) -> list[Row]:
        """Return the rows of a page; refused projects are removed from the list.

        Args:
            offset: Where the page begins.
            is_last: Whether reading ends with a page, although the page is full.

        Raises:
            RefusedError: The whole stream is refused.
        """
        while self.project_ids:
            try:
                return self._list_of(self.project_ids).page(
                    self._ask, offset, is_last=is_last
                )
            except RefusedError as refusal:
                refusing = find_refusing(self.project_ids, refusal, self._is_open)
                if not refusing:
                    raise
                self._leave_out(refusing, refusal)
                self.project_ids = [i for i in self.project_ids if i not in refusing]
        return []

    def _is_open(self, project_ids: list[int]) -> bool:
        """Whether Backlog answers for a list of some projects."""
        try:
            self._ask(self._list_of(project_ids).at(0, 1), None)
        except RefusedError as refusal:
            if refusal.is_fatal:
                raise
            return False
        return True
