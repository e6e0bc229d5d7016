"""The tests' own PostgreSQL server, on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.debian import found_or_installed

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = "postgres"
"""PostgreSQL does not run as root; its package adds this user."""


def programs() -> Path:
    """Return the folder of the server's programs."""
    return found_or_installed("PostgreSQL", "postgresql", _installed)


def _installed() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((f for f in reversed(folders) if (f / "initdb").exists()), None)


@contextlib.contextmanager
def serve() -> Iterator[int]:
    """Run a server that keeps nothing; yield its port."""
    bin_folder = programs()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        as_owner: list[str] = []
        if os.geteuid() == 0:
            import pwd  # noqa: PLC0415 - Windows has none

            owner = pwd.getpwnam(_USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            as_owner = ["runuser", "-u", _USER, "--"]
        data = str(folder / "data")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off "
            f"-c unix_socket_directories={folder}"
        )

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [*as_owner, str(bin_folder / program), "-D", data, *arguments],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
            )

        run("initdb", "-A", "trust", "-E", "UTF8", "-U", _USER, "--no-sync")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield port
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


def query(port: int, sql: str, database: str = _USER) -> list[list[str]]:
    """Return the rows of a query, as text."""
    result = subprocess.run(
        [
            *(str(programs() / "psql"), "-h", "127.0.0.1", "-p", str(port)),
            *("-U", _USER, "-d", database, "-At", "-F", "\t"),
            *("-v", "ON_ERROR_STOP=1", "-c", sql),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return [line.split("\t") for line in result.stdout.splitlines()]
