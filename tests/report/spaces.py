"""Pages of sample spaces, drawn as the command draws them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import TYPE_CHECKING

from sample_space import Options, SampleServer, Space
from tap_backlog_duckdb.database import opened
from tap_backlog_report import about, models
from tap_backlog_report.data import Data
from tap_backlog_report.page import Choice, page
from tap_backlog_report.sync import STREAMS, sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

NOW = dt.datetime(2026, 10, 1, 3, tzinfo=dt.timezone.utc)
"""Up to when people have worked in the sample space: noon, where it is."""


def load(folder: Path, space: Space, streams: str = STREAMS) -> Path:
    """Load a space into a file, as the command does."""
    file = folder / "backlog.duckdb"
    space.options.limits = dict.fromkeys(space.options.limits, 10**6)
    config = folder / "config.json"
    with SampleServer(space) as server:
        key = space.options.admin_key
        config.write_text(json.dumps({"host": server.url, "api_key": key}))
        sync(file, ["--config", str(config), "--select", streams])
    return file


@contextlib.contextmanager
def built(
    file: Path, now: dt.datetime = NOW
) -> Iterator[tuple[DuckDBPyConnection, about.About]]:
    """Build the tables and views of a file; yield it, and the space."""
    with opened(file) as connection:
        space = about.about(connection, now)
        about.keep(connection, space)
        list(models.build(connection, space.today))
        models.add_views(connection)
        yield connection, space


def draw(
    file: Path,
    language: str = "en",
    now: dt.datetime = NOW,
    since: str | None = None,
) -> Path:
    """Draw the page of a file, beside it."""
    output = file.with_name(f"report-{language}{since or ''}.html")
    with built(file, now) as (connection, space):
        data = Data(connection, space.today).columns()
    output.write_text(page(space, language, data, Choice(since)), encoding="utf-8")
    return output


def small(
    projects: int, issues: int = 60, users: int = 6, activities: int = 400
) -> Options:
    """Options of a small space."""
    return Options(
        projects=projects, issues=issues, users=users, teams=2, activities=activities
    )
