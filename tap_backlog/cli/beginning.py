"""What ``tap-backlog`` says if it is called without options: how to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.cli.words import is_japanese, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS = (
    (
        "1. See what there is to read: tap-backlog --streams. README.md tells where to "
        "get a key."
    ),
    (
        "2. Put `host` and `api_key` in config.json, or set TAP_BACKLOG_HOST and "
        "TAP_BACKLOG_API_KEY."
    ),
    (
        "3. Run tap-backlog --config config.json (or ENV) | target-csv. README.md "
        "has the line for Excel."
    ),
)


def how_to_begin(environment: Mapping[str, str]) -> str:
    """Return three lines, in the user's language.

    Args:
        environment: The environment variables, which define the language.
    """
    japanese = is_japanese(environment)
    return "\n".join(phrase(step, japanese=japanese) for step in STEPS)
