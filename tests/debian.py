"""Programs that tests need beside Python: Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")


def found_or_installed(
    what: str, packages: str, find: Callable[[], Found | None]
) -> Found:
    """Return a program; install it, if that is allowed.

    If there is none, the test is skipped, except in CI.

    Args:
        what: What it is called, such as "PostgreSQL".
        packages: Debian's packages, the one with the program first.
        find: Returns where the program is, or None.
    """
    found = find()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in ("update", f"install --yes --no-install-recommends {packages}"):
            subprocess.run(
                ["apt-get", "-qq", *command.split()],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                check=False,
            )
        found = find()
    if found is not None:
        return found
    words = f"no {what} here: install Debian's package {packages.split(maxsplit=1)[0]}"
    if os.environ.get("CI") and sys.platform == "linux":
        pytest.fail(words)
    pytest.skip(words)
