"""What one run shares: whom it asks, for what, and what has come of it so far."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.errors import BacklogError
from tap_backlog.scope import ProjectScope
from tap_backlog.state.coverage import KnownProjects
from tap_backlog.state.identity import SpaceIdentity
from tap_backlog.state.refreshed import Refreshed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tap_backlog.api.client import BacklogClient
    from tap_backlog.settings.values import Settings
    from tap_backlog.steps import Steps

_MOST_SHOWN = 5

logger = logging.getLogger("tap-backlog")


class Wanted(NamedTuple):
    """What is wanted of a stream.

    Args:
        fields: The root fields that are sent.
        is_in_full: Whether it is read in full, without a bookmark.
    """

    fields: frozenset[str]
    is_in_full: bool


class Counters:
    """What has been read so far; whoever watches looks at it from another thread."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        """Rows that were sent, by stream."""
        self.done: set[str] = set()
        """Streams that are through."""
        self.current: tuple[str, Steps] | None = None
        """The stream that is being read, and how far."""
        self.tell_done: Callable[[str, int], None] = lambda _name, _rows: None
        """Called when a stream is through, with its name and its rows."""

    @property
    def all_rows(self) -> int:
        """Rows that were sent, of all streams."""
        return sum(list(self.rows.values()))


class Run:
    """What the streams of one run share.

    Args:
        settings: The user's settings.
        client: Asks Backlog.
        state: The tap's state, which the run writes.
        wanted: The streams that are read, by name.

    Raises:
        BacklogError: The state holds something else than projects.
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
        self.identity = SpaceIdentity(state, settings.host, self.scope)
        self.counters = Counters()
        self.refused: dict[str, str] = {}
        """Streams that the key may not read, each with what Backlog said."""
        self.failures: list[str] = []
        """What could not be read, each by stream and what it belongs to."""
        self.warns_of_refusals = True
        """Whether a refusal is told at once."""
        self.shows_live = False
        """Whether somebody watches on a terminal."""
        self._state = state

    @property
    def bookmarks(self) -> Mapping[str, Any]:
        """What the state says of each family, by the stream at its head."""
        bookmarks: Mapping[str, Any] = self._state.get("bookmarks") or {}
        return bookmarks

    def complete_state(self) -> None:
        """Let the state say which space and which projects its bookmarks speak of."""
        if self.identity.as_state:
            self._state["space"] = self.identity.as_state
        if self.known_projects.ids is not None:
            self._state["projects"] = self.known_projects.as_state
        if refreshed := self.refreshed.as_state:
            self._state["refreshed"] = refreshed

    def record_refusal(self, stream: str, reason: str) -> None:
        """Warn that the key may not read a report.

        Args:
            stream: Name of the stream.
            reason: What Backlog said.
        """
        self.refused[stream] = reason
        if self.warns_of_refusals:
            logger.warning(
                "`%s` is left out: this key may not read it (%s).", stream, reason
            )

    def record_left_out(self, streams: Iterable[str]) -> None:
        """Say that some streams are left out, since they have been read not long ago."""
        if names := sorted(streams):
            logger.info(
                "Left out, since read in full less than %g hours ago: %s.",
                self.settings.refresh.total_seconds() / 3600,
                ", ".join(names),
            )

    def record_failure(self, stream: str, what: str, error: BacklogError) -> None:
        """Warn that a part of a report could not be read; the run ends with code 1.

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
        """Say at the end of a run what could not be read.

        Raises:
            BacklogError: Something could not.
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
