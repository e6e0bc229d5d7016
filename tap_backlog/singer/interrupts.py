"""Ctrl-C, SIGTERM, SIGHUP: whole messages, a last STATE, the end within two seconds."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from tap_backlog.unstoppable import wait_for_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 1.5
"""Seconds after which a run is ended that does not end by itself: its loader may have
stopped reading."""

LONGEST_PATIENCE = 9.0
"""Seconds after which the run is ended even during work that must not be interrupted,
such as the renewal of a token. Containers are killed ten seconds after SIGTERM."""
_SECONDS_TO_CLEAN_UP = 0.3


class Interrupted(BaseException):
    """The run was stopped by a signal.

    Args:
        signum: Number of the signal.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum
        self.by = name_of(signum)
        self.is_told = False
        """Whether a message has already said what follows from it."""


def interruption_behind(error: BaseException | None) -> Interrupted | None:
    """Return the interruption that an error is, or during which it was raised.

    Ctrl-C ends the loader too, so writing the last STATE may fail.

    Args:
        error: What ended a run.
    """
    while error is not None and not isinstance(error, Interrupted):
        error = error.__context__
    return error


def name_of(signum: int) -> str:
    """Return the name of a signal for the user.

    Args:
        signum: Number of the signal.
    """
    return "Ctrl-C" if signum == signal.SIGINT else signal.Signals(signum).name


class Interrupts:
    """Lets a signal stop the run anywhere except in the middle of a message."""

    def __init__(self) -> None:
        self._is_stopping = False
        self._pending = 0
        self._held_off = 0
        self.last_acts: list[Callable[[], None]] = []
        """Called before a run is ended that does not end by itself."""

        self.signal_name = ""
        """The signal that came, by its name for the user; "" for none."""

    def stop(self, signum: int) -> None:
        """Stop the run: at once, or as soon as the current message is complete.

        Args:
            signum: Number of the signal that came.

        Raises:
            Interrupted: No message is being written, and the run is not over yet.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        self.signal_name = name_of(signum)
        last_resort = threading.Timer(PATIENCE, self._give_up, [128 + signum])
        last_resort.daemon = True
        last_resort.start()
        if not self._held_off and threading.main_thread().is_alive():
            raise Interrupted(signum)
        self._pending = signum

    @contextlib.contextmanager
    def held_off(self) -> Iterator[None]:
        """Finish the work inside before a signal stops the run; it may be nested."""
        self._held_off += 1
        try:
            yield
        finally:
            self._held_off -= 1
        if self._pending and not self._held_off:
            signum, self._pending = self._pending, 0
            raise Interrupted(signum)

    def _give_up(self, exit_code: int) -> None:
        wait_for_unfinished(LONGEST_PATIENCE - PATIENCE)
        # Cleaning up may be a remote operation, and may hang too.
        acts = [threading.Thread(target=act, daemon=True) for act in self.last_acts]
        for act in acts:
            act.start()
        deadline = time.monotonic() + _SECONDS_TO_CLEAN_UP
        for act in acts:
            act.join(max(0.0, deadline - time.monotonic()))
        os._exit(exit_code)
