"""Load a Backlog space into CSV files: ``make demo``.

The space is the offline sample space, the config is ``sample_config.json``, and the
loader is a real one. A second run goes on from the state of the first.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sample_space import SampleServer, make_space

if TYPE_CHECKING:
    from sample_space import Space

CONFIG = Path("sample_config.json")
LOADER = Path(".venvs/target-csv/bin/target-csv")
OUTPUT = Path("output")
STATE = OUTPUT / "state.json"


def main() -> int:
    """Run tap and loader, and show what arrived; return the exit code."""
    OUTPUT.mkdir(exist_ok=True)
    is_first = not STATE.exists()
    space = make_space()
    if not is_first:
        live_on(space)
    # The loader writes its files anew, so later runs get files of their own.
    suffix = "" if is_first else dt.datetime.now().astimezone().strftime("-%Y%m%d-%H%M%S")
    port = urlsplit(json.loads(CONFIG.read_text())["host"]).port or 0
    try:
        with SampleServer(space, port=port) as server:
            failed = load(suffix, is_first=is_first)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        say(f"Port {port} is taken; is another demo or sample space running?")
        return 1
    if not failed:
        show(suffix, server.count(), is_first=is_first)
    return failed


def live_on(space: Space) -> None:
    """Let people in the space work, so that a second run has something to find."""
    space.now = dt.datetime.now(dt.timezone.utc)
    space.add_issue()
    for issue_id in list(space.issues)[:3]:
        space.edit_issue(issue_id)


def load(suffix: str, *, is_first: bool) -> int:
    """Pipe the tap into the loader and keep the state that the loader confirms."""
    state = [] if is_first else ["--state", str(STATE)]
    tap = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tap_backlog", "--config", str(CONFIG), *state],
        env={**os.environ, "TAP_BACKLOG_LOGLEVEL": "WARNING"},
        stdout=subprocess.PIPE,
    )
    loader_settings = {
        "TARGET_CSV_OUTPUT_PATH": str(OUTPUT),
        "TARGET_CSV_FILE_NAMING_SCHEME": f"{{stream_name}}{suffix}.csv",
        "TARGET_CSV_LOGLEVEL": "WARNING",
    }
    target = subprocess.run(  # noqa: S603
        [str(LOADER), "--config", "ENV"],
        env={**os.environ, **loader_settings},
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
        say("Run it again: it goes on from there, and brings what changed since.")
    else:
        say("This run went on from the last one: issues and recent updates hold what")
        say("changed since, lists that Backlog gives whole only are there in full.")


def count_rows(file: Path) -> int:
    """Return the number of rows in a CSV file, its header left out."""
    with file.open(newline="", encoding="utf-8") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1


def say(line: str) -> None:
    """Print a line for the user."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
