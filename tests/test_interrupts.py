"""A signal at any time: whole messages, a STATE, and an end within two seconds."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import SampleServer, Space, faults
from tests.support import Output, parse, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = dict[str, Any]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

MOST_SECONDS = 2.0


class Run:
    """The tap as a process, whose output goes to files, or to a pipe nobody reads.

    Args:
        folder: For its files.
        config: Its settings.
        stdout: Where its messages go, if not to a file.
        before: What a shell does first.
        env: Additional variables of its environment.
        state: Its ``--state``.
    """

    def __init__(
        self,
        folder: Path,
        config: Row,
        stdout: int | None = None,
        before: str = "",
        env: dict[str, str] | None = None,
        state: Row | None = None,
    ) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps(config))
        catalog = folder / "catalog.json"
        catalog.write_text(json.dumps(select("issues")))
        more = []
        if state is not None:
            (folder / "state.json").write_text(json.dumps(state, default=float))
            more = ["--state", str(folder / "state.json")]
        self.stdout, self.stderr = folder / "out.jsonl", folder / "err.log"
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen(
                [
                    *("sh", "-c", f'{before or ":"}; exec "$@"', "sh"),
                    *(sys.executable, "-m", "tap_backlog"),
                    *("--config", str(file), "--catalog", str(catalog), *more),
                ],
                stdout=out if stdout is None else stdout,
                stderr=err,
                env={**os.environ, **(env or {})},
            )

    def stop(self, signum: int) -> tuple[str, str]:
        """Send a signal; return what was written."""
        started = time.monotonic()
        self.process.send_signal(signum)
        assert self.process.wait(timeout=10) == 128 + signum
        assert time.monotonic() - started < MOST_SECONDS
        stderr = self.stderr.read_text(encoding="utf-8")
        assert "Traceback" not in stderr
        return self.stdout.read_text(encoding="utf-8"), stderr


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check_that_the_rest_comes(output: Output, config: Row, space: Space) -> None:
    assert output.messages[-1]["type"] == "STATE"
    rest = sync(config, "issues", state=output.states[-1])
    sent = output.by_stream["issues"] + rest.by_stream["issues"]
    assert {row["id"] for row in sent} == set(space.issues)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_mid_run_leaves_whole_messages_and_a_state(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    space: Space,
    signum: int,
) -> None:
    server.before_answer = lambda _: time.sleep(0.05)
    tap = Run(tmp_path, config)
    wait_for(lambda: server.count("issues") > 2)
    stdout, stderr = tap.stop(signum)
    by = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
    assert re.search(
        rf"Stopped by {by[signal.Signals(signum)]} after \d+ s: 0 streams, \d+ rows, "
        r"\d+ requests, no waits\. Pass the last state with --state, and the next run "
        r"continues from there\.$",
        stderr.strip(),
    )
    check_that_the_rest_comes(parse(stdout), config, space)


def test_a_run_under_nohup_outlives_its_terminal(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    server.before_answer = lambda _: time.sleep(0.05)
    tap = Run(tmp_path, config, before="trap '' HUP")
    wait_for(lambda: server.count("issues") > 2)
    tap.process.send_signal(signal.SIGHUP)
    assert tap.process.wait(timeout=30) == 0
    output = parse(tap.stdout.read_text(encoding="utf-8"))
    assert {row["id"] for row in output.by_stream["issues"]} == set(space.issues)


def test_a_killed_run_goes_on_from_its_last_whole_state(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    server.before_answer = lambda _: time.sleep(0.05)
    tap = Run(tmp_path, config)
    wait_for(lambda: server.count("issues") > 2)
    tap.process.kill()
    tap.process.wait()
    whole_lines = tap.stdout.read_text(encoding="utf-8").rpartition("\n")[0]
    output = parse(whole_lines + "\n")
    rest = sync(config, "issues", state=output.states[-1])
    sent = [row["id"] for row in output.by_stream["issues"] + rest.by_stream["issues"]]
    assert set(sent) == set(space.issues)
    assert len(sent) - len(set(sent)) <= 200


@pytest.mark.parametrize(
    "play",
    [faults.stall(20), faults.drip(20), faults.too_many(), faults.maintenance(503)],
    ids=["a silent server", "a dripping body", "a rate limit", "an outage"],
)
def test_a_signal_ends_every_wait(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    space: Space,
    play: faults.Play,
) -> None:
    server.faults = [faults.Fault(play, "issues", skip=2, times=None)]
    tap = Run(tmp_path, {**config, "max_retries": 100})
    wait_for(lambda: server.count("issues") > 2)
    time.sleep(0.3)
    stdout, _ = tap.stop(signal.SIGTERM)
    server.faults.clear()
    check_that_the_rest_comes(parse(stdout), config, space)


def test_a_signal_before_the_first_answer_writes_nothing(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    server.faults = [faults.Fault(faults.stall(20), times=None)]
    tap = Run(tmp_path, config)
    wait_for(lambda: server.count() > 0)
    stdout, stderr = tap.stop(signal.SIGINT)
    assert stdout == ""
    assert "There is no state to go on from yet, so the next run starts over." in stderr


def test_a_signal_before_the_first_new_row_says_that_the_state_holds(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    state = sync(config, "issues").states[-1]
    server.requests.clear()
    server.faults = [faults.Fault(faults.stall(20), times=None)]
    tap = Run(tmp_path, config, state=state)
    wait_for(lambda: server.count() > 0)
    _, stderr = tap.stop(signal.SIGTERM)
    assert "The state is as it was, so the next run begins where this one did." in stderr


def test_a_loader_that_has_stopped_reading_cannot_keep_the_tap(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    read_end, write_end = os.pipe()
    tap = Run(tmp_path, config, stdout=write_end)
    wait_for(lambda: server.count("issues") > 0)
    time.sleep(1)
    assert server.count("issues") <= 3
    _, stderr = tap.stop(signal.SIGTERM)
    assert stderr.strip().endswith(
        "Stopped by SIGTERM, though the loader takes no more. The next run goes on from "
        "the last state that the loader has kept."
    )
    os.close(read_end)
    os.close(write_end)


def test_a_loader_that_dies_ends_the_tap_at_once_and_quietly(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    server.before_answer = lambda _: time.sleep(0.1)
    read_end, write_end = os.pipe()
    tap = Run(tmp_path, config, stdout=write_end)
    os.close(write_end)
    wait_for(lambda: server.count("issues") > 0)
    os.close(read_end)
    assert tap.process.wait(timeout=5) == 1
    assert server.count("issues") < 4
    stderr = tap.stderr.read_text(encoding="utf-8")
    assert "Traceback" not in stderr
    assert "Broken pipe" not in stderr
