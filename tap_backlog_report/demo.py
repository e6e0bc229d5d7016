"""A made-up space, served on this machine, for people who have no key yet.

The sample space has a past of its own; fourteen weeks of work are added to it here, so
that there is something to see: people add issues, move them on, close them, and open some
again.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import TYPE_CHECKING, Any

from sample_space import Options, SampleServer, make_space
from tap_backlog_duckdb.database import opened
from tap_backlog_report import about
from tap_backlog_report.errors import ReportError
from tap_backlog_report.sync import sync

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]

_KEY = "sample"
_WEEKS = 14
_ADDED, _MOVED = 9, 27
_OPEN, _WORKED_ON, _CLOSED = 1, 2, 4
_MILESTONES = ((-60, -20), (-35, 12), (5, 60))
"""First and last day of each milestone of a project, seen from the end of the work."""


def load(file: Path, folder: Path) -> dt.datetime:
    """Load the sample space; return the moment up to which people have worked in it.

    Args:
        file: The DuckDB file; the made-up space that was in it goes.
        folder: For the settings.

    Raises:
        ReportError: The file has something else, or the tap ended with an error.
    """
    if file.exists():
        _check_that_it_is_made_up(file)
    for old in (file, file.with_name(f"{file.name}.wal")):
        old.unlink(missing_ok=True)
    space = make_living_space()
    with SampleServer(space) as server:
        config = folder / "config.json"
        settings = {"host": server.url, "api_key": space.options.admin_key}
        config.write_text(json.dumps(settings), encoding="utf-8")
        sync(file, ["--config", str(config)])
    return space.now


def _check_that_it_is_made_up(file: Path) -> None:
    query = "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()"
    with opened(file) as connection:
        is_empty = connection.execute(query).fetchone() is None
        is_ours = about.in_state(connection).get("spaceKey") == _KEY
    if not (is_empty or is_ours):
        message = (
            f"{file} is not a file of the made-up space, and --demo would replace it. "
            "Name another --file, or remove this one."
        )
        raise ReportError(message)


def make_living_space(options: Options | None = None) -> Space:
    """Return a sample space in which people have worked up to now.

    Args:
        options: Of the space that they find; the usual ones for None.
    """
    options = options or Options(projects=5, users=12, issues=150, activities=900)
    options.limits = dict.fromkeys(options.limits, 10**6)  # nobody else is waiting
    space = make_space(options)
    rng = random.Random(options.seed)  # noqa: S311 - made-up data
    end = space.now
    space.now = end - dt.timedelta(weeks=_WEEKS)
    _plan(space, end)
    for issue in list(space.issues.values()):
        if issue["status"]["id"] != _CLOSED and rng.random() < 0.9:  # noqa: PLR2004
            space.change_status(issue["id"], _CLOSED)
    while space.now < end:
        if space.now.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            _work_for_a_day(space, rng)
        space.now = space.now.replace(hour=0) + dt.timedelta(days=1)
    space.now = end
    return space


def _plan(space: Space, end: dt.datetime) -> None:
    for project in space.projects:
        for version, days in zip(project.versions, _MILESTONES, strict=False):
            first, last = (end + dt.timedelta(days=day) for day in days)
            version["startDate"] = f"{first:%Y-%m-%d}T00:00:00Z"
            version["releaseDueDate"] = f"{last:%Y-%m-%d}T00:00:00Z"


def _work_for_a_day(space: Space, rng: random.Random) -> None:
    for _ in range(rng.randrange(1, _ADDED)):
        space.wait(rng.randrange(1, 1800))
        _add_issue(space, rng)
    unfinished = [i for i in space.issues.values() if i["status"]["id"] != _CLOSED]
    for issue in rng.sample(unfinished, min(len(unfinished), rng.randrange(_MOVED))):
        space.wait(rng.randrange(1, 1200))
        _move(space, rng, issue)
    if rng.random() < 0.3:  # noqa: PLR2004
        closed = [i for i in space.issues.values() if i["status"]["id"] == _CLOSED]
        space.change_status(rng.choice(closed[-40:])["id"], _WORKED_ON)


def _add_issue(space: Space, rng: random.Random) -> None:
    issue = space.add_issue()
    home = space.project_of(issue)
    issue["status"], issue["resolution"] = home.statuses[0], None
    today = f"{space.now:%Y-%m-%d}"
    current = [
        version
        for version in home.versions
        if (version["startDate"] or "")[:10] <= f"{space.now.date() + _AHEAD}"
        and (version["releaseDueDate"] or "9")[:10] >= today
    ]
    issue["estimatedHours"] = rng.choice([None, 2, 4, 8, 16])
    issue["actualHours"] = rng.choice([None, None, 1, 3, 6.5])
    issue["milestone"] = current[-1:] if rng.random() < 0.9 else []  # noqa: PLR2004


_AHEAD = dt.timedelta(days=14)
"""Issues are planned two weeks before their milestone begins."""


def _move(space: Space, rng: random.Random, issue: Row) -> None:
    home = space.project_of(issue)
    if rng.random() < 0.15:  # noqa: PLR2004
        space.assign(issue["id"], rng.choice(home.members))
        return
    ids = [status["id"] for status in home.statuses]
    following = ids[ids.index(issue["status"]["id"]) + 1]
    space.change_status(issue["id"], following)
