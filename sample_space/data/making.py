"""Fills the lists of a sample space, subject by subject."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from sample_space.data.contents import Contents
from sample_space.data.documents import add_documents
from sample_space.data.files import add_files
from sample_space.data.git import add_git
from sample_space.data.issue_parts import add_to_issues
from sample_space.data.own import add_own
from sample_space.data.project_parts import add_to_project
from sample_space.data.user_parts import add_to_user
from sample_space.data.wikis import add_wikis

if TYPE_CHECKING:
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def make_contents(
    seed: int,
    projects: list[ProjectData],
    issues: list[Row],
    users: list[Row],
) -> Contents:
    """Return contents; the same seed gives the same contents."""
    rng = random.Random(seed)
    contents = Contents()
    add_to_issues(contents, rng, issues, users, projects)
    for home in projects:
        add_to_project(contents, rng, home)
        add_wikis(contents, rng, home)
        add_documents(contents, rng, home)
        add_git(contents, rng, home)
        add_files(contents, rng, home)
    for user in users:
        add_to_user(contents, rng, user, issues)
    add_own(contents, issues, projects, users)
    return contents
