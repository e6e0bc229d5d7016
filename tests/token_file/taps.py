"""The tap as its own process, and what happens to its token file."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import select

if TYPE_CHECKING:
    from sample_space import SampleServer

Row = dict[str, Any]

on_posix = pytest.mark.skipif(os.name == "nt", reason="signals and locks of POSIX")


def with_file(login: Row, file: Path) -> Row:
    return {
        **login,
        "oauth_credentials": {**login["oauth_credentials"], "token_file": str(file)},
    }


class Tap:
    """The tap as its own process."""

    def __init__(
        self,
        folder: Path,
        config: Row,
        *streams: str,
        before: tuple[str, ...] = (),
        stdout: int = subprocess.PIPE,
    ) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "catalog.json").write_text(json.dumps(select(*streams)))
        self.process = subprocess.Popen(
            [
                *(*before, sys.executable, "-m", "tap_backlog"),
                *("--config", str(folder / "config.json")),
                *("--catalog", str(folder / "catalog.json")),
            ],
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def end(self) -> tuple[int, str]:
        """Return the exit code and the log."""
        _, stderr = self.process.communicate(timeout=60)
        assert "Traceback" not in stderr
        assert "Exception ignored" not in stderr
        return self.process.returncode, stderr

    def has_opened(self, file: Path) -> bool:
        """Whether it waits for the lock; only the system knows."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        if not folder.exists():
            time.sleep(5)
            return True
        with contextlib.suppress(FileNotFoundError):
            return any(fd.resolve() == file for fd in folder.iterdir())
        return False


def refresh_tokens_used(server: SampleServer) -> list[str]:
    return [r.form["refresh_token"] for r in server.requests if r.form]


def check_that_the_file_still_works(file: Path, server: SampleServer) -> None:
    kept = json.loads(file.read_text())
    kept = kept.get("oauth_credentials", kept)
    assert kept["refresh_token"] in server.oauth.refresh_tokens


def renew_elsewhere(login: Row, file: Path, server: SampleServer) -> None:
    """Renew the tokens like a program that does not lock the file."""
    text = file.read_text().strip() if file.exists() else ""
    kept = json.loads(text or "{}")
    form = {**login["oauth_credentials"], "grant_type": "refresh_token", **kept}
    renewed = json.loads(server.oauth.token(form).body)
    file.write_text(json.dumps({**kept, **renewed}))
