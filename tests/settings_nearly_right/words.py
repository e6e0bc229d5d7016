"""What messages say about settings, and which settings exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_backlog.tap import TapBacklog
from tests.test_command import error_of

if TYPE_CHECKING:
    import subprocess

Row = dict[str, Any]

HOST, KEY = "no-such-space.invalid", "Secret/Key+with=signs"
DESCRIBED = (
    "docs/settings.md describes every setting, and so does "
    "`tap-backlog --about --format=markdown`."
)
TapBacklog(config={}, validate_config=False)  # adds the SDK's settings to the schema
SCHEMA = TapBacklog.config_jsonschema
NAMES = sorted(SCHEMA["properties"])


def sentence_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return what the one line says about the settings."""
    line = error_of(result).split(" | ", 3)[3].strip()
    assert line.startswith("Invalid settings: ")
    assert line.endswith(DESCRIBED)
    return line.removeprefix("Invalid settings: ").removesuffix(DESCRIBED).strip()


def warnings_of(result: subprocess.CompletedProcess[str]) -> list[str]:
    lines = [line for line in result.stderr.splitlines() if "| WARNING" in line]
    return [line.split(" | ", 3)[3] for line in lines]
