"""Several runs at once, and signals in the middle of a renewal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from sample_space.wire.oauth import TOKEN_PATH
from tap_backlog.errors import BacklogError
from tests.support import run, sync
from tests.test_interrupts import wait_for
from tests.token_file.taps import (
    Tap,
    check_that_the_file_still_works,
    on_posix,
    refresh_tokens_used,
    renew_elsewhere,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_space.wire.request import Request

Row = dict[str, Any]


@pytest.mark.parametrize("runs", [2, 4])
def test_runs_at_once_on_a_new_file_renew_once(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    runs: int,
) -> None:
    server.faults = [faults.Fault(faults.stall(0.5), TOKEN_PATH, times=None)]
    taps = [Tap(tmp_path / str(n), login, "space") for n in range(runs)]
    assert [tap.end()[0] for tap in taps] == [0] * runs
    assert server.count(TOKEN_PATH) == 1


@pytest.mark.parametrize("ends_old_access", [False, True])
def test_runs_at_once_that_renew_again_and_again_use_no_token_twice(
    login: Row,
    server: SampleServer,
    options: Options,
    tmp_path: Path,
    ends_old_access: bool,  # noqa: FBT001
) -> None:
    options.token_lifetime = 0.6
    options.ends_old_access = ends_old_access
    server.before_answer = lambda _: time.sleep(0.1)
    taps = [Tap(tmp_path / str(n), login, "issues") for n in range(4)]
    ends = [tap.end() for tap in taps]
    assert [code for code, _ in ends] == [0] * 4, ends
    used = refresh_tokens_used(server)
    assert len(used) > 3
    assert len(set(used)) == len(used)


_HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock in another process until that is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file)], stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.communicate()


@on_posix
def test_nothing_is_asked_while_another_run_renews(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    holder: subprocess.Popen[str],
) -> None:
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: tap.has_opened(file))
    time.sleep(0.2)
    assert tap.process.poll() is None
    assert server.count() == 0
    renew_elsewhere(login, file, server)
    holder.kill()  # the lock ends with the process, even if that is killed
    assert tap.end()[0] == 0
    assert server.count(TOKEN_PATH) == 0


@on_posix
@pytest.mark.usefixtures("holder")
def test_a_signal_ends_the_wait_for_another_run(
    login: Row,
    file: Path,
    tmp_path: Path,
) -> None:
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: tap.has_opened(file))
    started = time.monotonic()
    tap.process.send_signal(signal.SIGTERM)
    assert tap.end()[0] == 128 + signal.SIGTERM
    assert time.monotonic() - started < 2


@on_posix
@pytest.mark.usefixtures("holder")
def test_a_run_that_never_frees_the_file_is_told(
    login: Row,
    server: SampleServer,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + sum(waits))
    with pytest.raises(BacklogError, match="kept locked by another run for 11 seconds"):
        sync({**login, "request_timeout": 1}, "space")
    assert waits
    assert server.count() == 0


@on_posix
@pytest.mark.parametrize("seconds", [0.8, 3.0], ids=["short", "beyond the patience"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_does_not_cut_the_first_renewal(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    name: str,
    seconds: float,
) -> None:
    signum = getattr(signal, name)
    server.faults = [faults.Fault(faults.stall(seconds), TOKEN_PATH)]
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: server.count(TOKEN_PATH) > 0)
    tap.process.send_signal(signum)
    time.sleep(0.1)
    tap.process.send_signal(signum)
    assert tap.end()[0] == 128 + signum
    check_that_the_file_still_works(file, server)
    assert run(tmp_path, login).returncode == 0


def start_run_that_renews_in_the_background(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    stdout: int = subprocess.PIPE,
) -> Tap:
    """Return a run whose token has expired, and is being renewed."""
    server.oauth.expiry_by_token["good"] = time.time() + 60

    def expire(request: Request) -> None:
        if request.path == "issues" and server.count("issues") == 2:
            server.oauth.expiry_by_token.clear()

    server.before_answer = expire
    server.faults = [faults.Fault(faults.stall(3), TOKEN_PATH)]
    login["oauth_credentials"]["access_token"] = "good"
    tap = Tap(tmp_path / "tap", login, "issues", stdout=stdout)
    wait_for(lambda: server.count(TOKEN_PATH) > 0)
    return tap


@on_posix
def test_a_signal_does_not_cut_a_renewal_in_the_background(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    tap = start_run_that_renews_in_the_background(login, server, tmp_path)
    tap.process.send_signal(signal.SIGTERM)
    assert tap.end()[0] == 128 + signal.SIGTERM
    check_that_the_file_still_works(file, server)


@on_posix
@pytest.mark.parametrize("then", [None, signal.SIGTERM])
def test_a_loader_that_dies_does_not_cut_a_renewal_in_the_background(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    then: int | None,
) -> None:
    read_end, write_end = os.pipe()
    tap = start_run_that_renews_in_the_background(login, server, tmp_path, write_end)
    os.close(write_end)
    os.close(read_end)
    if then:
        time.sleep(1)
        tap.process.send_signal(then)
    assert tap.end()[0] in {1, 128 + (then or 0)}
    check_that_the_file_still_works(file, server)
