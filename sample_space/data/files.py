"""Shared files, in folders with names that must be quoted in a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.data.authorship import authorship

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

_GIB = 2**30


def add_files(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    """Add shared files if the project has any."""
    if not home.project["useFileSharing"]:
        return
    folders = [("/", "設計 & 資料"), ("/設計 & 資料/", "2026?"), ("/", "空")]
    places = [("/", 3), ("/設計 & 資料/", 4), ("/設計 & 資料/2026?/", 1100)]
    rows: list[tuple[str, str, str, int | None]] = [
        ("directory", where, name, None) for where, name in folders
    ]
    for where, count in places:
        few = count if home.id == 50 else min(count, 3)
        rows += [("file", where, f"plan {n}.xlsx", 5 * _GIB) for n in range(few)]
    contents.files[home.id] = [
        {
            "id": home.id * 10_000 + number,
            "projectId": home.id,
            "type": kind,
            "dir": where,
            "name": name,
            "size": size,
            **authorship(rng, home, number),
        }
        for number, (kind, where, name, size) in enumerate(rows)
    ]
