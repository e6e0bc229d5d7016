"""What is new in Backlog comes into the file, the way of ``tap-backlog-duckdb --run``."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_duckdb import catalog
from tap_backlog_duckdb.command import run_tap, run_without_messages
from tap_backlog_duckdb.database import opened
from tap_backlog_report import models
from tap_backlog_report.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STREAMS = (
    "space,projects,statuses,milestones,categories,custom_fields,users,"
    "issues,issue_categories,issue_custom_field_values,issue_milestones,issue_versions,"
    "issue_history,deletions,deleted_issues"
)
"""What the models read. Comments cost a request per issue: the user may choose them."""

_CHOICES = {"--select", "--catalog"}
_WITHOUT_STREAMS = {"--about", "--version", "-h", "--help"}

_SHAPE = {"flattening_enabled": False, "readable_lists": False, "readable_times": False}
"""Settings for people who read tables; the models read rows as Backlog sends them."""


def sync(file: Path, options: Sequence[str]) -> None:
    """Read what changed since the last time.

    Args:
        file: The DuckDB file.
        options: Options of the tap; a choice of streams among them counts.

    Raises:
        ReportError: The tap ended with an error, which it has shown.
        DoorError: The rows cannot be loaded.
    """
    # The table of rows loaded is for people who want the tables.
    with (
        _complete(file, options) as complete,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        code = run_tap(file, complete)
    if code:
        with opened(file) as connection:
            has_issues = models.has_issues(connection)
        message = "Backlog was not read, see above."
        if has_issues:
            message = (
                "Backlog was not read to the end, see above. Run it again, and it goes "
                "on from there; --offline draws what is in the file."
            )
        raise ReportError(message)


def ask(file: Path, options: Sequence[str]) -> int:
    """Let the tap do something else, such as a plan or a test; return its exit code.

    Args:
        file: The DuckDB file, whose state it begins with.
        options: Options of the tap.

    Raises:
        DoorError: It cannot be done.
    """
    with _complete(file, options) as complete:
        return run_without_messages(file, complete)


@contextlib.contextmanager
def _complete(file: Path, options: Sequence[str]) -> Iterator[list[str]]:
    """Yield the options with the streams that are needed, and rows in their own shape."""
    names = {option.partition("=")[0] for option in options}
    is_chosen = bool(names & (_CHOICES | _WITHOUT_STREAMS))
    chosen = [] if is_chosen else ["--select", ",".join(_streams(file))]
    for name in _SHAPE:  # the environment counts more than files
        if (variable := f"TAP_BACKLOG_{name.upper()}") in os.environ:
            os.environ[variable] = "false"
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "shape.json"
        settings.write_text(json.dumps(_SHAPE))
        yield [*chosen, *options, f"--config={settings}"]


def _streams(file: Path) -> list[str]:
    """Return the streams that are needed, and those that the file reads along with them.

    They come with the same requests. Without them, they would not be up to date any more,
    and the next load of all streams would read everything again.
    """
    needed = STREAMS.split(",")
    if not file.is_file():
        return needed
    with opened(file, read_only=True) as connection:
        text = catalog.state(connection) if catalog.is_prepared(connection) else None
    bookmarks = (json.loads(text or "{}") or {}).get("bookmarks", {})
    families = [entry.get("streams", []) for entry in bookmarks.values()]
    along = {one for family in families if {*family} & {*needed} for one in family}
    return needed + sorted(along - {*needed})
