"""The command line: one clear line for what went wrong, instead of a traceback."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click
import simplejson
from singer_sdk.exceptions import MappingError
from singer_sdk.plugin_base import SingerCommand

from tap_backlog.errors import BacklogError

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

    def _fail(self, error: Exception) -> NoReturn:
        match error:
            case BrokenPipeError():
                # The loader is gone; the last flush of stdout at exit would fail too.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            case json.JSONDecodeError() | simplejson.JSONDecodeError():
                self._tell(
                    f"A file of --config, --state or --catalog is no JSON: {error}"
                )
            case FileNotFoundError():
                self._tell(f"{error} Check the path after --config.")
            case MappingError():
                self._tell(f"`stream_maps` cannot be used: {error}")
            case _:
                self._tell(str(error))
        raise click.exceptions.Exit(1) from None

    def _tell(self, message: str) -> None:
        self.logger.error("%s", message)


_EXPECTED = (
    BacklogError,
    BrokenPipeError,
    FileNotFoundError,
    MappingError,
    json.JSONDecodeError,
    simplejson.JSONDecodeError,
)
"""What is no bug of the tap, and so is told without a traceback."""
