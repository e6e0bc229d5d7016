"""Shared files, folder by folder."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.forecast.costs import PROJECT_LIST, Forecast, Reading
from tap_backlog.rows import read
from tap_backlog.streams.per_project import ProjectStream
from tap_backlog.streams.shapes import SHARED_FILE_FIELDS, key, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.api.client import Params
    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row

_PAGE_SIZE = 1000
_STEP = _PAGE_SIZE - 1
_MOST_TURNS = 20
_TYPICAL_BELOW = 0.4
"""Folders in a folder, for a forecast that cannot ask."""

_TYPICAL_ONES = 4

_MOST_BELOW = 0.8


class SharedFiles(ProjectStream):
    """``GET projects/:id/files/metadata/:path``, which does not look into folders.

    See docs/api-facts.md, "Shared files".
    """

    name = "shared_files"
    path = "projects/{project_id}/files/metadata/"
    requests_in_words = "1 per folder"
    flag = "useFileSharing"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Shared files and folders (共有ファイル一覧の取得).",
        key("id", "Id of the file or folder."),
        *SHARED_FILE_FIELDS,
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 2

    def forecast(self, census: Census) -> Forecast:
        """Return one request a folder, as far as some folders tell how many there are."""
        roots = [self.target(project)[0] for project in self._projects_with_it()]
        waiting = deque((root, "") for root in roots)
        seen, asked_roots, below_roots, below_others, rows_seen = 0, 0, 0, 0, 0
        while waiting and seen < census.share:
            root, folder = waiting.popleft()
            params: Params = {"order": "asc", "count": _PAGE_SIZE}
            rows = census.rows(self, root + quote(folder), params) or []
            below = list(_folders_in(rows))
            waiting.extend((root, name) for name in below)
            seen += 1
            rows_seen += len(rows)
            asked_roots += not folder
            below_roots += 0 if folder else len(below)
            below_others += len(below) if folder else 0
        folders: float = seen
        if waiting:
            a_root = below_roots / asked_roots if asked_roots else _TYPICAL_BELOW
            others = seen - asked_roots
            # Few folders tell little, so the typical ones weigh in with them.
            a_folder = below_others + _TYPICAL_BELOW * _TYPICAL_ONES
            a_folder /= others + _TYPICAL_ONES
            # Each level has so many times the folders of the one above.
            folders = len(roots) * (1 + a_root / (1 - min(a_folder, _MOST_BELOW)))
        rows_expected = rows_seen / seen * folders if seen else None
        census.is_guessing |= bool(waiting)
        reading = Reading(self.name, self.path, round(folders), census.is_guessing)
        return Forecast(rows_expected, (PROJECT_LIST, reading))

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:  # noqa: ARG002
        """Yield the rows of the root, then of each folder in it, and so on."""
        root, _ = self.target(project)
        seen: set[int] = set()
        folders = [""]
        done = 0
        while folders:
            self.steps.part_of_item(done, done + len(folders))
            folder = folders.pop()
            done += 1
            try:
                rows = self._folder(root + quote(folder), seen)
            except RefusedError as refusal:
                if not (refusal.is_gone and folder):
                    raise
                self.tell_gone("a folder", refusal)
                continue
            folders.extend(_folders_in(rows))
            yield [self.complete(row, project) for row in rows]

    def _folder(self, path: str, seen: set[int]) -> list[Row]:
        """Return the new rows of a folder.

        Its pages overlap by one row; where that is another, files before it have gone
        or come, and the folder is read anew.
        """
        for _ in range(_MOST_TURNS):
            found: dict[int, Row] = {}
            last_id = None
            for offset in itertools.count(0, _STEP):
                params: Params = {"order": "asc", "offset": offset, "count": _PAGE_SIZE}
                rows = self.ask(path, params)
                if offset and not (rows and rows[0]["id"] == last_id):
                    break
                found |= {row["id"]: row for row in rows if row["id"] not in seen}
                if len(rows) < _PAGE_SIZE:
                    seen.update(found)
                    return list(found.values())
                last_id = rows[-1]["id"]
        message = f"The folder {path} moves faster than it can be read. Try again later."
        raise BacklogError(message)


def _folders_in(rows: list[Row]) -> Iterator[str]:
    """Yield the paths of the folders among some rows, as from the root."""
    for row in rows:
        if read(row, "type") == "directory":
            above, name = read(row, "dir") or "/", read(row, "name")
            yield f"{above}{name}".strip("/")
