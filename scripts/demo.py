"""Load a Backlog space into CSV files: ``make demo``.

The space is the offline sample space, on the demo's own server. The settings are those of
the sample files, and the loader is a real one. A second run continues from the state of
the first.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sample_space import SampleServer, make_space

if TYPE_CHECKING:
    from sample_space import Space

CONFIG = "sample_config.json"
LOADER = ".venvs/target-csv/bin/target-csv"
LOADER_CONFIG = "sample_target_csv.json"
OUTPUT = Path("output")
STATE = OUTPUT / "state.json"


def main() -> int:
    """Run tap and loader, and show what arrived; return the exit code."""
    OUTPUT.mkdir(exist_ok=True)
    is_first = not STATE.exists()
    space = make_space()
    if not is_first:
        live_on(space)
    # The loader replaces its files, so later runs get their own files.
    suffix = "" if is_first else dt.datetime.now().astimezone().strftime("-%Y%m%d-%H%M%S")
    with SampleServer(space) as server:
        failed = load(server, suffix, is_first=is_first)
    if not failed:
        show(suffix, server.count(), is_first=is_first)
    return failed


def live_on(space: Space) -> None:
    """Let people work in the space, so that a second run finds something new."""
    space.now = dt.datetime.now(dt.timezone.utc)
    space.add_issue()
    for issue_id in list(space.issues)[:3]:
        space.edit_issue(issue_id)


def load(server: SampleServer, suffix: str, *, is_first: bool) -> int:
    """Pipe the tap into the loader and keep the state that the loader confirms."""
    state = [] if is_first else ["--state", str(STATE)]
    tap_settings = {
        "TAP_BACKLOG_HOST": server.url,
        "TAP_BACKLOG_API_KEY": server.space.options.admin_key,
        "TAP_BACKLOG_LOGLEVEL": "WARNING",
    }
    loader_settings = {
        "TARGET_CSV_FILE_NAMING_SCHEME": f"{{stream_name}}{suffix}.csv",
        "TARGET_CSV_LOGLEVEL": "WARNING",
    }
    # What users have set for their own space is not meant for this one.
    env = {k: v for k, v in os.environ.items() if not k.startswith("TAP_BACKLOG_")}
    command = [sys.executable, "-m", "tap_backlog", "--config", CONFIG, "--config", "ENV"]
    tap = subprocess.Popen(  # noqa: S603
        [*command, *state],
        env={**env, **tap_settings},
        stdout=subprocess.PIPE,
    )
    target = subprocess.run(  # noqa: S603
        [LOADER, "--config", LOADER_CONFIG, "--config", "ENV"],
        env={**env, **loader_settings},
        stdin=tap.stdout,
        stdout=subprocess.PIPE,
        check=False,
    )
    failed = tap.wait() or target.returncode
    if not failed and target.stdout.strip():
        STATE.write_bytes(target.stdout.splitlines()[-1] + b"\n")
    return failed


def show(suffix: str, requests: int, *, is_first: bool) -> None:
    """Print a line for each file that was written."""
    say(f"{'stream':<26}{'rows':>7}  file")
    for file in sorted(OUTPUT.glob(f"*{suffix}.csv")):
        stream = file.stem.removesuffix(suffix)
        if "-" not in stream:
            say(f"{stream:<26}{count_rows(file):>7,}  {file}")
    say(f"\n{requests} requests. The state of this run is in {STATE}.")
    if is_first:
        say("Run it again: it continues from there, and brings what changed since.")
    else:
        say("This run continued from the last one: issues and recent updates contain")
        say("what changed since; lists that Backlog can only send whole are complete.")


def count_rows(file: Path) -> int:
    """Return the number of rows in a CSV file, without its header."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1


def say(line: str) -> None:
    """Print a line for the user."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
