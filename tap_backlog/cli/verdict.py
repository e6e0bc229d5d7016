"""``--test``: whether host and key are valid, and what the key may not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tap_backlog.api.refusals import RefusedError
from tap_backlog.hosts import address_of
from tap_backlog.rows import is_integer, read
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_backlog.run import Run
    from tap_backlog.streams.base import BacklogStream

_ROLES = {
    1: "administrator",
    2: "member",
    3: "reporter",
    4: "viewer",
    5: "guest reporter",
    6: "guest viewer",
}
"""The meaning of a user's ``roleType``; see docs/api-facts.md, "Who may read what"."""


def print_verdict(run: Run, streams: Mapping[str, BacklogStream]) -> None:
    """Print whether host and key are valid, and what the key may not read.

    Args:
        run: The run, before anything has been read.
        streams: All streams, by name.

    Raises:
        BacklogError: Host or key are not valid, or something could not be read.
    """
    verdict = Verdict(run)
    click.echo(verdict.of_connection)
    click.echo(verdict.of_streams([streams[name] for name in run.wanted]))
    run.end()


class Verdict:
    """Checks with few requests whether a sync can run.

    Args:
        run: The run, before anything has been read.

    Raises:
        BacklogError: Host, key or ``project_keys`` are wrong.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._owner = run.client.owner
        self._projects = run.scope.projects
        try:
            self._space = str(read(run.scope.space, "name") or "")
        except RefusedError:  # every key may read the space, so an unusual server
            self._space = ""

    @property
    def of_connection(self) -> str:
        """Space and user of the connection, and how many requests are left."""
        host = address_of(self._run.settings.host)
        where = f"{self._space} ({host})" if self._space else host
        number = read(self._owner, "roleType")
        role = _ROLES.get(int(number)) if is_integer(number) else None
        parts = [
            f"Connected to {where} as {read(self._owner, 'name')}"
            + (f", {role}" if role else ""),
            counted(len(self._projects), "project"),
        ]
        if quota := self._run.client.pacer.quotas.get("read"):
            left, limit = round(quota.remaining), round(quota.limit)
            parts.append(f"{left} of {limit} read requests left this minute")
        return f"{'; '.join(parts)}."

    def of_streams(self, streams: Sequence[BacklogStream]) -> str:
        """Return which of some streams the key may not read, by name.

        Args:
            streams: The streams that are selected.

        Raises:
            BacklogError: Backlog cannot be asked any more.
        """
        self._run.warns_of_refusals = False
        # The head of a family comes first, so each family is opened once.
        in_turn = sorted(streams, key=lambda stream: stream.source is not None)
        closed = {one.name for one in in_turn if not one.family.probe(one)}
        if closed:
            names = ", ".join(s.name for s in streams if s.name in closed)
            return f"This key may not read {counted(len(closed), 'stream')}: {names}."
        if len(streams) == 1:
            return f"This key may read `{streams[0].name}`."
        return f"This key may read all {len(streams)} streams that are selected."
