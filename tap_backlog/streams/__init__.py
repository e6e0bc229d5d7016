"""The streams of the tap, one module a subject.

``STREAM_TYPES`` is the registry: a new report is a class and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.streams.issues import Issues
from tap_backlog.streams.people import Teams, Users
from tap_backlog.streams.projects import Categories, IssueTypes, Projects
from tap_backlog.streams.space import RateLimit, Space
from tap_backlog.streams.updates import DeletedIssues, RecentUpdates

if TYPE_CHECKING:
    from tap_backlog.streams.base import BacklogStream

STREAM_TYPES: tuple[type[BacklogStream], ...] = (
    Space,
    Projects,
    Users,
    Teams,
    IssueTypes,
    Categories,
    Issues,
    RecentUpdates,
    DeletedIssues,
    RateLimit,
)
