"""What the tables should say, counted in plain Python from the space itself.

Only issues, people and the change logs of comments are looked at: not the feed that the
tap reads, and no SQL.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]

CLOSED, NEW = 4, 1
_HOURS = ("estimatedHours", "actualHours")
_DAY = dt.timedelta(days=1)


def moment(stamp: str) -> dt.datetime:
    return dt.datetime.fromisoformat(stamp.removesuffix("Z"))


def in_tokyo(when: dt.datetime) -> dt.date:
    return (when + dt.timedelta(hours=9)).date()


def name_of(item: Row | None) -> str | None:
    return item["name"] if item else None


def hours_of(shown: str | None) -> float | None:
    return None if shown is None else float(shown)


class Step(NamedTuple):
    """What a field is from a moment on."""

    at: dt.datetime
    value: Any


class State(NamedTuple):
    """An issue at the end of a day."""

    status: str
    assignee: str | None
    milestones: str | None
    estimated_hours: float | None
    actual_hours: float | None


@dataclass
class Truth:
    """The history of a space, up to the end of a day."""

    space: Space
    as_of: dt.date

    @cached_property
    def statuses(self) -> dict[tuple[int, str], int]:
        return {
            (home.id, status["name"]): status["id"]
            for home in self.space.projects
            for status in home.statuses
        }

    @cached_property
    def status_names(self) -> dict[tuple[int, int], str]:
        return {
            (project, number): name for (project, name), number in self.statuses.items()
        }

    def changes(self, issue_id: int) -> list[tuple[Row, Row]]:
        """Each change with its comment, the oldest first."""
        return [
            (change, comment)
            for comment in self.space.contents.comments.get(issue_id, [])
            for change in comment["changeLog"] or []
        ]

    def steps(self, issue_id: int, field: str) -> list[Step]:
        issue = self.space.issues[issue_id]
        made = [(c, k) for c, k in self.changes(issue_id) if c["field"] == field]
        present = {
            "status": issue["status"]["name"],
            "assigner": name_of(issue["assignee"]),
            "milestone": ", ".join(m["name"] for m in issue["milestone"]) or None,
            "estimatedHours": issue["estimatedHours"],
            "actualHours": issue["actualHours"],
        }[field]
        first = made[0][0]["originalValue"] if made else present
        values = [first, *(change["newValue"] for change, _ in made)]
        if field in _HOURS:
            values = [hours_of(value) for value in values]
        moments = [moment(issue["created"]), *(moment(k["created"]) for _, k in made)]
        return [Step(*one) for one in zip(moments, values, strict=True)]

    def days(self, issue_id: int) -> list[tuple[dt.date, State]]:
        """The state of an issue at the end of each day."""
        fields = ("status", "assigner", "milestone", *_HOURS)
        steps = [self.steps(issue_id, field) for field in fields]
        day = in_tokyo(steps[0][0].at)
        found = []
        while day <= self.as_of:
            last = (
                [step.value for step in of_field if in_tokyo(step.at) <= day][-1]
                for of_field in steps
            )
            found.append((day, State(*last)))
            day += _DAY
        return found

    @cached_property
    def by_day(self) -> dict[tuple[int, dt.date], State]:
        return {
            (issue_id, day): state
            for issue_id in self.space.issues
            for day, state in self.days(issue_id)
        }

    def spans(self, issue_id: int) -> list[Step]:
        """The statuses that an issue had, by id, one after the other."""
        project = self.space.issues[issue_id]["projectId"]
        spans: list[Step] = []
        for at, name in self.steps(issue_id, "status"):
            number = self.statuses[project, name]
            if not spans or spans[-1].value != number:
                spans.append(Step(at, number))
        return spans

    def started_at(self, issue_id: int) -> dt.datetime | None:
        spans = self.spans(issue_id)
        if spans[0].value != NEW:
            return None
        return next((at for at, status in spans if status != NEW), None)

    def closed_at(self, issue_id: int) -> dt.datetime | None:
        at, status = self.spans(issue_id)[-1]
        return at if status == CLOSED else None

    def turns(self, issue_id: int) -> list[tuple[dt.date, str]]:
        """When an issue was added, closed and reopened."""
        spans = self.spans(issue_id)
        found = [(in_tokyo(spans[0].at), "added")]
        for before, after in itertools.pairwise(spans):
            if after.value == CLOSED:
                found.append((in_tokyo(after.at), "closed"))
            elif before.value == CLOSED:
                found.append((in_tokyo(after.at), "reopened"))
        return found

    def booked(self) -> list[tuple[int, Row | None, dt.date, float]]:
        """Hours that somebody wrote down: issue, person, day, hours."""
        found = []
        for issue_id, issue in self.space.issues.items():
            added = self.steps(issue_id, "actualHours")[0]
            if added.value:
                day = in_tokyo(added.at)
                found.append((issue_id, issue["createdUser"], day, added.value))
            for change, comment in self.changes(issue_id):
                if change["field"] == "actualHours":
                    before = hours_of(change["originalValue"]) or 0
                    after = hours_of(change["newValue"]) or 0
                    day = in_tokyo(moment(comment["created"]))
                    found.append((issue_id, comment["createdUser"], day, after - before))
        return [one for one in found if one[3]]
