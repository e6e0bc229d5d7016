"""A made-up space, served on this machine, for people who have no key yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sample_space import Options, SampleServer, make_space
from tap_backlog_report.sync import sync

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


def load(file: Path, folder: Path) -> dt.datetime:
    """Load the sample space; return the moment up to which people have worked in it.

    Args:
        file: The DuckDB file; what was in it goes.
        folder: For the settings.

    Raises:
        ReportError: The tap ended with an error, which it has shown.
    """
    file.unlink(missing_ok=True)
    options = Options(activities=7000)  # as far back as the first issue
    options.limits = dict.fromkeys(options.limits, 10**6)  # nobody else is waiting
    space = make_space(options)
    with SampleServer(space) as server:
        config = folder / "config.json"
        settings = {"host": server.url, "api_key": options.admin_key}
        config.write_text(json.dumps(settings), encoding="utf-8")
        sync(file, ["--config", str(config)])
    return space.now
