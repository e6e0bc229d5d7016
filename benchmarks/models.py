"""What building the models takes, and how it grows: ``make bench-models``.

The rows are made up in SQL: the sample space would take longer to make them than the
models to read them. Each issue has six changes and lives a year or two.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from scripts.compile_models import make_tables, source_tables

ROOT = Path(__file__).parents[1]

SIZES = (5_000, 20_000, 80_000)
"""Numbers of issues."""

MOST_SECONDS = 60
"""The goal for the size in the middle, on two cores."""

PROJECTS = 20

ROWS = """
INSERT INTO space (spaceKey, timezone) VALUES ('bench', 'Asia/Tokyo');
INSERT INTO projects (id, projectKey, name)
    SELECT n, 'P' || n, 'Project ' || n FROM range({projects}) AS r (n);
INSERT INTO statuses (projectId, id, name, displayOrder)
    SELECT n, s, 'Status ' || s, s * 1000
    FROM range({projects}) AS r (n), range(1, 5) AS t (s);
INSERT INTO milestones (id, projectId, name, startDate, releaseDueDate)
    SELECT n * 100 + m, n, 'v' || m, TIMESTAMP '2025-01-01' + m * INTERVAL 60 DAY,
        TIMESTAMP '2025-03-01' + m * INTERVAL 60 DAY
    FROM range({projects}) AS r (n), range(8) AS t (m);
INSERT INTO users (id, name) SELECT n, 'Person ' || n FROM range(200) AS r (n);
CREATE TEMP TABLE made AS
    SELECT
        n AS id, n % {projects} AS project, n % 8 AS m, n % 200 AS person,
        TIMESTAMP '2025-01-01' + (n * 7919 % 31536000) * INTERVAL 1 SECOND AS created
    FROM range({issues}) AS r (n);
INSERT INTO issues (
    id, projectId, issueKey, summary, status, assignee, createdUser, created, updated,
    estimatedHours, actualHours, issueType, priority
)
    SELECT id, project, 'P' || project || '-' || id, 'Issue ' || id,
        json_object('id', CASE WHEN id % 3 = 0 THEN 2 ELSE 4 END),
        json_object('id', person, 'name', 'Person ' || person),
        json_object('id', 1, 'name', 'Person 1'), created, created + INTERVAL 60 DAY,
        id % 40, 3, json_object('id', project, 'name', 'Task'),
        json_object('id', 3, 'name', 'Normal')
    FROM made;
INSERT INTO issue_milestones (issueId, id, projectId, name, issueUpdated)
    SELECT id, project * 100 + m, project, 'v' || m, created + INTERVAL 60 DAY FROM made;
INSERT INTO issue_history (
    activityId, position, type, issueId, projectId, field, oldValue, newValue, changed,
    changedUser
)
    SELECT id * 10 + step, 0, CASE WHEN step = 0 THEN 1 ELSE 2 END, id, project, field,
        old, new, created + days * INTERVAL 1 DAY, json_object('id', person, 'name', 'x')
    FROM made, (VALUES
        (0, NULL, NULL, NULL, 0), (1, 'assigner', NULL, 'P', 3),
        (2, 'status', '1', '2', 9), (3, 'milestone', NULL, 'M', 20),
        (4, 'actualHours', NULL, '3', 30),
        (5, 'status', '2', '4', 50), (6, 'status', '4', '2', 60)
    ) AS steps (step, field, old, new, days)
    WHERE step < 6 OR id % 3 = 0;
UPDATE issue_history SET newValue = (issueId % 200)::VARCHAR WHERE newValue = 'P';
UPDATE issue_history SET newValue = 'v' || (issueId % 8) WHERE newValue = 'M';
"""


def build(issues: int, folder: Path) -> float:
    """Return the seconds that one full build takes.

    Args:
        issues: Number of issues.
        folder: For the file.

    Raises:
        SystemExit: dbt failed.
    """
    file = folder / "backlog.duckdb"
    make_tables(file, source_tables())
    with duckdb.connect(str(file)) as connection:
        connection.execute(ROWS.format(issues=issues, projects=PROJECTS))
    begin, busy = time.perf_counter(), _cpu_seconds()
    result = subprocess.run(  # noqa: S603
        [
            *(str(ROOT / ".venvs/dbt/bin/dbt"), "--quiet", "run"),
            *("--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT / "dbt")),
            *("--target-path", str(folder), "--log-path", str(folder)),
            *("--vars", json.dumps({"as_of": "2026-06-30"})),
        ],
        env={**os.environ, "BACKLOG_DUCKDB": str(file)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    seconds, busy = time.perf_counter() - begin, _cpu_seconds() - busy
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)
    with duckdb.connect(str(file), read_only=True) as connection:
        ((history, daily),) = connection.execute(
            "SELECT (SELECT count(*) FROM marts.issue_history), "
            "(SELECT count(*) FROM marts.issue_daily)"
        ).fetchall()
    found = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))
    slowest = max(found["results"], key=lambda one: float(one["execution_time"]))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(  # noqa: T201
        f"{issues:>7,} issues {history:>9,} changes {daily:>12,} issue days "
        f"{seconds:>7.1f} s {busy:>7.1f} s of CPU {peak:>7,.0f} MB   "
        f"{slowest['unique_id'].split('.')[-1]}: {slowest['execution_time']:.1f} s",
        flush=True,
    )
    return seconds


def _cpu_seconds() -> float:
    """Return what programs that this one ran have used of all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Build each size; fail if the goal is missed."""
    wanted = [int(one) for one in sys.argv[1:]] or list(SIZES)
    found = {}
    for issues in wanted:
        with tempfile.TemporaryDirectory() as folder:
            found[issues] = build(issues, Path(folder))
    if SIZES[1] in found and found[SIZES[1]] > MOST_SECONDS:
        raise SystemExit(f"The goal is {MOST_SECONDS} seconds.")  # noqa: TRY003, EM102


if __name__ == "__main__":
    main()
