"""Wiki pages, their versions and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.data.authorship import authorship

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def add_wikis(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    """Add wiki pages if the project has any."""
    if not home.project["useWiki"]:
        return
    tags = [{"id": home.id * 10 + n, "name": f"タグ {n}"} for n in range(3)]
    contents.wiki_tags[home.id] = tags
    for number in range(7):
        wiki_id = home.id * 100 + number
        made = authorship(rng, home, 24 * number)
        contents.wikis[wiki_id] = {
            "id": wiki_id,
            "projectId": home.id,
            "name": f"ページ/{number}",
            "content": f"# 見出し\n本文 {number}",
            "tags": tags[: number % 3],
            "attachments": [],
            "sharedFiles": [],
            "stars": [],
            **made,
        }
        contents.wiki_history[wiki_id] = [
            {
                "pageId": wiki_id,
                "version": version,
                "name": f"ページ/{number}",
                "content": f"版 {version}",
                "createdUser": made["createdUser"],
                "created": made["created"],
            }
            for version in range(1, 120 if number == 2 else 3)
        ]
