"""The command ``tap-backlog-report``; also ``python -m tap_backlog_report``."""

from __future__ import annotations

import importlib.util
import signal
import sys

_NEEDED = ("duckdb", "xlsxwriter")


def main() -> None:
    """Do what the command line says."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback while modules are loaded
    if not all(map(importlib.util.find_spec, _NEEDED)):
        _fail("Install the report first: pip install 'tap-backlog[report]'")
    import duckdb  # noqa: PLC0415 - the extra

    from tap_backlog_duckdb.errors import DoorError, first_line  # noqa: PLC0415
    from tap_backlog_report.command import do  # noqa: PLC0415
    from tap_backlog_report.errors import ReportError  # noqa: PLC0415

    try:
        code = do(sys.argv[1:])
    except (ReportError, DoorError) as error:
        _fail(str(error))
    except duckdb.Error as error:
        _fail(first_line(error))
    except OSError as error:
        _fail(f"{error.filename or 'The report'}: {error.strerror or error}")
    sys.exit(code)


def _fail(line: str) -> None:
    print(f"ERROR: {line}", file=sys.stderr)  # noqa: T201
    sys.exit(1)


if __name__ == "__main__":
    main()
