"""The sample space itself: its data, and what people do in it."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space import activities as feed
from sample_space import issue_list
from sample_space.clock import FIRST_DAY, TODAY, stamp
from sample_space.contents import Contents, make_contents
from sample_space.issues import make_issue, make_issues
from sample_space.options import Options
from sample_space.people import make_teams, make_users
from sample_space.projects import ProjectData, make_projects

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]


@dataclass
class Space:
    """Everything that is in the space, and a clock that only its people move."""

    options: Options
    info: Row
    users: list[Row]
    teams: list[Row]
    projects: list[ProjectData]
    issues: dict[int, Row]
    activities: list[Row]
    contents: Contents
    now: dt.datetime = TODAY
    version: int = 0
    _rng: random.Random = field(default_factory=random.Random, repr=False)
    _arranged: tuple[str, int, list[Row]] = ("", -1, [])

    def project_of(self, issue: Row) -> ProjectData:
        """Return the project of an issue."""
        return next(data for data in self.projects if data.id == issue["projectId"])

    def arranged_issues(self, parameters: dict[str, Any]) -> list[Row]:
        """Return a filtered and sorted list of issues, kept until something moves."""
        paging = {"offset", "count"}
        wish = repr([(k, v) for k, v in sorted(parameters.items()) if k not in paging])
        if self._arranged[:2] != (wish, self.version) or self.options.shuffles_ties:
            rows = issue_list.select(self, parameters)
            rows = issue_list.arrange(self, rows, parameters)
            self._arranged = (wish, self.version, rows)
        return self._arranged[2]

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)

    def add_issue(self) -> Row:
        """Add an issue somewhere, now."""
        issue_id = max(self.issues, default=100_000) + 3
        home = self._rng.choice([d for d in self.projects if not d.project["archived"]])
        issue = make_issue(self._rng, issue_id, home, self.now)
        self.issues[issue_id] = issue
        self._tell(feed.ISSUE_ADDED, feed.issue_content(issue), home)
        return issue

    def edit_issue(self, issue_id: int) -> Row:
        """Change the summary of an issue, now."""
        issue = self._touch(issue_id)
        self._tell(feed.ISSUE_CHANGED, feed.issue_content(issue), self.project_of(issue))
        return issue

    def edit_issues(self, issue_ids: Iterable[int]) -> None:
        """Change many issues at once: all bear the same stamp."""
        touched = [self._touch(issue_id) for issue_id in issue_ids]
        if touched:
            link = [{"id": i["id"], "key_id": i["keyId"]} for i in touched]
            home = self.project_of(touched[0])
            self._tell(feed.ISSUES_CHANGED, {"link": link}, home)

    def delete_issue(self, issue_id: int) -> None:
        """Delete an issue: it vanishes, and the feed says so."""
        issue = self.issues.pop(issue_id)
        content = {"id": issue_id, "key_id": issue["keyId"]}
        self._tell(feed.ISSUE_DELETED, content, self.project_of(issue))

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

    def _touch(self, issue_id: int) -> Row:
        issue = {
            **self.issues[issue_id],
            "summary": f"編集 {self.version}",
            "updated": stamp(self.now),
        }
        self.issues[issue_id] = issue
        self.version += 1
        return issue

    def _tell(self, kind: int, content: Row, home: ProjectData) -> None:
        last = self.activities[-1]["id"] if self.activities else 5_000_000
        self.activities.append(
            feed.make_activity(last + 1, kind, content, home, self.users[0], self.now),
        )
        self.version += 1


def make_space(options: Options | None = None) -> Space:
    """Return a space; the same options give the same one."""
    options = options or Options()
    rng = random.Random(options.seed)
    users = make_users(rng, options.users)
    projects = make_projects(rng, options.projects, users)
    issues = make_issues(rng, options.issues, projects)
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
        activities=feed.make_activities(rng, options.activities, issues, projects),
        contents=make_contents(options.seed, projects, issues, users),
        _rng=rng,
    )
    while stamp(space.now) <= latest:
        space.wait(86_400)
    return space
