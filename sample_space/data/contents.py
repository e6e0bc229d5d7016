"""Keeps everything that belongs to projects, issues and people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sample_space.data.bulk import Bulk
    from sample_space.data.history import Change

Row = dict[str, Any]


@dataclass
class Contents:
    """Lists by the id of what they belong to, and lists of the whole space."""

    comments: dict[int, list[Row]] = field(default_factory=dict)
    changes: dict[int, list[Change]] = field(default_factory=dict)
    bulks: list[Bulk] = field(default_factory=list)
    participants: dict[int, list[Row]] = field(default_factory=dict)
    related: dict[int, list[Row]] = field(default_factory=dict)
    wikis: dict[int, Row] = field(default_factory=dict)
    wiki_history: dict[int, list[Row]] = field(default_factory=dict)
    wiki_tags: dict[int, list[Row]] = field(default_factory=dict)
    documents: dict[str, Row] = field(default_factory=dict)
    document_comments: dict[str, list[Row]] = field(default_factory=dict)
    trees: dict[int, Row] = field(default_factory=dict)
    repositories: dict[int, list[Row]] = field(default_factory=dict)
    pull_requests: dict[int, list[Row]] = field(default_factory=dict)
    pull_request_comments: dict[tuple[int, int], list[Row]] = field(default_factory=dict)
    pull_request_attachments: dict[tuple[int, int], list[Row]] = field(
        default_factory=dict
    )
    files: dict[int, list[Row]] = field(default_factory=dict)
    webhooks: dict[int, list[Row]] = field(default_factory=dict)
    custom_fields: dict[int, list[Row]] = field(default_factory=dict)
    usage: dict[int, Row] = field(default_factory=dict)
    stars: dict[int, list[Row]] = field(default_factory=dict)
    watchings: dict[int, list[Row]] = field(default_factory=dict)
    notifications: list[Row] = field(default_factory=list)
    viewed_issues: list[Row] = field(default_factory=list)
    viewed_projects: list[Row] = field(default_factory=list)
    viewed_wikis: list[Row] = field(default_factory=list)
