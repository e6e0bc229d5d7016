"""Repositories, pull requests, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.truth import AOI, REN, Truth, table

if TYPE_CHECKING:
    from sample_space import Space

_MERGED = [{"field": "status", "newValue": "3", "originalValue": "1"}]


def put_into(space: Space) -> None:
    """Give comments and files to pull requests on both pages, and in two projects."""
    contents = space.contents
    contents.pull_requests[500][0]["updated"] = "2026-09-02T00:00:00Z"  # number 120
    contents.pull_requests[500][119]["updated"] = "2025-01-07T00:00:00Z"  # number 1
    contents.pull_requests[531][5]["updated"] = "2026-09-03T00:00:00Z"  # number 1
    comment = ("id", "content", "createdUser", "changeLog")
    contents.pull_request_comments |= {
        (500, 1): table(comment, (3001, "LGTM", AOI, []), (3002, None, None, [])),
        (500, 120): [],
        (531, 1): table(comment, (3003, "", REN, _MERGED)),
    }
    file = ("id", "name", "size")
    contents.pull_request_attachments |= {
        (500, 1): table(file, (3101, "log.txt", 12)),
        (500, 120): table(file, (3102, "a.png", 0), (3103, "b.png", 5_000_000_000)),
        (531, 1): table(file, (3104, "log.txt", 12)),
    }


_PLACE = ("repositoryId", "number")
_OF_PULL_REQUEST = ("projectId", *_PLACE)

TRUTHS = {
    "git_repositories": Truth(
        count=6,
        place=("projectId",),
        lists=lambda space: space.contents.repositories,
    ),
    "pull_requests": Truth(
        count=150,
        place=("repositoryId",),
        lists=lambda space: space.contents.pull_requests,
    ),
    "pull_request_comments": Truth(
        count=151,
        rows=table(
            (*_OF_PULL_REQUEST, "id", "content", "createdUser", "changeLog"),
            (50, 500, 1, 3001, "LGTM", AOI, []),
            (50, 500, 1, 3002, None, None, []),
            (53, 531, 1, 3003, "", REN, _MERGED),
        ),
        place=_PLACE,
        lists=lambda space: space.contents.pull_request_comments,
        added=_OF_PULL_REQUEST,
    ),
    "pull_request_attachments": Truth(
        count=77,
        rows=table(
            (*_OF_PULL_REQUEST, "pullRequestUpdated", "id", "name", "size"),
            (50, 500, 1, "2025-01-07T00:00:00Z", 3101, "log.txt", 12),
            (50, 500, 120, "2026-09-02T00:00:00Z", 3102, "a.png", 0),
            (50, 500, 120, "2026-09-02T00:00:00Z", 3103, "b.png", 5_000_000_000),
            (53, 531, 1, "2026-09-03T00:00:00Z", 3104, "log.txt", 12),
        ),
        place=_PLACE,
        lists=lambda space: space.contents.pull_request_attachments,
        added=(*_OF_PULL_REQUEST, "pullRequestUpdated"),
    ),
}
