"""The streams of the tap, one module a subject.

``STREAM_TYPES`` is the registry: a new report is a class and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.streams import (
    comments,
    documents,
    files,
    git,
    issue_parts,
    issues,
    own,
    people,
    projects,
    space,
    updates,
    wikis,
)

if TYPE_CHECKING:
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
    updates.DeletedIssues,
    wikis.Wikis,
    wikis.WikiHistory,
    wikis.WikiTags,
    documents.Documents,
    documents.DocumentComments,
    documents.DocumentTree,
    git.GitRepositories,
    git.PullRequests,
    git.PullRequestComments,
    git.PullRequestAttachments,
)
