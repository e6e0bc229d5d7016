"""The command line: one clear line for what went wrong, instead of a traceback."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NoReturn

import click
from singer_sdk.exceptions import MappingError
from singer_sdk.plugin_base import SingerCommand

from tap_backlog.cli import run_log
from tap_backlog.cli.beginning import how_to_begin
from tap_backlog.cli.options import hint_for
from tap_backlog.errors import BacklogError, OutputError
from tap_backlog.singer.interrupts import Interrupted, interruption_behind
from tap_backlog.singer.stdout import drop_stdout, whole_stdout

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator


class BacklogCommand(SingerCommand):
    """The SDK's command; if it cannot go on, it ends with code 1 and one line."""

    @classmethod
    def of(cls, command: click.Command, logger: logging.Logger) -> BacklogCommand:
        """Return a command like the SDK's own."""
        return cls(
            logger=logger,
            name=command.name,
            callback=command.callback,
            context_settings={
                **command.context_settings,
                "help_option_names": ["-h", "--help"],
            },
            params=command.params,
            help=command.help,
        )

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401
        """Parse the command line; ``--discover`` and ``--test`` run in here too."""
        run_log.set_up()
        with self._in_one_line():
            return super().make_context(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; if there are none, say how to begin."""
        if not args and not ctx.resilient_parsing:
            click.echo(how_to_begin(os.environ), err=True)
            ctx.exit(1)
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if hint := hint_for(given, error.message):
                message = f"{error.message}.{hint}"
                raise click.UsageError(message, ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the tap."""
        with self._in_one_line():
            return super().invoke(ctx)

    @contextlib.contextmanager
    def _in_one_line(self) -> Iterator[None]:
        """Report errors in one line, except bugs in the tap; print all output."""
        try:
            with whole_stdout():
                yield
        except _EXPECTED as error:
            self._fail(error)
        except Interrupted as stop:
            if not stop.is_told:
                self.logger.warning("Stopped by %s.", stop.by)
            raise click.exceptions.Exit(stop.exit_code) from None

    def _fail(self, error: Exception) -> NoReturn:
        if isinstance(error, (BrokenPipeError, OutputError)):
            drop_stdout()  # Python's last flush of it, at exit, would fail too
        if stop := interruption_behind(error):
            raise click.exceptions.Exit(stop.exit_code) from None
        if isinstance(error, BrokenPipeError):
            self.logger.error(
                "The loader ended before it had taken everything; its own lines say why. "
                "The next run goes on from the last state that the loader has kept."
            )
        elif isinstance(error, MappingError):
            self.logger.error("`stream_maps` cannot be used: %s", error)
        else:
            self.logger.error("%s", error)
        raise click.exceptions.Exit(1) from None


_EXPECTED = (BacklogError, BrokenPipeError, MappingError)
"""Errors that are not bugs in the tap, so they are reported without a traceback."""
