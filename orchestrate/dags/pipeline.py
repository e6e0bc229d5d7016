"""One sync of one space: tap, loader, and the state between two runs.

Nothing here knows Airflow.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class StateFile(Protocol):
    """Where a state is kept: a path, of this machine or of a bucket."""

    def exists(self) -> bool:
        """Whether there is a state yet."""

    def read_text(self) -> str:
        """Return it."""

    def write_text(self, text: str) -> Any:  # noqa: ANN401
        """Keep it."""


class Space(NamedTuple):
    """A space, and who reads it.

    Args:
        name: Of the space, used for files and tables.
        host: The tap's setting ``host``.
        api_key: The tap's setting ``api_key``.
        settings: The tap's other settings.
    """

    name: str
    host: str
    api_key: str
    settings: Mapping[str, Any]


class SyncError(Exception):
    """A space could not be synced to the end; the rows that came are loaded."""


def sync(
    space: Space,
    state_file: StateFile,
    loader: list[str],
    loader_settings: Mapping[str, Any],
    tap: tuple[str, ...] = ("tap-backlog",),
) -> str:
    """Read what has changed in a space, load it, and keep the loader's last state.

    The key goes to the tap in its environment, never into a file. The state is kept
    even if the tap could not continue, so that the next run continues from there.

    Args:
        space: The space.
        state_file: Holds its state: the old one, and then the new one.
        loader: Command of the loader.
        loader_settings: The loader's settings.
        tap: Command of the tap.

    Returns:
        The last line of the tap's log, which sums up the run.

    Raises:
        SyncError: Tap or loader ended with an error, which the message quotes.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "loader.json").write_text(json.dumps(loader_settings))
        options = ["--config=ENV", f"--config={folder / 'tap.json'}"]
        (folder / "tap.json").write_text(json.dumps({**space.settings}))
        if state_file.exists():
            (folder / "state.json").write_text(state_file.read_text())
            options.append(f"--state={folder / 'state.json'}")
        with (folder / "tap.log").open("wb") as log:
            reading = subprocess.Popen(  # noqa: S603
                [*tap, *options],
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    **os.environ,
                    "TAP_BACKLOG_HOST": space.host,
                    "TAP_BACKLOG_API_KEY": space.api_key,
                },
            )
            loading = subprocess.run(  # noqa: S603
                [*loader, "--config", str(folder / "loader.json")],
                stdin=reading.stdout,
                capture_output=True,
                check=False,
            )
            if reading.stdout:
                reading.stdout.close()
            reading.wait()
        words = (folder / "tap.log").read_text(encoding="utf-8", errors="replace")
    if states := loading.stdout.decode().strip().splitlines():
        state_file.write_text(json.dumps(json.loads(states[-1])))
    last = _last_line(words)
    if loading.returncode:
        error = _last_line(loading.stderr.decode(errors="replace"))
        message = f"The loader of {space.name} failed: {error}"
        raise SyncError(message)
    if reading.returncode:
        message = f"The tap of {space.name} could not continue: {last}"
        raise SyncError(message)
    return last


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
