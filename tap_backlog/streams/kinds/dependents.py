"""Streams that depend on another stream's rows: parts of a row, or a request per row."""

from __future__ import annotations

import abc
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.forecast.costs import Cost, Forecast
from tap_backlog.reading.lists import BacklogList, WholeList
from tap_backlog.rows import is_integer, read
from tap_backlog.streams.base import BacklogStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.streams.page import Page

_MOST_GONE = 5
"""If this many rows of one project are gone, the project itself counts as gone."""


class Dependent(BacklogStream, abc.ABC):
    """A stream that depends on the rows of another stream; see ``source``."""

    source: ClassVar[str]

    follows_changes = True

    stamp_field = ""
    """Field with the ``updated`` of the row that a part belongs to. A part that was
    removed from that row keeps an older timestamp, and can be found by it."""

    def stamp_from(self, row: Row) -> Row:
        """Return the timestamp field of a part, from the row of the source."""
        return {self.stamp_field: row.get("updated")} if self.stamp_field else {}

    def pages(self) -> Iterator[Page]:
        """Yield nothing: the head of the family reads."""
        return iter(())


class Derived(Dependent, abc.ABC):
    """Rows that are made from the content of the source's rows, without a request."""

    @abc.abstractmethod
    def rows_from(self, row: Row) -> Iterator[Row]:
        """Yield this stream's rows from one row of the source.

        Args:
            row: A row of the source.
        """

    def derive(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Yield this stream's rows from some rows of the source."""
        yield [
            {**one, **self.stamp_from(row)} for row in rows for one in self.rows_from(row)
        ]

    def forecast(self, census: Census) -> Forecast:
        """Return no extra request; rows are estimated from the source's sample."""
        source = census.forecast(self.peers[self.source])
        sample = source.sample
        rows = None
        if source.rows is not None and sample:
            census.is_guessing |= len(sample) < source.rows
            rows = source.rows / len(sample) * sum(map(len, self.derive(sample)))
        elif source.rows == 0:
            rows = 0
        return Forecast(rows, source.costs_for_dependents)


class Parts(Derived, abc.ABC):
    """Objects of a list in a field of the source's rows."""

    field: str
    """Field of the source that holds the list."""

    source_key: str
    """Key under which the id of the source's row is added."""

    def rows_from(self, row: Row) -> Iterator[Row]:
        """Yield the parts of a row."""
        for number, item in enumerate(read(row, self.field) or []):
            if isinstance(item, dict):
                yield from self.parts_of(row, item, number)

    def parts_of(self, row: Row, item: Row, number: int) -> Iterator[Row]:  # noqa: ARG002
        """Yield the rows for an item; here the item itself, with the id of its row.

        Args:
            row: A row of the source.
            item: An object of its list.
            number: Position of the object in the list, from 0.
        """
        if is_integer(item.get("id")):
            yield {self.source_key: row["id"], **item}


class Parent(NamedTuple):
    """A row of the source, for which a list is asked.

    Args:
        path: Path of its list.
        keys: Keys that are added to the rows of that list.
        label: Name of the row in messages.
        project_id: Its project.
    """

    path: str
    keys: dict[str, Any]
    label: str
    project_id: object


class ListPerRow(Dependent, abc.ABC):
    """A list that is asked for once for each row of the source."""

    asks_per_row = True
    selected_by_default = False

    def __init__(self, run: Run, peers: Mapping[str, BacklogStream]) -> None:
        super().__init__(run, peers)
        self._gone = Counter[object]()

    @abc.abstractmethod
    def parent_of(self, row: Row) -> Parent:
        """Return what to ask for a row of the source."""

    def list_at(self, path: str) -> BacklogList:
        """Return the list below a row; here a list without pages.

        Args:
            path: From :meth:`parent_of`.
        """
        return WholeList(path)

    def forecast(self, census: Census) -> Forecast:
        """Return one request per row of the source."""
        source = census.forecast(self.peers[self.source])
        own = Cost(
            self.name,
            f"{self.source}/0/{self.name}",
            round(source.rows or 0),
            is_guess=source.is_guess
            or source.rows is None
            or self.list_at(self.path).has_pages,
        )
        rows, sample = self._rows_below(source, census)
        return Forecast(rows, (*source.costs_for_dependents, own), sample)

    def _rows_below(
        self,
        source: Forecast,
        census: Census,
    ) -> tuple[float | None, list[Row]]:
        """Return the number of rows, estimated from a few lists, and their rows."""
        seen: list[Row] = []

        def count(row: Row) -> int | None:
            parent = self.parent_of(row)
            rows = census.rows(self, self.list_at(parent.path).first)
            seen.extend({**row, **parent.keys} for row in rows or ())
            return None if rows is None else len(rows)

        below = census.estimate(source.sample, count)
        census.is_guessing |= len(source.sample) < (source.rows or 0)
        if below is None or source.rows is None or not source.sample:
            return (0 if source.rows == 0 else None), seen
        return below * source.rows / len(source.sample), seen

    def derive(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Yield the rows of the lists of the source's rows."""
        parents = [self.parent_of(row) for row in rows]
        for place, (row, parent) in enumerate(zip(rows, parents, strict=True)):
            if parent.project_id in self.closed:
                self._owe(parent)
                continue
            rest = (parents[later] for later in range(place + 1, len(parents)))
            then = next((p for p in rest if p.project_id not in self.closed), None)
            try:
                for found in self.rows_of(parent, then):
                    stamp = self.stamp_from(row)
                    yield [{**one, **parent.keys, **stamp} for one in found]
                self.family.failed.forget(self.name, row)
            except RefusedError as refusal:
                self._skip(row, parent, refusal)
            except BacklogError as error:
                self.skip_failed(row, parent.label, error)
            finally:
                self.family.head.steps.answer()

    def rows_of(self, parent: Parent, then: Parent | None) -> Iterator[list[Row]]:
        """Yield the rows of one list; the next list is asked for early."""
        following = self.list_at(then.path).first if then else None
        return self.list_at(parent.path).pages(self.ask, following)

    def _skip(self, row: Row, parent: Parent, refusal: RefusedError) -> None:
        """Skip a row that is gone, or a project that is closed to the key."""
        if refusal.is_gone:
            self._skip_gone(row, parent, refusal)
            return
        if refusal.is_fatal:
            raise refusal
        if not refusal.is_closed:
            self.skip_failed(row, parent.label, refusal)
            return
        self.family.failed.forget(self.name, row)  # the whole project is owed instead
        self.run.client.confirm_key(refusal)
        if not self.closed and self.run.warns_of_refusals:
            self.logger.warning(
                "`%s` is left out wherever this key may not read it (%s).",
                self.name,
                refusal.reason,
            )
        self.closed.add(parent.project_id)
        self._owe(parent)
        self.is_complete = False

    def _skip_gone(self, row: Row, parent: Parent, refusal: RefusedError) -> None:
        """Skip a row that is gone, and ask once more in the next run.

        A user who has left a project gets the same answer as for a deleted row. So if
        many rows of one project are gone, the project itself counts as gone.
        """
        self.log_gone(parent.label, refusal)
        if self.family.failed.has(self.name, row):
            self.family.failed.forget(self.name, row)
            return
        self._gone[parent.project_id] += 1
        if self._gone[parent.project_id] < _MOST_GONE:
            self.family.failed.keep(self.name, row)
            return
        self.closed.add(parent.project_id)
        self._owe(parent)
        self.is_complete = False

    def _owe(self, parent: Parent) -> None:
        """Record in the state that this stream still owes this project."""
        if isinstance(parent.project_id, int):
            self.family.owe_part(parent.project_id, self.name)
