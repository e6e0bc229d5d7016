"""What is new in Backlog comes into the file, the way of ``tap-backlog-duckdb --run``."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from tap_backlog_duckdb.command import run_tap
from tap_backlog_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STREAMS = (
    "space,projects,statuses,milestones,categories,custom_fields,users,"
    "issues,issue_categories,issue_custom_field_values,issue_milestones,issue_versions,"
    "issue_history,deletions,deleted_issues"
)
"""What the models read. Comments cost a request per issue: the user may choose them."""

_CHOICES = {"--select", "--catalog"}


def sync(file: Path, options: Sequence[str]) -> None:
    """Read what changed since the last time.

    Args:
        file: The DuckDB file.
        options: Options of the tap; a choice of streams among them counts.

    Raises:
        ReportError: The tap ended with an error, which it has shown.
        DoorError: The rows cannot be loaded.
    """
    names = {option.partition("=")[0] for option in options}
    chosen = [] if names & _CHOICES else ["--select", STREAMS]
    # The table of rows loaded is for people who want the tables.
    with contextlib.redirect_stdout(io.StringIO()):
        code = run_tap(file, [*chosen, *options])
    if code:
        message = (
            "Backlog was not read to the end, see above. Run it again, and it goes on "
            "from there; --offline draws what is in the file."
        )
        raise ReportError(message)
