"""Which part of a family a run reads: the rest is new enough, or was read before."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tap_backlog.budget import BudgetSpent
from tap_backlog.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.streams.page import Page
    from tap_backlog.streams.relative import Relative

_ROWS_AT_ONCE = 10
"""Most rows that take requests and are read between two looks at the budget."""


class Portion:
    """What of a family is left to read.

    ``refresh_hours`` leaves out what was read in full recently. If runs have a budget,
    what earlier runs of the same round have read is left out.

    Args:
        run: What the run shares.
        head: The stream that reads.
        wanted: The streams for which it reads.
        reads_in_full: Whether its lists are read in full.
    """

    def __init__(
        self, run: Run, head: Relative, wanted: Sequence[Relative], *, reads_in_full: bool
    ) -> None:
        self._run = run
        self._head = head
        self._names = [stream.name for stream in wanted]
        self._reads_in_full = reads_in_full
        self._is_continued = run.round.has_begun(head.name)

    # --- What was read in full recently

    @cached_property
    def only_projects(self) -> frozenset[int] | None:
        """The only projects that are read in this run; None for everything.

        It is empty if the last complete reading is new enough (``refresh_hours``).
        """
        refreshed = self._run.refreshed
        is_fresh = all(refreshed.is_fresh(name) for name in self._names)
        if not (self._names and self._reads_in_full and is_fresh):
            return None
        if not self._head.needs_projects:
            return frozenset()
        ids = self._run.scope.ids
        new = {i for name in self._names for i in refreshed.new_projects(name, ids)}
        return None if new and not self._head.reads_projects_alone else frozenset(new)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing is read in this run, since all is new enough."""
        return self.only_projects is not None and not self.only_projects

    # --- What earlier runs of this round have read

    @property
    def may_be_one_of_several(self) -> bool:
        """Whether several runs may share the reading."""
        return self._run.budget.is_set or self._run.round.is_continued

    @property
    def is_continued(self) -> bool:
        """Whether earlier runs of this round have read a part of it."""
        return self._is_continued

    @property
    def is_done(self) -> bool:
        """Whether an earlier run of this round has read all of it."""
        return self._run.round.done.issuperset(self._names)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is read in this run."""
        return self.only_projects is None and not self._is_continued

    @property
    def is_left_out(self) -> bool:
        """Whether nothing of it is read in this run."""
        return self.is_fresh or self.is_done

    def has_project(self, project_id: int) -> bool:
        """Return whether a project is left to read."""
        only = self.only_projects
        is_meant = only is None or project_id in only
        return is_meant and project_id not in self.done_of()

    def done_of(self, what: str = "") -> frozenset[int]:
        """Return the ids of what has been read.

        Args:
            what: What the ids are, such as ``repositories``; "" if there is one kind.
        """
        return self._run.round.units_of(self._name_of(what))

    def has_read(self, row: Row, what: str = "") -> bool:
        """Return whether an earlier run has read a row as it is now.

        Args:
            row: The row.
            what: As in :meth:`done_of`.
        """
        field = self._head.replication_key
        updated = str(read(row, field)) if field else ""
        return self._run.round.has_read(self._name_of(what), row["id"], updated)

    def end(self, ids: Iterable[int], what: str = "", requests: int = 1) -> None:
        """Record that something has been read, and is out.

        Args:
            ids: The ids.
            what: As in :meth:`done_of`.
            requests: Requests that come next.

        Raises:
            BudgetSpent: The run may not go on.
        """
        self.note(ids, what)
        self.stop_if_spent(requests)

    def note(self, ids: Iterable[int], what: str) -> None:
        """Record that something has been read; see :meth:`end`."""
        self._run.round.add_units(self._name_of(what), ids)

    def forget(self, what: str) -> None:
        """Forget what has been read, since all that it is part of has been read.

        Args:
            what: As in :meth:`done_of`.
        """
        self._run.round.forget(self._name_of(what))

    def _name_of(self, what: str) -> str:
        return f"{self._head.name}/{what}" if what else self._head.name

    def stop_if_spent(self, requests: int = 1) -> None:
        """Stop the run here if there is no room for some more requests.

        Raises:
            BudgetSpent: There is none.
        """
        self._run.budget.has_brought_something = True
        if not self._run.budget.allows(requests):
            raise BudgetSpent

    def rows_at_once(self, per_row: int) -> int:
        """Return how many rows are read before the next look at the budget; 0 for all.

        Args:
            per_row: Requests that each row takes, at least.
        """
        if not (per_row and self.may_be_one_of_several):
            return 0
        return self._run.budget.most(_ROWS_AT_ONCE, per_row)

    def within_budget(
        self,
        pages: Iterator[Page],
        per_row: int,
        came_whole: Callable[[Row], bool],
        *,
        keeps_place: bool,
    ) -> Iterator[Page]:
        """Yield pages, and stop between two of them if the budget is spent.

        A page whose rows take requests comes in parts, if nothing keeps its place.

        Args:
            pages: Pages of the head.
            per_row: Requests that each row takes, at least.
            came_whole: Whether everything that belongs to a row was read.
            keeps_place: Whether the next run can go on after any page.

        Raises:
            BudgetSpent: The run may not go on.
        """
        for page in pages:
            if keeps_place and page.only is None:
                yield page
                if not page.is_last:
                    self._run.round.move_to(self._head.name, {})
                    self.stop_if_spent(per_row or 1)
            elif self.rows_at_once(per_row) and _has_ids(page):
                what = "+".join(sorted(page.only or ()))
                for part in self._parts_of(page, what, per_row):
                    yield part
                    done = [row["id"] for row in part.rows if came_whole(row)]
                    self.end(done, what, per_row)
            else:
                yield page

    def _parts_of(self, page: Page, what: str, per_row: int) -> Iterator[Page]:
        """Yield the rows of a page that have not been read yet, a few at a time."""
        rows = [row for row in page.rows if not self.has_read(row, what)]
        while rows:
            size = self.rows_at_once(per_row)
            yield page._replace(rows=rows[:size])
            rows = rows[size:]

    # --- At the end

    def record(self, complete: Iterable[str]) -> None:
        """Record that all of it has been read.

        Args:
            complete: The streams of which everything came.
        """
        self._run.budget.has_brought_something = True
        self._run.round.finish(self._names, self._head.name)
        if not self._reads_in_full:
            return
        projects = self._run.scope.ids if self._head.needs_projects else []
        for name in complete:
            if self.only_projects is None:
                self._run.refreshed.record(name, projects)
            else:
                self._run.refreshed.record_more(name, self.only_projects)


def _has_ids(page: Page) -> bool:
    """Whether a page has rows and nothing else, so that it can come in parts."""
    ids = [row.get("id") for row in page.rows]
    return bool(ids) and page.state is None and all(isinstance(i, int) for i in ids)
