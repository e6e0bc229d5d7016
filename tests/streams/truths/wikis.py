"""Wiki pages, their versions and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.truth import Truth, table

if TYPE_CHECKING:
    from sample_space import Space


def put_into(space: Space) -> None:
    """Put in the tags of two projects."""
    space.contents.wiki_tags = {
        50: [{"id": 401, "name": "設計"}, {"id": 402, "name": "会議"}],
        53: [{"id": 403, "name": "設計"}],
    }


TRUTHS = {
    "wikis": Truth(
        count=21,
        lists=lambda space: {(): list(space.contents.wikis.values())},
    ),
    "wiki_history": Truth(
        count=393,
        place=("pageId",),
        lists=lambda space: space.contents.wiki_history,
    ),
    "wiki_tags": Truth(
        count=3,
        rows=table(
            ("projectId", "id", "name"),
            (50, 401, "設計"),
            (50, 402, "会議"),
            (53, 403, "設計"),
        ),
    ),
}
