"""What the command line asks of a tap instead of a sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from singer_sdk.tap_base import CliTestOptionValue

from tap_backlog.cli.verdict import print_verdict

if TYPE_CHECKING:
    from tap_backlog.tap import TapBacklog


class Mode(NamedTuple):
    """The options that stand for something else than a sync.

    Args:
        discover: Whether the catalog is written.
        test: ``schema`` to write schemas, ``disabled`` for no test; otherwise it is
            told whether a sync can run.
        plan: Whether it is told what a sync would cost.
        plan_format: ``table`` or ``json``.
    """

    discover: bool = False
    test: str = CliTestOptionValue.Disabled.value
    plan: bool = False
    plan_format: str = "table"

    def run(self, tap: TapBacklog) -> bool:
        """Do what is asked for; return whether it is something else than a sync.

        Args:
            tap: The tap, with its choice of streams.
        """
        if self.discover:
            tap.run_discovery()
        elif self.test == CliTestOptionValue.Schema.value:
            for stream in tap.streams_to_test:
                stream.write_schema()
        elif self.test != CliTestOptionValue.Disabled.value:
            print_verdict(tap)
        elif self.plan:
            tap.print_plan(self.plan_format)
        else:
            return False
        return True
