"""Reports that are asked for project by project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.errors import FATAL_CODES, RefusedError
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.client import Following

_GONE = 404
_FORBIDDEN = 403


class ProjectStream(BacklogStream):
    """A report that is asked for project by project.

    Its path holds ``{project_id}``.
    """

    needs_projects = True

    def pages(self) -> Iterator[Page]:
        """Yield the rows of all projects; a project that refuses is passed over.

        Raises:
            RefusedError: Every project refuses, or the key does not hold any more.
        """
        refusals: dict[str, RefusedError] = {}
        paths = [self.path.format(project_id=i["id"]) for i in self.tap.scope.projects]
        for place, project in enumerate(self.tap.scope.projects):
            following = paths[place + 1] if place + 1 < len(paths) else None
            try:
                rows = self.ask(paths[place], following=_always(following))
            except RefusedError as refusal:
                if not _concerns_one_project(refusal):
                    raise
                refusals[str(read(project, "projectKey"))] = refusal
            else:
                yield Page(rows)
        if refusals:
            self._tell(refusals)

    def _tell(self, refusals: dict[str, RefusedError]) -> None:
        last = next(reversed(refusals.values()))
        if not self._has_been_answered:
            raise last
        self.is_complete = False
        self.logger.warning(
            "`%s` was left out for %d of %d projects (%s): %s",
            self.name,
            len(refusals),
            len(self.tap.scope.projects),
            ", ".join(refusals),
            last.reason,
        )


def _concerns_one_project(refusal: RefusedError) -> bool:
    return refusal.status in {_FORBIDDEN, _GONE} and refusal.code not in FATAL_CODES


def _always(path: str | None) -> Following:
    return lambda _: (path, None) if path else None
