"""Shared files, folder by folder."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from urllib.parse import quote

from tap_backlog.api.refusals import RefusedError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.reading.file_list import FileList
from tap_backlog.rows import read
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.shapes import SHARED_FILE_FIELDS, key, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row

_TYPICAL_BELOW = 0.4
"""Folders per folder, for a forecast without a sample."""

_TYPICAL_ONES = 4

_MOST_BELOW = 0.8

_FOLDERS = "folders"
"""What several runs have read of a project."""


class SharedFiles(ProjectStream):
    """``GET projects/:id/files/metadata/:path``, which does not go into subfolders.

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
        """Return one request per folder; the number is estimated from some folders."""
        roots = [
            self.request_of(project).path for project in self._projects_with_feature()
        ]
        waiting = deque((root, "") for root in roots)
        seen, asked_roots, below_roots, below_others, rows_seen = 0, 0, 0, 0, 0
        while waiting and seen < census.share:
            root, folder = waiting.popleft()
            rows = census.rows(self, FileList(root + quote(folder)).first) or []
            below = list(_folders_in(rows))
            waiting.extend((root, one.path) for one in below)
            seen += 1
            rows_seen += len(rows)
            asked_roots += not folder
            below_roots += 0 if folder else len(below)
            below_others += len(below) if folder else 0
        folders: float = seen
        if waiting:
            a_root = below_roots / asked_roots if asked_roots else _TYPICAL_BELOW
            others = seen - asked_roots
            # A few folders show little, so typical numbers are added to their average.
            a_folder = below_others + _TYPICAL_BELOW * _TYPICAL_ONES
            a_folder /= others + _TYPICAL_ONES
            # Each level has `a_folder` times as many folders as the level above.
            folders = len(roots) * (1 + a_root / (1 - min(a_folder, _MOST_BELOW)))
        rows_expected = rows_seen / seen * folders if seen else None
        census.is_guessing |= bool(waiting)
        cost = Cost(self.name, self.path, round(folders), census.is_guessing)
        return Forecast(rows_expected, (PROJECT_LIST, cost))

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:  # noqa: ARG002
        """Yield the rows of the root, then of each folder in it, and so on.

        A run with a budget may stop after a folder that has been read with all in it.
        """
        root = self.request_of(project).path
        portion = self.family.portion
        seen: set[int] = set()
        folders = [_Folder("", 0)]
        done = 0
        while folders:
            self.steps.part_of_item(done, done + len(folders))
            folder = folders.pop()
            if folder.is_read:
                portion.end([folder.id], _FOLDERS)
                continue
            done += 1
            try:
                found = FileList(root + quote(folder.path)).rows(self.ask)
            except RefusedError as refusal:
                if not (refusal.is_gone and folder.path):
                    raise
                self.log_gone("a folder", refusal)
                continue
            rows = [row for row in found if row["id"] not in seen]
            seen.update(row["id"] for row in rows)
            if folder.path:
                folders.append(folder._replace(is_read=True))
            earlier = portion.done_of(_FOLDERS)
            folders += [one for one in _folders_in(rows) if one.id not in earlier]
            yield [self.complete(row, project) for row in rows]

    def end_project(self, project_id: int) -> None:
        """See :meth:`ProjectStream.end_project`; single folders are forgotten."""
        self.family.portion.forget(_FOLDERS)
        super().end_project(project_id)


class _Folder(NamedTuple):
    """A folder of a project.

    Args:
        path: Its path from the root; "" for the root.
        id: Its id.
        is_read: Whether it has been read, so that all in it is read next.
    """

    path: str
    id: int
    is_read: bool = False


def _folders_in(rows: list[Row]) -> Iterator[_Folder]:
    """Yield the folders among some rows."""
    for row in rows:
        if read(row, "type") == "directory":
            above, name = read(row, "dir") or "/", read(row, "name")
            yield _Folder(f"{above}{name}".strip("/"), row["id"])
