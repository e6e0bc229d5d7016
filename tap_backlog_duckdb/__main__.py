"""The command ``tap-backlog-duckdb``; also ``python -m tap_backlog_duckdb``."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys

_NEEDED = ("duckdb", "xlsxwriter")


def main() -> None:
    """Do what the command line says."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback while modules are loaded
    if not all(map(importlib.util.find_spec, _NEEDED)):
        _fail("Install DuckDB first: pip install 'tap-backlog[duckdb]'")
    import duckdb  # noqa: PLC0415 - the extra

    from tap_backlog_duckdb.command import do  # noqa: PLC0415
    from tap_backlog_duckdb.errors import DoorError, first_line  # noqa: PLC0415

    try:
        code = do(sys.argv[1:])
        sys.stdout.flush()
    except DoorError as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except duckdb.Error as error:
        _fail(first_line(error))
    except OSError as error:
        _fail(f"{error.filename or 'The rows'}: {error.strerror or error}")
    sys.exit(code)


def _fail(line: str) -> None:
    print(f"ERROR: {line}", file=sys.stderr)  # noqa: T201
    sys.exit(1)


if __name__ == "__main__":
    main()
