"""The command ``tap-backlog``; also ``python -m tap_backlog``."""

from __future__ import annotations

import gc
import signal
import sys


def main() -> None:
    """Run the tap as the command line says."""
    # The import takes half a second, in which Ctrl-C is to end it without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.setswitchinterval(0.0005)
    gc.disable()  # modules are no garbage, now or later
    from tap_backlog.tap import TapBacklog  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    TapBacklog.cli()


if __name__ == "__main__":
    main()
