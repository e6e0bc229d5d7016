"""The command ``tap-backlog``; also ``python -m tap_backlog``."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of ``mallopt``, see its manual page."""

_KEPT_BYTES = 64 * 1024 * 1024


def main() -> None:
    """Run the tap as the command line says."""
    # The import takes half a second. Ctrl-C must end it without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.setswitchinterval(0.0005)
    if sys.stderr is None:  # closed; the log has no other output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    _keep_freed_memory()
    gc.disable()  # imported modules are never garbage
    from tap_backlog.cli.run_log import drop_unknown_level  # noqa: PLC0415
    from tap_backlog.tap import TapBacklog  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    if complaint := drop_unknown_level():
        print(f"WARNING: {complaint}", file=sys.stderr)  # noqa: T201 - before the log
    TapBacklog.cli()


def _keep_freed_memory() -> None:
    """Keep the memory of a page for the next page, if the C library is glibc.

    Otherwise glibc would return it to the system after each page and get it again, which
    takes a tenth of all CPU time.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)


if __name__ == "__main__":
    main()
