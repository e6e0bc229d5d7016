"""``--test``: whether host and key are right, and what the key may not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tap_backlog.api.refusals import RefusedError
from tap_backlog.hosts import address_of
from tap_backlog.rows import is_integer, read
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from tap_backlog.streams.base import BacklogStream
    from tap_backlog.tap import TapBacklog

_ROLES = {
    1: "administrator",
    2: "member",
    3: "reporter",
    4: "viewer",
    5: "guest reporter",
    6: "guest viewer",
}
"""What ``roleType`` of a user means, by docs/api-facts.md, "Who may read what"."""


def print_verdict(tap: TapBacklog) -> None:
    """Print whether host and key are right, and what the key may not read.

    Args:
        tap: The tap, with its choice of streams; nothing of it may have been synced.

    Raises:
        BacklogError: They are not, or something could not be read.
    """
    verdict = Verdict(tap)
    click.echo(verdict.of_connection)
    click.echo(verdict.of_streams())
    tap.end()


class Verdict:
    """Asks Backlog as little as tells whether a sync can run.

    Args:
        tap: The tap, with its catalog; nothing of it may have been synced.

    Raises:
        BacklogError: Host, key or ``project_keys`` are wrong.
    """

    def __init__(self, tap: TapBacklog) -> None:
        self._tap = tap
        self._owner = tap.client.owner
        self._projects = tap.scope.projects
        try:
            self._space = str(read(tap.scope.space, "name") or "")
        except RefusedError:  # open to every key, so an odd server
            self._space = ""

    @property
    def of_connection(self) -> str:
        """Where the tap is connected to, as whom, and what is left of the limit."""
        host = address_of(self._tap.config["host"])
        where = f"{self._space} ({host})" if self._space else host
        number = read(self._owner, "roleType")
        role = _ROLES.get(int(number)) if is_integer(number) else None
        parts = [
            f"Connected to {where} as {read(self._owner, 'name')}"
            + (f", {role}" if role else ""),
            counted(len(self._projects), "project"),
        ]
        if quota := self._tap.client.pacer.quotas.get("read"):
            left, limit = round(quota.remaining), round(quota.limit)
            parts.append(f"{left} of {limit} read requests left this minute")
        return f"{'; '.join(parts)}."

    def of_streams(self) -> str:
        """Return which of the selected streams the key may not read, by name.

        Raises:
            BacklogError: Backlog cannot be asked any more.
        """
        self._tap.warns_of_refusals = False
        streams = self._tap.selected_streams
        # What a stream is part of comes first, so each family is opened once.
        in_turn: list[BacklogStream] = sorted(streams, key=lambda s: s.lead is not s)
        closed = {stream.name for stream in in_turn if not stream.probe()}
        if closed:
            names = ", ".join(s.name for s in streams if s.name in closed)
            return f"This key may not read {counted(len(closed), 'stream')}: {names}."
        if len(streams) == 1:
            return f"This key may read `{streams[0].name}`."
        return f"This key may read all {len(streams)} streams that are selected."
