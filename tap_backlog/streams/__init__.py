"""The streams of Backlog, one module per subject.

``STREAM_TYPES`` is the registry: a new stream is one class, and one line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.streams import (
    comments,
    documents,
    files,
    git,
    history,
    issue_parts,
    issues,
    own,
    people,
    projects,
    pull_request_parts,
    space,
    updates,
    wikis,
)
from tap_backlog.streams.family import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_backlog.run import Run
    from tap_backlog.streams.base import BacklogStream

STREAM_TYPES: tuple[type[BacklogStream], ...] = (
    space.Space,
    space.SpaceNotification,
    space.SpaceDiskUsage,
    space.Licence,
    space.RateLimit,
    space.Priorities,
    space.Resolutions,
    projects.Projects,
    people.ProjectUsers,
    people.ProjectAdministrators,
    people.ProjectTeams,
    projects.Statuses,
    projects.IssueTypes,
    projects.Categories,
    projects.Milestones,
    projects.CustomFields,
    projects.Webhooks,
    space.ProjectDiskUsage,
    files.SharedFiles,
    people.Users,
    people.Teams,
    people.TeamMembers,
    people.UserStars,
    people.Watchings,
    own.Notifications,
    own.RecentlyViewedIssues,
    own.RecentlyViewedProjects,
    own.RecentlyViewedWikis,
    issues.Issues,
    issue_parts.IssueAttachments,
    issue_parts.IssueCategories,
    issue_parts.IssueCustomFieldValues,
    issue_parts.IssueMilestones,
    issue_parts.IssueStars,
    issue_parts.IssueVersions,
    comments.IssueComments,
    comments.IssueChangeLog,
    comments.IssueParticipants,
    comments.RelatedIssues,
    updates.RecentUpdates,
    history.IssueHistory,
    history.Deletions,
    updates.DeletedIssues,
    wikis.Wikis,
    wikis.WikiHistory,
    wikis.WikiTags,
    documents.Documents,
    documents.DocumentComments,
    documents.DocumentTree,
    git.GitRepositories,
    git.PullRequests,
    pull_request_parts.PullRequestComments,
    pull_request_parts.PullRequestAttachments,
)

FAMILIES_OF_PROJECTS = frozenset(t.name for t in STREAM_TYPES if t.covers_projects)
"""Names of the streams whose bookmarks depend on projects."""


def streams_of(run: Run) -> dict[str, BacklogStream]:
    """Return the streams of a run by name, each in its family.

    Args:
        run: What the streams share.
    """
    streams: dict[str, BacklogStream] = {}
    for stream_type in sorted(STREAM_TYPES, key=lambda one: one.name):
        streams[stream_type.name] = stream_type(run, streams)
    for head in [one for one in streams.values() if not one.source]:
        relatives = [one for one in streams.values() if _head_of(one, streams) is head]
        family = Family(run, head, relatives)
        for one in relatives:
            one.family = family
    return streams


def _head_of(
    stream: BacklogStream, streams: Mapping[str, BacklogStream]
) -> BacklogStream:
    return _head_of(streams[stream.source], streams) if stream.source else stream
