"""The command ``tap-backlog``; also ``python -m tap_backlog``."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the tap as the command line says."""
    # The import takes half a second, in which Ctrl-C is to end it without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tap_backlog.tap import TapBacklog  # noqa: PLC0415

    TapBacklog.cli()


if __name__ == "__main__":
    main()
