"""Run a sample space: ``python -m sample_space --port 8765``."""

from __future__ import annotations

import argparse
import sys
import threading

from sample_space.options import Options
from sample_space.space import make_space
from sample_space.wire.server import SampleServer, describe


def main() -> None:
    """Serve until Ctrl-C."""
    defaults = Options()
    parser = argparse.ArgumentParser(
        prog="python -m sample_space",
        description="An offline Backlog space to try things on.",
    )
    parser.add_argument("--port", type=int, default=8765, help="default: %(default)s")
    for name in ("seed", "projects", "users", "teams", "issues", "activities"):
        default = getattr(defaults, name)
        parser.add_argument(
            f"--{name}", type=int, default=default, help=f"default: {default}"
        )
    choices = vars(parser.parse_args())
    port = choices.pop("port")
    with SampleServer(make_space(Options(**choices)), port=port) as server:
        print("A sample space is up; this is its config:", file=sys.stderr)  # noqa: T201
        print(describe(server), flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


main()
