"""Where the reading of a family begins, and what its bookmark is valid for."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any, TypeVar

from tap_backlog.errors import BacklogError
from tap_backlog.reading.server_clock import MARGIN, hold, server_time, stamp_before
from tap_backlog.state.coverage import Coverage
from tap_backlog.times import earlier, moment, stamp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    from tap_backlog.run import Run
    from tap_backlog.state.coverage import Mark
    from tap_backlog.streams.relative import Relative

T = TypeVar("T")

logger = logging.getLogger("tap-backlog")


class Bookmark:
    """How far earlier runs have read a family, and how far back this run goes.

    ``lookback_minutes`` is for rows that show up in a list some time after their
    timestamp. This class reads the state, but does not change it.

    Args:
        run: What the run shares.
        head: The stream at the head of the family.
        kept: The entry of the family from which this run continues; empty for none.
        served: The streams for which the family is read.
        needed: The streams that are read, for themselves or only for their dependents.
        has_dependents: Whether any streams depend on the head, wanted or not.

    Raises:
        BacklogError: The state does not hold a valid entry.
    """

    def __init__(  # noqa: PLR0913
        self,
        run: Run,
        head: Relative,
        *,
        kept: Mapping[str, Any],
        served: Collection[str],
        needed: Collection[str],
        has_dependents: bool,
    ) -> None:
        self._run = run
        self._stream = head.name
        self._reread = head.reread
        entry = dict(kept)
        # A state that names no streams is written by hand, or older than the others.
        named_by_default = [head.name] if entry and head.was_alone else served
        unknown = set(served) - set(entry.get("streams", named_by_default))
        reason = ""
        if unknown and has_dependents:
            reason = f"since the state knows nothing of {', '.join(sorted(unknown))}"
        elif self._is_ahead_of_the_server(entry):
            reason = "since its bookmark lies in the future"
        if reason:
            logger.warning("Reading `%s` from the start, %s.", head.name, reason)
        self.starts_over = bool(reason)
        """Whether the entry of the family in the state is no longer valid."""
        self.at_start: Mapping[str, Any] = {} if reason else copy.deepcopy(entry)
        """The entry of the family in the state when its reading began."""
        self.coverage = Coverage()
        """What the bookmark is valid for."""
        if not self.is_first_reading or run.round.has_begun(head.name):
            self.coverage = Coverage.of_state(self.at_start, head.name)
            if head.covers_projects:
                self.coverage.owe(run.known_projects.new_among(run.scope.ids), None)
            self.coverage.forget_streams_but(needed)

    def _is_ahead_of_the_server(self, entry: Mapping[str, Any]) -> bool:
        """Whether the server's clock was set back by more than the look-back."""
        bookmark = entry.get("replication_key_value")
        now = server_time(self._run.client.answered_at)
        if now is None or not isinstance(bookmark, str):
            return False
        try:
            return earlier(moment(bookmark), max(self.lookback, MARGIN)) > now
        except ValueError:
            return False  # reported when it is read

    def owe_missing_projects(self, ids: list[int], since: Mark) -> None:
        """Record projects that the state knows of, but that are not read now.

        The projects of this run count as known: a feature may be off in some of them.

        Args:
            ids: The projects that are read now.
            since: The mark up to which the others were read; None if they never were.
        """
        known = (self._run.known_projects.ids or set()) | set(self._run.scope.ids)
        self.coverage.owe(known - set(ids), since)

    def mark_of(self, project_id: int) -> Mark:
        """Return the mark up to which earlier runs have read a project."""
        return self.coverage.mark_of(project_id, self.mark)

    @property
    def mark(self) -> Mark:
        """The bookmark in the state, unchanged; None for none."""
        value: Mark = self.at_start.get("replication_key_value")
        return value

    def value(self, read: Callable[[Any], T]) -> T | None:
        """Return the replication key's value up to which all rows have been sent.

        Args:
            read: Converts the value in the state to its type.

        Raises:
            BacklogError: The value in the state is not valid.
        """
        value = self.at_start.get("replication_key_value")
        if value is None:
            return None
        try:
            return read(value)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of `{self._stream}` cannot be read: {value!r}. "
                "Correct the state, or start without it."
            )
            raise BacklogError(message) from None

    @property
    def is_first_reading(self) -> bool:
        """Whether the state holds nothing from which this stream can continue."""
        state = self.at_start
        return not (state.get("replication_key_value") or state.get("unfinished"))

    @property
    def start(self) -> dt.datetime | None:
        """The setting ``start_date``: how far back a first run reads."""
        return self._run.settings.start_date

    @property
    def lookback(self) -> dt.timedelta:
        """The setting ``lookback_minutes``: how late a row may show up."""
        return self._run.settings.lookback

    def stamp_of_start(self) -> str:
        """Return the timestamp of the bookmark, else of ``start_date``; "" for none."""
        start = self.value(moment) or self.start
        return stamp(start) if start else ""

    @property
    def floor(self) -> str:
        """The timestamp down to which to read; "" for the end of the list."""
        return self.floor_of(self.mark)

    def floor_of(self, mark: Mark) -> str:
        """Return the timestamp down to which to read; "" for the end of the list.

        Args:
            mark: The timestamp up to which all was read; None for the beginning.
        """
        start = stamp(self.start) if self.start else ""
        if not isinstance(mark, str) or not mark:
            return start
        floor = stamp_before(mark, max(self.lookback, self._reread))
        return max(floor, start) if start <= mark else floor

    def look_back(self, newest: str) -> str:
        """Return the timestamp after which rows may have shown up late."""
        return stamp_before(newest, self.lookback)

    def hold(self, newest: str) -> str:
        """Return a timestamp, but not later than the ``Date`` of the last answer."""
        return hold(newest, self._run.client.answered_at)
