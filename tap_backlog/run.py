"""What one run shares: its client, its streams, and its results so far."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.budget import Budget
from tap_backlog.errors import BacklogError
from tap_backlog.reading.server_clock import MARGIN, server_time
from tap_backlog.scope import ProjectScope
from tap_backlog.state.coverage import KnownProjects
from tap_backlog.state.identity import SpaceIdentity
from tap_backlog.state.refreshed import Refreshed
from tap_backlog.state.round import Round
from tap_backlog.times import earlier, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_backlog.api.client import BacklogClient
    from tap_backlog.settings.values import Settings
    from tap_backlog.steps import Steps

_MOST_SHOWN = 5

logger = logging.getLogger("tap-backlog")
progress = logging.getLogger("tap-backlog.progress")
"""What it logs is shown unless the user chooses another level."""


class Wanted(NamedTuple):
    """What is wanted from a stream.

    Args:
        fields: The root fields that are sent.
        is_in_full: Whether it is read in full, without a bookmark.
    """

    fields: frozenset[str]
    is_in_full: bool


class Counters:
    """What has been read so far; the progress display reads it from another thread."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        """Rows that were sent, by stream."""
        self.done: set[str] = set()
        """Streams that are finished."""
        self.current: tuple[str, Steps] | None = None
        """The stream that is being read, and its progress."""
        self.tell_done: Callable[[str, int], None] = lambda _name, _rows: None
        """Called when a stream is finished, with its name and its number of rows."""

    @property
    def all_rows(self) -> int:
        """Rows that were sent, of all streams."""
        return sum(list(self.rows.values()))


class Run:
    """What the streams of one run share.

    Args:
        settings: The user's settings.
        client: Sends requests to Backlog.
        state: The tap's state, which the run changes.
        wanted: The streams that are read, by name.

    Raises:
        BacklogError: The projects in the state are not valid.
    """

    def __init__(
        self,
        settings: Settings,
        client: BacklogClient,
        state: dict[str, Any],
        wanted: Mapping[str, Wanted],
    ) -> None:
        self.settings = settings
        self.client = client
        self.wanted = wanted
        self.scope = ProjectScope(client, settings)
        self.known_projects = KnownProjects(state)
        self.refreshed = Refreshed(state, settings.refresh, self.known_projects)
        self.round = Round(state)
        if self.round.done.issuperset(wanted):
            self.round = Round({})  # all that is wanted now was read, so it begins again
        will_count = self.round.requests_left is None
        self.budget = Budget(settings, client, will_count=will_count)
        # After the page that is read, there must be room for what was asked for early.
        client.may_look_ahead = lambda: self.budget.allows(2)
        self.identity = SpaceIdentity(state, settings.host, self.scope)
        self.counters = Counters()
        self.refused: dict[str, str] = {}
        """Streams that the key may not read, each with what Backlog said."""
        self.failures: list[str] = []
        """What could not be read: for each, the stream and what it belongs to."""
        self.warns_of_refusals = True
        """Whether a refusal is logged at once."""
        self.shows_live = False
        """Whether there is a live display on a terminal."""
        self.fresh: set[str] = set()
        """Streams that are left out, since they have been read not long ago."""
        self._state = state

    @property
    def bookmarks(self) -> Mapping[str, Any]:
        """The entry of each family in the state, by the stream at its head."""
        bookmarks: Mapping[str, Any] = self._state.get("bookmarks") or {}
        return bookmarks

    @property
    def keeps_more_than_bookmarks(self) -> bool:
        """Whether the state changes with each stream, bookmark or not."""
        return bool(self.settings.refresh) or self.budget.is_set or self.round.is_open

    @property
    def left(self) -> set[str]:
        """The streams that are wanted and have not been read yet."""
        return set(self.wanted) - self.round.done - self.fresh

    def stop(self, requests_left: int) -> None:
        """Record that the budget is spent, so that the next run goes on from here.

        Args:
            requests_left: About how many requests the next runs take together.
        """
        began = server_time(self.client.first_answered_at)
        now = server_time(self.client.answered_at)
        self.round.stop(
            stamp(earlier(began, MARGIN)) if began else "",
            stamp(now) if now else "",
            requests_left,
        )
        self.complete_state()

    def complete_state(self) -> None:
        """Write to the state which space and projects its bookmarks are for."""
        if self.identity.as_state:
            self._state["space"] = self.identity.as_state
        if self.known_projects.ids is not None:
            self._state["projects"] = self.known_projects.as_state
        if refreshed := self.refreshed.as_state:
            self._state["refreshed"] = refreshed
        self._state.pop("round", None)
        if self.round.is_open and self.left:
            self._state["round"] = self.round.as_state

    def record_refusal(self, stream: str, reason: str) -> None:
        """Record a refusal, and warn that the key may not read a stream.

        Args:
            stream: Name of the stream.
            reason: What Backlog said.
        """
        self.refused[stream] = reason
        if self.warns_of_refusals:
            logger.warning(
                "`%s` is left out: this key may not read it (%s).", stream, reason
            )

    def tell_left_out(self) -> None:
        """Log which streams are left out since they have been read before."""
        hours = self.settings.refresh.total_seconds() / 3600
        done = self.round.done & set(self.wanted)
        for names, why in (
            (self.fresh, f"read in full less than {hours:g} hours ago"),
            (done - self.fresh, "read by the runs before, which this one continues"),
        ):
            if names:
                progress.info("Left out, since %s: %s.", why, ", ".join(sorted(names)))

    def record_failure(self, stream: str, what: str, error: BacklogError) -> None:
        """Warn that a part of a stream could not be read; the run ends with code 1.

        Args:
            stream: Name of the stream.
            what: What could not be read, in users' words.
            error: What happened, after all tries.
        """
        self.failures.append(f"`{stream}` of {what}")
        logger.warning(
            "`%s` is left out for %s: %s The next run asks again.", stream, what, error
        )

    def end(self) -> None:
        """Report at the end of a run what could not be read.

        Raises:
            BacklogError: Something could not be read.
        """
        self.client.confirm_end()
        if self.failures:
            shown = ", ".join(self.failures[:_MOST_SHOWN])
            more = " and others" if len(self.failures) > _MOST_SHOWN else ""
            message = (
                f"Could not be read: {shown}{more}. Everything else was, and the next "
                "run asks again for the rest; if it persists, please report it to Nulab."
            )
            raise BacklogError(message)
