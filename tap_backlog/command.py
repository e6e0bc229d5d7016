"""The command line: one clear line for what went wrong, instead of a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click
from singer_sdk.exceptions import MappingError
from singer_sdk.plugin_base import SingerCommand

from tap_backlog.errors import BacklogError
from tap_backlog.interrupts import Interrupted

if TYPE_CHECKING:
    import logging


class BacklogCommand(SingerCommand):
    """The SDK's command, which ends with code 1 and one line where it cannot go on."""

    @classmethod
    def of(cls, command: click.Command, logger: logging.Logger) -> BacklogCommand:
        """Return a command like the SDK's own."""
        return cls(
            logger=logger,
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            params=command.params,
            help=command.help,
        )

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401
        """Parse the command line; ``--discover`` and ``--test`` run in here too."""
        try:
            return super().make_context(*args, **kwargs)
        except _EXPECTED as error:
            self._fail(error)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the tap."""
        try:
            return super().invoke(ctx)
        except _EXPECTED as error:
            self._fail(error)
        except Interrupted as stop:
            self.logger.warning(
                "Stopped, as told. The next run goes on from the last STATE."
            )
            raise click.exceptions.Exit(stop.exit_code) from None

    def _fail(self, error: Exception) -> NoReturn:
        if isinstance(error, BrokenPipeError):
            # The loader is gone; the last flush of stdout at exit would fail too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        elif isinstance(error, MappingError):
            self.logger.error("`stream_maps` cannot be used: %s", error)
        else:
            self.logger.error("%s", error)
        raise click.exceptions.Exit(1) from None


_EXPECTED = (BacklogError, BrokenPipeError, MappingError)
"""What is no bug of the tap, and so is told without a traceback."""


PLAN_OPTIONS: list[click.Parameter] = [
    click.Option(
        ["--plan"],
        is_flag=True,
        help="Show what a sync would cost in rows, requests and minutes; sync nothing.",
    ),
    click.Option(
        ["--plan-format"],
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="Form of the plan.",
    ),
]
"""The options of ``--plan``, which the SDK's command lacks."""
