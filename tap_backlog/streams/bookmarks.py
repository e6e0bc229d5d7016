"""What the state says of a family of streams, and how far back its next run reads."""

from __future__ import annotations

import copy
import datetime as dt
import random
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from tap_backlog.errors import BacklogError
from tap_backlog.reading.server_clock import MARGIN, hold, server_time, stamp_before
from tap_backlog.singer.stream import WritingStream
from tap_backlog.state.coverage import Coverage
from tap_backlog.times import earlier, moment, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from tap_backlog.state.coverage import Mark, Owed
    from tap_backlog.tap import TapBacklog

T = TypeVar("T")

_MOST_REFUSED_AGAIN = 3


class BookmarkedStream(WritingStream):
    """Knows its bookmark, the projects that it is good for, and the look-back.

    ``lookback_minutes`` is for rows that show up in a list some time after their stamp.
    """

    covers_projects: ClassVar[bool] = False
    """Whether the bookmark speaks of projects, so that the state names them."""

    def __init__(self, tap: TapBacklog) -> None:
        super().__init__(tap)
        self.coverage = Coverage()
        """What the bookmark is good for."""
        self.left_out: set[int] = set()
        """Projects that are not read in this run, though they could be."""
        self._refused_again = 0
        self.failed: dict[str, dict[str, Any]] = {}
        """Rows whose parts could not be read: by stream and id."""

    @cached_property
    def state_at_start(self) -> dict[str, Any]:
        """What the state held of this stream when the run began."""
        return copy.deepcopy(dict(self.stream_state))

    def prepare_state(
        self,
        names: list[str],
        reading: Collection[str],
        *,
        has_members: bool,
    ) -> None:
        """Take in the state, less what does not hold any more.

        Args:
            names: The streams that this reading serves.
            reading: Those that ask for something, be it for what hangs on them.
            has_members: Whether streams hang on this one.
        """
        if self.is_incremental:
            if self.covers_projects:
                ids = self.tap.scope.ids
                self.tap.known_projects.admit(ids, self.tap.families_of_projects)
            if reason := self._reason_to_begin_anew(names, has_members=has_members):
                self.logger.warning("Reading `%s` from the start, %s.", self.name, reason)
                self.stream_state.clear()
        self.state_at_start = copy.deepcopy(dict(self.stream_state))
        entry = self.state_at_start if self.is_incremental else {}
        self.coverage = Coverage()
        if not self.is_first_reading:
            self.coverage = Coverage.of_state(entry, self.name)
            self.coverage.forget_streams_but(reading)
        self.failed = _failed_of(entry, reading)

    def _reason_to_begin_anew(self, names: list[str], *, has_members: bool) -> str:
        served = self.stream_state.get("streams", names)
        new = set(names) - set(served) if has_members else set()
        if new:
            return f"since the state knows nothing of {', '.join(sorted(new))}"
        if self._is_ahead_of_the_server():
            return "since its bookmark lies in the future"
        return ""

    def _is_ahead_of_the_server(self) -> bool:
        """Whether the server's clock has stepped back behind all that is looked back."""
        bookmark = self.stream_state.get("replication_key_value")
        now = server_time(self.tap.client.answered_at)
        if now is None or not isinstance(bookmark, str):
            return False
        try:
            return earlier(moment(bookmark), max(self.lookback, MARGIN)) > now
        except ValueError:
            return False  # told when it is read

    def state_of_family(self, names: list[str], *, has_members: bool) -> dict[str, Any]:
        """Return what the state says besides the bookmark; None takes an entry out.

        Args:
            names: The streams that this reading serves.
            has_members: Whether streams hang on this one.
        """
        state: dict[str, Any] = {"streams": names} if has_members else {}
        if self.covers_projects:
            state["owed"] = self.coverage.as_state()
        if has_members:
            failed = {name: list(rows.values()) for name, rows in self.failed.items()}
            state["failed"] = {n: rows for n, rows in failed.items() if rows} or None
        return state

    def owe_what_is_away(self, ids: list[int], since: Mark) -> None:
        """Note the projects that the bookmark was good for and that are not read now.

        Args:
            ids: The projects that are.
            since: Up to what they were good; None if they never were.
        """
        known = self.tap.known_projects.ids or set()
        self.coverage.owe(known - set(ids), since)

    @property
    def keeps_bookmark(self) -> bool:
        """Whether this run leaves a bookmark in the state."""
        return bool(self.replication_key) and self.is_incremental

    def owe_part(self, project_id: int, stream: str) -> None:
        """Note that a stream of the family may not read what it needs in a project.

        Args:
            project_id: The project.
            stream: The stream.
        """
        if self.covers_projects:
            self.coverage.owe({project_id}, self.mark_of(project_id), (stream,))

    def closed_still(self, owed: Owed) -> set[int]:
        """Return projects in which streams that owe may still not read what they need.

        Args:
            owed: What is owed.
        """
        closed = [self.tap.stream(name).closed for name in owed.streams]
        return {i for i in owed.projects for some in closed if i in some}

    def try_parts(self, owed: Owed) -> Iterator[int]:
        """Yield projects in which streams are to be tried again, in any order.

        It ends once some were refused again, so that those which are closed for good
        cost few requests; the order gives each its turn.

        Args:
            owed: What the streams owe.
        """
        waiting = sorted(owed.projects - self.closed_still(owed))
        for project_id in random.sample(waiting, len(waiting)):
            if self._refused_again >= _MOST_REFUSED_AGAIN:
                return
            yield project_id
            if project_id in self.closed_still(owed) | self.left_out:
                self._refused_again += 1
            else:
                self.coverage.settle(owed, owed.projects - {project_id})

    def mark_of(self, project_id: int) -> Mark:
        """Return up to what a project has been read by earlier runs."""
        return self.coverage.mark_of(project_id, self.mark_at_start)

    @property
    def mark_at_start(self) -> Mark:
        """The bookmark of the state as it is; None for none."""
        value: Mark = self.state_at_start.get("replication_key_value")
        return value if self.is_incremental else None

    @property
    def is_first_reading(self) -> bool:
        """Whether the state holds nothing of this stream to go on from."""
        state = self.state_at_start if self.is_incremental else {}
        return not (state.get("replication_key_value") or state.get("unfinished"))

    @property
    def start(self) -> dt.datetime | None:
        """The setting ``start_date``: how far back a first run reads."""
        start = self.config.get("start_date")
        return moment(start) if start else None

    @property
    def lookback(self) -> dt.timedelta:
        """The setting ``lookback_minutes``: how late a row may show up."""
        return dt.timedelta(minutes=self.config.get("lookback_minutes", 0))

    @property
    def reread(self) -> dt.timedelta:
        """How far behind the bookmark reading goes for another reason."""
        return dt.timedelta()

    def stamp_of_start(self) -> str:
        """Return the stamp of the bookmark, or of the first run's start; "" for none."""
        start = self.bookmark(moment) or self.start
        return stamp(start) if start else ""

    def floor_of(self, mark: Mark) -> str:
        """Return the stamp down to which to read; "" for the end of the list.

        Args:
            mark: The stamp up to which all has been read; None for the beginning.
        """
        start = stamp(self.start) if self.start else ""
        if not isinstance(mark, str) or not mark:
            return start
        floor = stamp_before(mark, max(self.lookback, self.reread))
        return max(floor, start) if start <= mark else floor

    def look_back(self, newest: str) -> str:
        """Return the stamp from which on rows may have shown up late."""
        return stamp_before(newest, self.lookback)

    def hold(self, newest: str) -> str:
        """Return a stamp, but no later than the clock of the server's last answer."""
        return hold(newest, self.tap.client.answered_at)

    def bookmark(self, read: Callable[[Any], T]) -> T | None:
        """Return the replication key's value up to which all rows have been sent.

        Args:
            read: Turns the value in the state into one of its type.

        Raises:
            BacklogError: The state holds something else.
        """
        value = self.state_at_start.get("replication_key_value")
        if value is None or not self.is_incremental:
            return None
        try:
            return read(value)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of `{self.name}` cannot be read: {value!r}. "
                "Correct the state, or start without it."
            )
            raise BacklogError(message) from None


def _failed_of(
    entry: Mapping[str, Any],
    streams: Collection[str],
) -> dict[str, dict[str, Any]]:
    """Return the rows whose parts an earlier run could not read, by stream and id."""
    failed = entry.get("failed")
    return {
        name: {str(r["id"]): r for r in rows if isinstance(r, dict) and "id" in r}
        for name, rows in (failed.items() if isinstance(failed, dict) else ())
        if isinstance(rows, list) and name in streams
    }
