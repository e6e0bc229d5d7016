"""Sync every space of a list, each night: one mapped task per space.

The settings are Airflow's own, so this file is the same for every executor:

* A connection for each space: ``host``, the API key as ``password``, the tap's other
  settings as JSON in ``extra``.
* The variable ``backlog_spaces``: a JSON list of these connections' ids.
* The variable ``backlog_states``: a folder for the states that all workers can reach,
  such as ``file:///var/lib/backlog`` or ``s3://bucket/backlog``.
* The variable ``backlog_loader``: JSON with ``command`` (a list) and ``settings``; in
  their texts, ``{space}`` becomes the name of the space.
* The pool ``backlog_loads``: how many spaces are loaded at a time.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shlex
from typing import Any

from airflow.sdk import (
    Connection,
    ObjectStoragePath,
    TriggerRule,
    Variable,
    dag,
    get_current_context,
    task,
)
from pipeline import Space, SyncError, sync

log = logging.getLogger(__name__)


@dag(
    schedule="0 18 * * *",  # 3 o'clock in Japan
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
    catchup=False,
    max_active_runs=1,  # two runs of one space would overwrite each other's state
    tags=["backlog"],
)
def backlog() -> None:
    """Sync all spaces, and name those that failed."""

    @task
    def spaces() -> list[str]:
        """Return the ids of the connections."""
        found: list[str] = Variable.get("backlog_spaces", deserialize_json=True)
        return found

    @task(
        pool="backlog_loads",
        retries=2,
        retry_delay=dt.timedelta(
            seconds=float(os.environ.get("BACKLOG_RETRY_SECONDS", "300"))
        ),
        map_index_template="{{ space }}",
    )
    def sync_space(connection_id: str) -> dict[str, str]:
        """Sync one space; return the last line of its run."""
        get_current_context()["space"] = connection_id
        connection = Connection.get(connection_id)
        loader = Variable.get("backlog_loader", deserialize_json=True)
        states = ObjectStoragePath(Variable.get("backlog_states"))
        states.mkdir(parents=True, exist_ok=True)
        came_to = sync(
            Space(
                connection_id,
                connection.host or "",
                connection.password or "",
                connection.extra_dejson,
            ),
            states / f"{connection_id}.json",
            _for_space(loader["command"], connection_id),
            _for_space(loader["settings"], connection_id),
            tuple(shlex.split(os.environ.get("BACKLOG_TAP", "tap-backlog"))),
        )
        log.info("%s: %s", connection_id, came_to)
        return {"space": connection_id, "came_to": came_to}

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def tell(expected: list[str], done: list[dict[str, str]]) -> None:
        """Fail if a space failed, and name it; add a notifier of your own here."""
        through = {one["space"] for one in done if one}
        failed = [space for space in expected if space not in through]
        log.info("Synced %d of %d spaces.", len(through), len(expected))
        if failed:
            message = f"Not synced: {', '.join(failed)}. See the logs of their tasks."
            raise SyncError(message)

    every_space = spaces()
    tell(every_space, sync_space.expand(connection_id=every_space))


def _for_space(value: Any, space: str) -> Any:  # noqa: ANN401
    """Return a JSON value with ``{space}`` filled in."""
    return json.loads(json.dumps(value).replace("{space}", space))


backlog()
