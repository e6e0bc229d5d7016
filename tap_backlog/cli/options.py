"""The options of the command line: the SDK's, changed for this tap, and its own."""

from __future__ import annotations

import click

from tap_backlog.cli import run_log

_OPENED_BY_US = {"state", "catalog"}
_MODES = {"discover", "test"}
_HELP = {
    "discover": "Write the catalog: all streams, each with its columns.",
    "test": "Say whether host and key are right, and which streams the key may not "
    "read. --test=schema writes the schemas.",
    "catalog": "File with what to read, as --discover writes it.",
    "state": "File with the state in which the last run ended.",
}
"""Help texts that replace the SDK's."""


def completed(params: list[click.Parameter]) -> list[click.Parameter]:
    """Return the SDK's options and this tap's own.

    Args:
        params: The SDK's options, which are changed in place.
    """
    for option in params:
        if option.name in _OPENED_BY_US:
            option.type = click.STRING  # click would open it
        if option.name in _MODES:
            # The SDK would run them before the other options are parsed.
            option.callback, option.expose_value = None, True
        if isinstance(option, click.Option) and option.name in _HELP:
            option.help = _HELP[option.name]
    return [*params, *_OWN]


def hint_for(args: list[str], problem: str) -> str:
    """Return a hint about arguments that belong to no option; "" if there is none.

    Args:
        args: The command line.
        problem: What click found wrong with it.
    """
    if "extra argument" not in problem:
        return ""
    modes = [arg for arg in args if f"--{arg}" in _WITHOUT_VALUE]
    if modes:
        return f" Did you mean `--{modes[0]}`?"
    if "--select" in args or "--exclude" in args:
        return (
            " Names go between commas, without blanks, and patterns into quotes: "
            "--select issues,users or --select 'issue_*'."
        )
    return ""


_WITHOUT_VALUE = ("--discover", "--test", "--plan", "--streams", "--about", "--help")


def _show(ctx: click.Context, param: click.Parameter, level: str | None) -> None:  # noqa: ARG001
    if level:
        run_log.show(level)


_OWN: list[click.Parameter] = [
    click.Option(
        ["--log-level"],
        type=click.Choice(run_log.LEVELS, case_sensitive=False),
        is_eager=True,
        expose_value=False,
        callback=_show,
        help="Lowest level to log. Default: warnings and progress.",
    ),
    click.Option(
        ["--select"],
        multiple=True,
        metavar="NAMES",
        help="Read these streams only: names or patterns between commas, such as "
        "'issues,project_*'; `default` stands for those that are read without a choice.",
    ),
    click.Option(
        ["--exclude"],
        multiple=True,
        metavar="NAMES",
        help="Do not read these streams: names or patterns between commas.",
    ),
    click.Option(
        ["--streams"],
        is_flag=True,
        help="List the streams: name, what it is, requests, on or off by default.",
    ),
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
