"""What the key's owner does not see: projects, parts of projects, late rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]


@dataclass
class Closed:
    """What is refused in a project.

    Args:
        project_id: The project.
        pattern: Matches the paths below the API that are refused.
        status: HTTP status of the answer.
        code: Backlog's code in it.
    """

    project_id: int
    pattern: str
    status: int = 403
    code: int = 5


@dataclass
class Doors:
    """What is closed to the key's owner.

    Args:
        unjoined: Projects that its owner has left, or that are deleted.
        closed: What is refused in some projects.
        late: Ids of rows that lists do not show yet.
    """

    unjoined: set[int] = field(default_factory=set)
    closed: list[Closed] = field(default_factory=list)
    late: set[object] = field(default_factory=set)

    def shown(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that lists already show."""
        if not self.late:
            return list(rows)
        return [row for row in rows if row.get("id") not in self.late]
