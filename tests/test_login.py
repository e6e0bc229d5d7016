"""``tap-backlog-login`` with the sample space, and a browser that allows access."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.support import sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_space import Options, SampleServer

Row = dict[str, Any]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def helper(server: SampleServer, options: Options, port: int) -> Iterator[Any]:
    command = [sys.executable, "-m", "tap_backlog.cli.login", "--no-browser"]
    process = subprocess.Popen(
        [
            *command,
            *("--host", f" {server.url}/dashboard", "--client-id", options.client_id),
            *("--port", str(port)),
        ],
        env={**os.environ, "TAP_BACKLOG_CLIENT_SECRET": options.client_secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    yield process
    process.kill()
    process.communicate()


def page_of(helper: Any) -> str:
    """Return the address that the helper shows."""
    assert "Allow" in helper.stderr.readline()
    return str(helper.stderr.readline()).strip()


def test_it_prints_settings_that_work(helper: Any, server: SampleServer) -> None:
    page = page_of(helper)
    assert requests.get(page, timeout=5).ok
    stdout, stderr = helper.communicate(timeout=20)
    assert helper.returncode == 0, stderr
    config = json.loads(stdout)
    assert config["host"] == server.url
    (form,) = [r.form for r in server.requests if r.form]
    assert len(form["code_verifier"]) >= 43
    assert sync(config, "space").by_stream["space"]


def test_a_visit_with_another_state_is_turned_away(helper: Any, port: int) -> None:
    page = page_of(helper)
    for query in ("code=x", "code=x&state=y", "state="):
        assert (
            requests.get(f"http://localhost:{port}/?{query}", timeout=5).status_code
            == 400
        )
    assert helper.poll() is None
    requests.get(page, timeout=5)
    helper.communicate(timeout=20)
    assert helper.returncode == 0


def test_a_refusal_is_told(helper: Any, port: int) -> None:
    (state,) = re.findall(r"state=([^&]+)", page_of(helper))
    answer = f"http://localhost:{port}/?error=access_denied&state={state}"
    requests.get(answer, timeout=5)
    _, stderr = helper.communicate(timeout=20)
    assert helper.returncode == 1
    assert "access_denied" in stderr
    assert "Traceback" not in stderr


def test_a_code_that_does_not_hold_is_told(
    helper: Any,
    server: SampleServer,
    options: Options,
    port: int,
) -> None:
    (state,) = re.findall(r"state=([^&]+)", page_of(helper))
    requests.get(f"http://localhost:{port}/?code=forged&state={state}", timeout=5)
    stdout, stderr = helper.communicate(timeout=20)
    assert helper.returncode == 1
    assert "invalid_grant" in stderr
    assert options.client_secret not in stdout + stderr
    assert server.count() == 1


def test_a_host_that_cannot_be_used_is_told() -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "tap_backlog.cli.login",
            "--host=http://x.com",
            "--client-id=a",
        ],
        env={**os.environ, "TAP_BACKLOG_CLIENT_SECRET": "secret"},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert result.returncode == 1
    assert "`host`" in result.stderr
    assert "Traceback" not in result.stderr
