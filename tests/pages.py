"""Finds code blocks of the pages in docs/, and runs them as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BOM = b"\xef\xbb\xbf"
"""The first bytes of a file that Excel should read as UTF-8."""

_OURS = ("TAP_BACKLOG_", "TARGET_", "MELTANO_", "VIRTUAL_ENV", "PYTHON", "MAKE")


def blocks(page: str, language: str = r"\w*") -> list[str]:
    """Return the code blocks of a page in order.

    Args:
        page: Its path in the repository.
        language: The word after the fence.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def tables(page: str) -> list[list[str]]:
    """Return the rows of all tables of a page as cells, without their heads."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"(?<=\|\n)\|(?!-)(.*)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in found]


def newcomer() -> dict[str, str]:
    """Return the environment of somebody who has not set up anything yet."""
    return {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}


def paste(
    commands: str,
    folder: Path,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Paste commands into a shell; fails if one of them fails.

    Args:
        commands: The commands.
        folder: The folder of the shell.
        env: Its environment; that of a new user if not given.
    """
    result = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", commands],
        cwd=folder,
        env=newcomer() if env is None else env,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result
