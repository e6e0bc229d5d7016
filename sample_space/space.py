"""The sample space itself: its data, and what people do in it."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, TODAY, stamp
from sample_space.data import issue_feed as feed
from sample_space.data.activities import make_activities, make_activity
from sample_space.data.history import Change, value_of
from sample_space.data.issues import CHILDREN, CLOSED, make_issue, make_issues
from sample_space.data.making import make_contents
from sample_space.data.people import make_teams, make_users
from sample_space.data.projects import ProjectData, make_projects
from sample_space.doors import Closed, Doors
from sample_space.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sample_space.data.contents import Contents

Row = dict[str, Any]

NOT_FOUND = 404


@dataclass
class Space:
    """Everything that is in the space, and a clock that moves only if it is told to."""

    options: Options
    info: Row
    users: list[Row]
    teams: list[Row]
    projects: list[ProjectData]
    issues: dict[int, Row]
    activities: list[Row]
    contents: Contents
    doors: Doors = field(default_factory=Doors)
    now: dt.datetime = TODAY
    version: int = 0
    _rng: random.Random = field(default_factory=random.Random, repr=False)
    _kept: tuple[str, int, list[Row]] = ("", -1, [])

    def project_of(self, issue: Row) -> ProjectData:
        """Return the project of an issue."""
        return next(data for data in self.projects if data.id == issue["projectId"])

    def kept(self, wish: str, make: Callable[[], list[Row]]) -> list[Row]:
        """Return a list that was made for these parameters, until something changes."""
        if self._kept[:2] != (wish, self.version):
            self._kept = (wish, self.version, make())
        return self._kept[2]

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)

    def add_issue(self, home: ProjectData | None = None) -> Row:
        """Add an issue now, in any project if none is given."""
        issue_id = max(self.issues, default=100_000) + 3
        in_use = [d for d in self.projects if not d.project["archived"]]
        home = home or self._rng.choice(in_use)
        issue = make_issue(self._rng, issue_id, home, self.now)
        self.issues[issue_id] = issue
        user = issue["createdUser"]
        self._tell(feed.ISSUE_ADDED, feed.issue_content(issue), home, user)
        return issue

    def edit_issue(self, issue_id: int) -> Row:
        """Change the summary of an issue, now; nothing says what was changed."""
        issue = self._touch(issue_id)
        self._tell(
            feed.ISSUE_CHANGED,
            feed.issue_content(issue),
            self.project_of(issue),
            self.users[0],
        )
        return issue

    def comment(self, issue_id: int) -> Row:
        """Comment on an issue, which changes its ``updated``."""
        issue = self._touch(issue_id)
        return self._comment(issue, f"{self.version - 1}", [])

    def change_status(self, issue_id: int, status_id: int) -> Row:
        """Give an issue another status of its project; return the comment on it."""
        issue = self.issues[issue_id]
        statuses = self.project_of(issue).statuses
        status = next(one for one in statuses if one["id"] == status_id)
        if parent := self.issues.get(issue["parentIssueId"]):
            moved = (status_id == CLOSED) - (issue["status"]["id"] == CLOSED)
            parent[CHILDREN]["closed"] += moved
        return self._change(issue, "status", {"status": status})

    def assign(self, issue_id: int, user: Row | None) -> Row:
        """Give an issue to somebody, or to nobody; return the comment on it."""
        return self._change(self.issues[issue_id], "assigner", {"assignee": user})

    def move_due_date(self, issue_id: int, date: str | None) -> Row:
        """Give an issue another due date (2026-10-01) or none; return the comment."""
        due = date and f"{date}T00:00:00Z"
        return self._change(self.issues[issue_id], "limitDate", {"dueDate": due})

    def rename_status(self, project_id: int, status_id: int, name: str) -> None:
        """Give a status another name, which no issue and no history tells."""
        home = next(data for data in self.projects if data.id == project_id)
        status = next(one for one in home.statuses if one["id"] == status_id)
        status["name"] = name
        self.version += 1

    def touch(self, row: Row) -> Row:
        """Change a document, a wiki page or a pull request, now."""
        row |= {"updated": stamp(self.now), "description": f"{self.version}"}
        self.version += 1
        return row

    def edit_issues(self, issue_ids: Iterable[int]) -> None:
        """Change many issues at once: all get the same timestamp."""
        touched = [self._touch(issue_id) for issue_id in issue_ids]
        if touched:
            link = [{"id": i["id"], "key_id": i["keyId"]} for i in touched]
            home = self.project_of(touched[0])
            self._tell(feed.ISSUES_CHANGED, {"link": link}, home, self.users[0])

    def delete_issue(self, issue_id: int) -> None:
        """Delete an issue: it disappears, and the feed says so."""
        issue = self.issues.pop(issue_id)
        content = {"id": issue_id, "key_id": issue["keyId"]}
        self._tell(feed.ISSUE_DELETED, content, self.project_of(issue), self.users[0])

    def add_team(self) -> Row:
        """Add a team."""
        team_id = max((team["id"] for team in self.teams), default=300) + 1
        team = {**make_teams(self._rng, 1, self.users)[0], "id": team_id}
        self.teams.append(team)
        self.version += 1
        return team

    def delete_team(self, team_id: int) -> None:
        """Delete a team."""
        self.teams = [team for team in self.teams if team["id"] != team_id]
        self.version += 1

    def hide(self, row: Row) -> None:
        """Let lists not show a row yet, as if it showed up late."""
        self.doors.late.add(row["id"])
        self.version += 1

    def show(self, row: Row) -> None:
        """Let lists show a row that was hidden."""
        self.doors.late.discard(row["id"])
        self.version += 1

    def leave(self, project_id: int) -> None:
        """Let the key's owner leave a project, with all that is in it."""
        self.doors.unjoined.add(project_id)
        self.version += 1

    def join(self, project_id: int) -> None:
        """Let the key's owner join a project."""
        self.doors.unjoined.discard(project_id)
        self.version += 1

    def close(self, project_id: int, pattern: str, status: int = 403) -> Closed:
        """Refuse paths that match a pattern if they concern a project."""
        closed = Closed(project_id, pattern, status, 6 if status == NOT_FOUND else 5)
        self.doors.closed.append(closed)
        return closed

    def reopen(self) -> None:
        """Refuse nothing any longer."""
        self.doors.closed.clear()

    def stamp_ahead(self, row: Row, days: int = 300) -> None:
        """Give a row a timestamp in the future, as if by a clock that was ahead."""
        row["updated"] = stamp(self.now + dt.timedelta(days=days))
        self.version += 1

    def _change(self, issue: Row, field_name: str, fields: Row) -> Row:
        """Change a field; issue, comment and feed say the same."""
        changed = {
            **issue,
            **fields,
            "updated": stamp(self.now),
            "updatedUser": self.users[0],
        }
        self.issues[issue["id"]] = changed
        values = value_of(issue, field_name), value_of(changed, field_name)
        return self._comment(changed, "", [Change(field_name, *values)])

    def _comment(self, issue: Row, text: str, changes: list[Change]) -> Row:
        comments = self.contents.comments.setdefault(issue["id"], [])
        last = comments[-1]["id"] if comments else 1000 * issue["id"]
        comment = {
            "id": last + 1,
            "projectId": issue["projectId"],
            "issueId": issue["id"],
            "content": text,
            "changeLog": [change.in_comment() for change in changes],
            "createdUser": self.users[0],
            "created": stamp(self.now),
            "updated": stamp(self.now),
        }
        comments.append(comment)
        kind = feed.ISSUE_COMMENTED if text else feed.ISSUE_CHANGED
        content = feed.comment_content(issue, comment, changes)
        self._tell(kind, content, self.project_of(issue), self.users[0])
        return comment

    def _touch(self, issue_id: int) -> Row:
        issue = {
            **self.issues[issue_id],
            "summary": f"編集 {self.version}",
            "updated": stamp(self.now),
            "updatedUser": self.users[0],
        }
        self.issues[issue_id] = issue
        self.version += 1
        return issue

    def _tell(self, kind: int, content: Row, home: ProjectData, user: Row | None) -> None:
        last = self.activities[-1]["id"] if self.activities else 5_000_000
        event = feed.Event(stamp(self.now), kind, content, home, user)
        self.activities.append(make_activity(last + 1, event))
        self.version += 1


def make_space(options: Options | None = None) -> Space:
    """Return a space; the same options give the same space."""
    options = options or Options()
    rng = random.Random(options.seed)
    users = make_users(rng, options.users)
    ids = range(50, 50 + options.projects)
    far_apart = random.Random(options.seed).sample(range(50, 700_000), options.projects)
    spread = sorted(far_apart) if options.scatters_ids else ids
    projects = make_projects(rng, options.projects, users, spread)
    issues = make_issues(rng, options.issues, projects)
    contents = make_contents(options.seed, projects, issues, users)
    latest = max((issue["updated"] for issue in issues), default="")
    space = Space(
        options=options,
        info={
            "spaceKey": "sample",
            "name": "サンプル株式会社",
            "ownerId": users[0]["id"],
            "lang": "ja",
            "timezone": "Asia/Tokyo",
            "reportSendTime": "08:00:00",
            "textFormattingRule": "markdown",
            "created": stamp(FIRST_DAY),
            "updated": stamp(FIRST_DAY),
        },
        users=users,
        teams=make_teams(rng, options.teams, users),
        projects=projects,
        issues={issue["id"]: issue for issue in issues},
        activities=make_activities(rng, options.activities, issues, contents, projects),
        contents=contents,
        _rng=rng,
    )
    while stamp(space.now) <= latest:
        space.wait(86_400)
    return space
