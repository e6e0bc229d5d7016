"""Write docs/scaling.md: what 1, 50 and 1,000 spaces cost: ``make docs``.

Requests come from the formulas of docs/requests.md, the rest from the figures below.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import NamedTuple

from tap_backlog.api.rate_limit import request_class
from tap_backlog.reading.lists import IdList, OffsetList
from tap_backlog.settings.values import Settings
from tap_backlog.streams import STREAM_TYPES

TARGET = Path("docs/scaling.md")
REQUESTS = Path("docs/requests.md")

SPACES = (1, 50, 1_000)

_PAGES, _IDS = OffsetList("").requests_for, IdList("").requests_for

SPACE = {
    "P": 20,
    "F": 15,
    "I": 20_000,
    "D": 300,
    "W": 600,
    "U": 60,
    "T": 8,
    "N": 3_000,
    "L": 100,
    "A": 60_000,
    "A4": 300,
    "K": 60,
    "X": 0,
    "Q": 40,
    "R": 2_000,
    "B": 1,
}
"""A space of medium size, in the letters of docs/requests.md."""

CHANGED_ISSUES = 250
NEW_UPDATES = 900
"""What changes in a day."""

ROWS_A_PROJECT = 60
"""Per project: statuses, types, members and so on, which come again with each run."""

ROWS_BESIDE_ISSUE = 6
"""Rows that belong to one issue: its milestones, categories, attached files, ..."""

LIMITS = {"read": 600, "search": 150}
"""Requests per minute of a paid plan."""

RESERVE = Settings.of({}).rate_limit_reserve
SECONDS_A_REQUEST = 0.15
CPU_SECONDS = 0.6
"""For the start of a run, before its first row."""

CPU_SECONDS_A_ROW = 2.9 / 50_000
"""Per issue, from docs/performance.md."""

LOADER = 5
"""The CPU time of the loader, divided by that of the tap: for 63,306 rows, target-duckdb
took 7.4 s and the tap 1.5 s."""

MEMORY_MB = 350
"""For tap and loader together: they took 66 and 287 MB for the same rows."""

WINDOW_MINUTES = 60
"""All spaces should be read within this time, each night."""

DOLLARS_A_CORE_HOUR = 0.05


class Cost(NamedTuple):
    """What one space costs, for one run."""

    rows: int
    requests: int
    minutes: float
    cpu_seconds: float


def main() -> None:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page."""
    table = _formulas()
    first = _cost(table, is_first=True)
    nightly = _cost(table, is_first=False)
    heads = (
        *("Spaces", "Run", "Rows", "Requests", "Minutes, one after the other"),
        *(f"Workers for {WINDOW_MINUTES} minutes", "Core hours", "Cost, USD"),
    )
    lines = [_INTRO, f"| {' | '.join(heads)} |", "|---:|---|" + "---:|" * 6]
    for spaces in SPACES:
        for name, one in (("first", first), ("nightly", nightly)):
            minutes = spaces * one.minutes
            core_hours = spaces * one.cpu_seconds / 3600
            lines.append(
                f"| {spaces:,} | {name} | {spaces * one.rows:,} "
                f"| {spaces * one.requests:,} | {minutes:,.0f} "
                f"| {max(1, math.ceil(minutes / WINDOW_MINUTES)):,} "
                f"| {core_hours:,.2f} | {core_hours * DOLLARS_A_CORE_HOUR:,.2f} |"
            )
    month = 30 * SPACES[-1] * nightly.cpu_seconds / 3600 * DOLLARS_A_CORE_HOUR
    workers = math.ceil(SPACES[-1] * nightly.minutes / WINDOW_MINUTES)
    memory = workers * MEMORY_MB / 1000
    closing = (
        f"Nightly runs of {SPACES[-1]:,} spaces cost about {month:,.0f} USD of CPU per "
        f"month.\nTheir {workers} workers wait for the network most of the time, so "
        f"memory is more important\nthan cores: {workers} times {MEMORY_MB} MB, "
        f"{memory:,.1f} GB.\n"
    )
    lines += ["", closing, _ASSUMPTIONS]
    return "\n".join(lines)


def _formulas() -> dict[str, tuple[str, str]]:
    """Return the formulas of docs/requests.md for first and idle runs, by stream."""
    text = REQUESTS.read_text(encoding="utf-8")
    row = r"^\| `(\w+)` \| (.+?) \| (.+?) \| \d+ \| \d+ \|$"
    found = re.findall(row, text, re.MULTILINE)
    return {name: (first, idle) for name, first, idle in found}


def _cost(table: dict[str, tuple[str, str]], *, is_first: bool) -> Cost:
    """Return what a space costs with the streams that are selected by default."""
    known = {**SPACE, "pages": _PAGES, "ids": _IDS}
    requests = {"read": 0, "search": 0}
    for stream_type in STREAM_TYPES:
        name = str(vars(stream_type)["name"])
        # Streams that depend on another one, and the repositories, share its requests.
        shares = stream_type.source is not None or name == "git_repositories"
        if not stream_type.selected_by_default or shares:
            continue
        formula = table[name][0 if is_first else 1]
        kind = request_class(stream_type.path)
        requests[kind] += int(eval(formula, {"__builtins__": {}}, known))  # noqa: S307
    if not is_first:
        requests["search"] += _PAGES(CHANGED_ISSUES) - 1
        requests["read"] += _IDS(NEW_UPDATES) - 1
    issues = SPACE["I"] if is_first else CHANGED_ISSUES
    updates = SPACE["A"] if is_first else NEW_UPDATES
    others = SPACE["N"] + SPACE["R"] + SPACE["D"] if is_first else 0
    rows = issues * (1 + ROWS_BESIDE_ISSUE) + updates + others
    rows += SPACE["P"] * ROWS_A_PROJECT
    seconds = sum(
        count * max(SECONDS_A_REQUEST, 60 / (LIMITS[kind] * (1 - RESERVE)))
        for kind, count in requests.items()
    )
    cpu = CPU_SECONDS + rows * CPU_SECONDS_A_ROW
    total = sum(requests.values())
    return Cost(rows, total, seconds / 60, cpu * (1 + LOADER))


_INTRO = f"""# Many spaces

Backlog limits the requests of each user, in each space. More workers do not read one
space faster; they read more spaces side by side. This page says what that costs, for
spaces of {SPACE["I"]:,} issues in {SPACE["P"]} projects with {SPACE["A"]:,} updates. A
nightly run finds {CHANGED_ISSUES} changed issues and {NEW_UPDATES:,} new updates. The
streams are those that are selected by default. `--plan` computes the costs for your own
space; [orchestrate/](../orchestrate/README.md) runs many spaces.
"""

_ASSUMPTIONS = f"""## How this was computed

By `scripts/scaling.py`, from the formulas of [requests.md](requests.md) and these
figures:

- Limits of a paid plan, {LIMITS["read"]} reads and {LIMITS["search"]} searches per
  minute, of which {RESERVE:.0%} is left to other tools; a request takes
  {1000 * SECONDS_A_REQUEST:.0f} ms.
- {CPU_SECONDS} s of CPU for the start of a run, {CPU_SECONDS_A_ROW * 1e6:.0f} µs per row
  ([performance.md](performance.md)), and {LOADER} times as much for the loader, as
  measured with target-duckdb.
- {ROWS_BESIDE_ISSUE} rows that belong to each issue, {ROWS_A_PROJECT} rows per project
  that come with each run.
- {DOLLARS_A_CORE_HOUR} USD per core hour. This is an assumption: use your own price.

Each space needs one first run; spread 1,000 of them over several nights.
"""


if __name__ == "__main__":
    main()
