"""Which projects a bookmark is valid for, and which of them still owe rows.

A state names the projects that it knows once (``projects``). The bookmark of a family of
streams is valid for all of them, except for those that its entry lists as owed: a project
that is new, was missing, or was refused. Such a project is read alone once, from its own
mark on, and after that together with the others.
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
"""A bookmark: a timestamp, or an id of the feed; None for the beginning."""

_MOST_MARKS = 20
"""Entries that a state keeps. If there are more, the entries with the newest mark get an
older mark. So a few rows are read again, and none is lost."""


@dataclass
class Owed:
    """Projects that were read only up to a mark, and what has been read of them since.

    Args:
        projects: Their ids.
        since: The mark up to which they were read.
        streams: The streams of the family that owe; empty for the whole family.
        read: Stretches that a run has read before it was cut off, see ``newest_first``.
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
    """What the bookmark of one family is valid for.

    Args:
        owed: The exceptions.
    """

    def __init__(self, owed: Iterable[Owed] = ()) -> None:
        self._owed = list(owed)

    @classmethod
    def of_state(cls, entry: Mapping[str, Any], stream: str) -> Coverage:
        """Return the coverage from an entry of the state.

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
        """Yield the exceptions, merged if they are of the same kind."""
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
        """Return the projects among these for which the bookmark is valid."""
        whole = self.whole
        return [project_id for project_id in ids if project_id not in whole]

    def due(self, ids: Collection[int]) -> Iterator[Owed]:
        """Yield what is owed and can be read now, split from the rest.

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
        """Return what only some streams owe of a project."""
        return [o for o in self._owed if o.streams and project_id in o.projects]

    def mark_of(self, project_id: int, bookmark: Mark) -> Mark:
        """Return the mark up to which a project was read.

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
        """Record that projects were read only up to a mark.

        Args:
            ids: The projects; one that owes already keeps its older mark.
            since: The mark.
            streams: The streams that owe; empty for the whole family.
        """
        parts = frozenset(streams)
        # A project that owes everything may be read in this run, but not for these
        # streams.
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
        """Record that something which :meth:`due` yielded is no longer owed.

        Args:
            owed: What it yielded.
            keep: Projects that still owe.
        """
        owed.projects &= set(keep)
        self._owed = [other for other in self._owed if other.projects]

    def part(self, owed: Owed, project_id: int) -> Owed:
        """Split one project from an entry, and return it as a separate entry."""
        if owed.projects == {project_id}:
            return owed
        owed.projects.discard(project_id)
        alone = Owed({project_id}, owed.since, owed.streams)
        self._owed.append(alone)
        return alone

    def read_anew(self, ids: Collection[int]) -> None:
        """Let projects owe everything since their mark, even what has been read of it.

        Args:
            ids: Projects that were left out while they were read together with others.
        """
        for owed in list(self._owed):
            if owed.read and (some := owed.projects & set(ids)):
                self._owed.append(Owed(some, owed.since, owed.streams))
                owed.projects -= some
        self._owed = [owed for owed in self._owed if owed.projects]

    def forget_streams_but(self, names: Collection[str]) -> None:
        """Forget what is owed by streams that are no longer read.

        Args:
            names: The streams that are read.
        """
        for owed in self._owed:
            if owed.streams:
                owed.streams &= set(names)
                if not owed.streams:
                    owed.projects.clear()
        self._owed = [owed for owed in self._owed if owed.projects]

    def _merge_most(self) -> None:
        """Replace the newest marks by older ones, if there are too many."""
        for streams in {owed.streams for owed in self._owed}:
            same = [o for o in self._owed if o.streams == streams and not o.read]
            marks = {owed.since for owed in same}
            if len(marks) <= _MOST_MARKS:
                continue
            older, newest = sorted(marks, key=lambda m: (m is not None, m or 0))[-2:]
            for owed in same:
                owed.since = older if owed.since == newest else owed.since


class KnownProjects:
    """The projects that a state knows: all that were ever in the scope of a run.

    Args:
        state: The tap's state.

    Raises:
        BacklogError: The state does not hold valid projects.
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
        """Return the projects among these that are new; none if the state names none."""
        return set(ids) - self.ids if self.ids is not None else set()

    def admit(self, ids: Iterable[int], families: Collection[str]) -> None:
        """Add the projects of this run; every family owes the new ones.

        This includes families that are not read in this run.

        Args:
            ids: The projects of this run.
            families: Names of the streams whose bookmarks depend on projects.
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
        ValueError: It is not valid.
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
