"""Which projects a bookmark is good for, and which of them still owe something.

A state names the projects that it knows of once (``projects``). The bookmark of a family
of streams is good for all of them, except for those that its entry lists as owed: a
project that is new, was away, or was refused. It is read alone once, from where it was
good, and then goes with the others.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_backlog.errors import BacklogError
from tap_backlog.reading.newest_first import Stretch
from tap_backlog.rows import is_stamp
from tap_backlog.state.id_sets import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Mark: TypeAlias = "str | int | None"
"""A bookmark: a stamp, or an id of the feed; None for the beginning."""

_MOST_MARKS = 20
"""Entries that a state keeps; beyond, those that are good for longest fall back to older
ones, which reads a little again and loses nothing."""


@dataclass
class Owed:
    """Projects that were good up to a mark, and what has been read of them since.

    Args:
        projects: Their ids.
        since: Up to what they were good.
        streams: The streams of the family that owe; empty for all of it.
        read: Stretches that a run which was cut off has read, see ``newest_first``.
    """

    projects: set[int]
    since: Mark = None
    streams: frozenset[str] = frozenset()
    read: list[dict[str, Any]] = field(default_factory=list)

    def as_state(self) -> dict[str, Any]:
        """Return the form in the state."""
        state: dict[str, Any] = {"projects": pack(self.projects)}
        if self.since is not None:
            state["since"] = self.since
        if self.streams:
            state["streams"] = sorted(self.streams)
        if self.read:
            state["read"] = self.read
        return state


class Coverage:
    """What the bookmark of one family is good for.

    Args:
        owed: The exceptions.
    """

    def __init__(self, owed: Iterable[Owed] = ()) -> None:
        self._owed = list(owed)

    @classmethod
    def of_state(cls, entry: Mapping[str, Any], stream: str) -> Coverage:
        """Return what an entry of the state says.

        Args:
            entry: The entry of the stream at the head of the family.
            stream: Its name, for messages.

        Raises:
            BacklogError: The entry cannot be read.
        """
        try:
            return cls([_owed_of(one) for one in entry.get("owed") or []])
        except (AttributeError, TypeError, ValueError, KeyError):
            message = (
                f"The state's `owed` of `{stream}` cannot be read. Take the entry of "
                f"`{stream}` out of the state, or start without a state."
            )
            raise BacklogError(message) from None

    def as_state(self) -> list[dict[str, Any]] | None:
        """Return the exceptions as the state holds them; None for none."""
        return [owed.as_state() for owed in self._joined()] or None

    def _joined(self) -> Iterator[Owed]:
        """Yield the exceptions, those of one kind in one."""
        joined: dict[object, Owed] = {}
        for owed in self._owed:
            if owed.read:
                yield owed
                continue
            kind = owed.since, owed.streams
            same = joined.setdefault(kind, Owed(set(), owed.since, owed.streams))
            same.projects |= owed.projects
        yield from joined.values()

    @property
    def whole(self) -> set[int]:
        """Projects that owe all streams of the family."""
        return {i for owed in self._owed if not owed.streams for i in owed.projects}

    def good(self, ids: Iterable[int]) -> list[int]:
        """Return those of some projects for which the bookmark is good."""
        whole = self.whole
        return [project_id for project_id in ids if project_id not in whole]

    def due(self, ids: Collection[int]) -> Iterator[Owed]:
        """Yield what can be made good now, apart from the rest.

        Args:
            ids: The projects that can be read now.
        """
        for owed in list(self._owed):
            here = owed.projects & set(ids)
            if here and here < owed.projects:
                owed.projects -= here
                owed = Owed(here, owed.since, owed.streams, owed.read)  # noqa: PLW2901
                self._owed.append(owed)
            if here:
                yield owed

    def of_streams(self, project_id: int) -> list[Owed]:
        """Return what some streams alone owe of a project."""
        return [o for o in self._owed if o.streams and project_id in o.projects]

    def mark_of(self, project_id: int, bookmark: Mark) -> Mark:
        """Return up to what a project is good.

        Args:
            project_id: The project.
            bookmark: The bookmark of the family.
        """
        for owed in self._owed:
            if not owed.streams and project_id in owed.projects:
                return owed.since
        return bookmark

    def owe(
        self,
        ids: Iterable[int],
        since: Mark,
        streams: Iterable[str] = (),
    ) -> None:
        """Note that projects are good up to a mark only.

        Args:
            ids: The projects; one that owes already goes on owing from where it does.
            since: The mark.
            streams: The streams that owe; empty for the whole family.
        """
        parts = frozenset(streams)
        # What owes all may be made good in this run, but for these streams.
        new = set(ids) if parts else set(ids) - self.whole
        for owed in self._owed:
            if owed.streams == parts:
                new -= owed.projects
        if not new:
            return
        for owed in self._owed:
            if (owed.since, owed.streams) == (since, parts) and not owed.read:
                owed.projects |= new
                return
        self._owed.append(Owed(new, since, parts))
        self._merge_most()

    def settle(self, owed: Owed, keep: Iterable[int] = ()) -> None:
        """Note that nothing is owed any more of what :meth:`due` gave.

        Args:
            owed: What it gave.
            keep: Projects that go on owing.
        """
        owed.projects &= set(keep)
        self._owed = [other for other in self._owed if other.projects]

    def part(self, owed: Owed, project_id: int) -> Owed:
        """Return one project of an entry as an entry of its own."""
        if owed.projects == {project_id}:
            return owed
        owed.projects.discard(project_id)
        alone = Owed({project_id}, owed.since, owed.streams)
        self._owed.append(alone)
        return alone

    def read_anew(self, ids: Collection[int]) -> None:
        """Let projects go on owing all since their mark, whatever has been read of it.

        Args:
            ids: Projects that were left out while they were read together with others.
        """
        for owed in list(self._owed):
            if owed.read and (some := owed.projects & set(ids)):
                self._owed.append(Owed(some, owed.since, owed.streams))
                owed.projects -= some
        self._owed = [owed for owed in self._owed if owed.projects]

    def forget_streams_but(self, names: Collection[str]) -> None:
        """Drop what streams owe that are not read any more.

        Args:
            names: The streams that are.
        """
        for owed in self._owed:
            if owed.streams:
                owed.streams &= set(names)
                if not owed.streams:
                    owed.projects.clear()
        self._owed = [owed for owed in self._owed if owed.projects]

    def _merge_most(self) -> None:
        """Let the newest marks fall back to older ones if there are too many."""
        for streams in {owed.streams for owed in self._owed}:
            same = [o for o in self._owed if o.streams == streams and not o.read]
            marks = {owed.since for owed in same}
            if len(marks) <= _MOST_MARKS:
                continue
            older, newest = sorted(marks, key=lambda m: (m is not None, m or 0))[-2:]
            for owed in same:
                owed.since = older if owed.since == newest else owed.since


class KnownProjects:
    """The projects that a state knows of: all that were ever in the scope of a run.

    Args:
        state: The tap's state.

    Raises:
        BacklogError: The state holds something else.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state
        self.ids: set[int] | None = None
        """Their ids; None in a state of version 0.1, and in an empty one."""
        self.as_state: str = state.get("projects", "")
        """Their form in the state."""
        if "projects" in state:
            try:
                self.ids = unpack(state["projects"])
            except ValueError:
                message = (
                    "The state's `projects` cannot be read. Take them out, or start "
                    "without a state."
                )
                raise BacklogError(message) from None

    def new_among(self, ids: Iterable[int]) -> set[int]:
        """Return those of some projects that a state which names any does not know."""
        return set(ids) - self.ids if self.ids is not None else set()

    def admit(self, ids: Iterable[int], families: Collection[str]) -> None:
        """Take in the projects of this run; a new one is owed by each family.

        A family that is not read in this run has to know as well.

        Args:
            ids: The projects of this run.
            families: Names of the streams whose bookmarks speak of projects.
        """
        now, new = set(ids), self.new_among(ids)
        for name, entry in self._state.get("bookmarks", {}).items():
            if new and name in families and entry:
                coverage = Coverage.of_state(entry, name)
                coverage.owe(new, None)
                entry["owed"] = coverage.as_state()
        if self.ids is None or not now <= self.ids:
            self.ids = now | (self.ids or set())
            self.as_state = pack(self.ids)


_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def _owed_of(state: Mapping[str, Any]) -> Owed:
    """Return an exception from its form in the state.

    Raises:
        ValueError: It is something else.
    """
    since, streams, read = map(state.get, ("since", "streams", "read"))
    is_mark = since is None or type(since) is int
    if not is_mark and not (isinstance(since, str) and _STAMP.fullmatch(since)):
        raise ValueError(since)
    if not all(isinstance(name, str) for name in streams or []):
        raise ValueError(streams)
    stretches = [asdict(Stretch(**one)) for one in read or []]
    if not all(is_stamp(one[end]) for one in stretches for end in ("newest", "oldest")):
        raise ValueError(read)
    return Owed(unpack(state["projects"]), since, frozenset(streams or ()), stretches)
