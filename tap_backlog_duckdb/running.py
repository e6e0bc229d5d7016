"""The tap as a child: it starts from the state of the file, and writes into a pipe."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TAP = "tap-backlog"

_WITHOUT_MESSAGES = (
    "--about",
    "--discover",
    "--plan",
    "--streams",
    "--test",
    "--version",
)
"""Options with which the tap writes something else."""


def writes_messages(options: Sequence[str]) -> bool:
    """Return whether the tap reads and writes messages with these options.

    Args:
        options: Options of the tap.
    """
    names = {option.partition("=")[0] for option in options}
    return names.isdisjoint({*_WITHOUT_MESSAGES, "-h", "--help"})


def command(options: Sequence[str], state: str | None, folder: Path) -> list[str]:
    """Return the command of the tap.

    It sends the versions of tables, so that rows that are gone can leave them; the user's
    own settings come later, and count.

    Args:
        options: Options of the tap, as the user gave them.
        state: The state to begin with.
        folder: For files that only the tap reads.

    Raises:
        DoorError: The user gives a state too.
    """
    if any(option.partition("=")[0] == "--state" for option in options):
        message = "Leave out --state: --run begins with the state in the file."
        raise DoorError(message)
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"emit_activate_version_messages": True}))
    program = shutil.which(TAP, path=str(Path(sys.executable).parent))
    begin = [program] if program else [sys.executable, "-m", "tap_backlog"]
    found = [*begin, f"--config={settings}", *options]
    if state not in {None, "null"}:
        file = folder / "state.json"
        file.write_text(str(state), encoding="utf-8")
        found.append(f"--state={file}")
    return found


def call(arguments: list[str]) -> int:
    """Let the tap do something else; return its exit code.

    Args:
        arguments: Its command.
    """
    return _exit_code(subprocess.call(arguments))  # noqa: S603


class Child:
    """The tap while it runs.

    Args:
        process: Its process.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout  # noqa: S101 - for the type checker
        self.messages: IO[bytes] = process.stdout
        self._process = process

    def pass_on(self, signum: int) -> None:
        """Send it a signal; it writes its last STATE, and ends.

        Args:
            signum: Number of the signal.
        """
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signum)

    def wait(self) -> int:
        """Return its exit code."""
        return _exit_code(self._process.wait())


@contextlib.contextmanager
def tap(arguments: list[str]) -> Iterator[Child]:
    """Run the tap; if it still writes at the end, it is stopped.

    Args:
        arguments: Its command.
    """
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:  # noqa: S603
        child = Child(process)
        try:
            yield child
        finally:
            child.messages.close()


def _exit_code(code: int) -> int:
    return 128 - code if code < 0 else code
