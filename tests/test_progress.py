"""A run tells how far it is, where somebody looks, and what it came to."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import faults
from tap_backlog import progress
from tap_backlog.progress import Watch, progress_of
from tap_backlog.rate_limit import Quota
from tap_backlog.tap import TapBacklog
from tests.support import parse, run, select

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]


def run_on_a_terminal(tmp_path: Path, config: Row, *arguments: str) -> tuple[str, str]:
    """Run the tap with a terminal for stderr; return stdout and what was shown."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    shown = bytearray()

    def read() -> None:
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                return
            if not piece:
                return
            shown.extend(piece)

    with subprocess.Popen(
        [sys.executable, "-m", "tap_backlog", f"--config={file}", *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"},
        encoding="utf-8",
    ) as process:
        os.close(theirs)
        reader = threading.Thread(target=read)
        reader.start()
        stdout, _ = process.communicate(timeout=60)
        reader.join(10)
    os.close(ours)
    return stdout, shown.decode("utf-8", errors="replace")


def last_line(stderr: str) -> str:
    return stderr.strip().splitlines()[-1]


def test_a_terminal_shows_rows_share_and_quota_and_stdout_stays_clean(
    tmp_path: Path, config: Row, server: SampleServer, space: Space
) -> None:
    server.before_answer = lambda _: time.sleep(0.4)
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("issues")))
    stdout, shown = run_on_a_terminal(tmp_path, config, f"--catalog={catalog}")
    assert len(parse(stdout).by_stream["issues"]) == len(space.issues)
    assert re.search(r"reading `issues`, \d+ of 330 \(\d+%\)", shown)
    assert re.search(r"\d+ of 150 search requests left in this minute", shown)
    assert re.search(r"\d+ rows a second", shown)
    assert re.search(r"\d+ s left", shown)
    assert "Done: 1 streams, 330 rows" in shown


def test_a_wait_for_the_limit_is_shown_with_a_countdown(
    config: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = TapBacklog(config=config)
    tap.client.pacer.quotas["search"] = Quota(150, 0, 40)
    tap.client.pacer.latest = "search"
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tap.client.pacer.wait(42)
    assert Watch(tap).look().lines[-1] == [
        "0 of 150 search requests left in this minute",
        "waiting 42 s for the rate limit",
    ]


def test_the_count_of_issues_costs_one_request_and_only_on_a_terminal(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("issues")))
    run_on_a_terminal(tmp_path, config, f"--catalog={catalog}")
    assert [r.path for r in server.requests].count("issues/count") == 1
    server.requests.clear()
    run(tmp_path, config, f"--catalog={catalog}")
    assert "issues/count" not in [r.path for r in server.requests]


def test_a_pipe_gets_plain_lines_and_a_summary(
    tmp_path: Path, config: Row, member_config: Row
) -> None:
    stderr = run(tmp_path, config).stderr
    assert "\x1b" not in stderr
    assert re.search(
        r"Done: \d+ streams, [\d]+ rows, \d+ requests, 0 waits\.$", last_line(stderr)
    )
    stderr = run(tmp_path, member_config).stderr
    assert "Left out, since this key may not read it: " in last_line(stderr)
    assert "webhooks" in last_line(stderr)


def test_a_run_that_fails_says_what_it_came_to(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select("projects", "users")))
    server.faults.append(faults.Fault(faults.error(500, 1, "Broken."), "users"))
    config |= {"max_retries": 0}
    result = run(tmp_path, config, f"--catalog={catalog}")
    assert result.returncode == 1
    *_, summary, error = result.stderr.strip().splitlines()
    assert "Stopped: 1 streams, 4 rows, 2 requests, 0 waits." in summary
    assert "GET /api/v2/users" in error


def test_lines_come_now_and_then_and_never_if_the_setting_says_no(
    config: Row,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(progress, "SECONDS_PER_LINE", 0.05)
    caplog.set_level(logging.INFO, "tap-backlog.progress")
    for shows, some in ((True, True), (False, False)):
        caplog.clear()
        tap = TapBacklog(config=config | {"show_progress": shows})
        with progress_of(tap):
            time.sleep(0.3)
        lines = [record.getMessage() for record in caplog.records]
        assert any(line.startswith("So far: 0 of ") for line in lines) is some
        assert lines[-1].startswith("Done: ")
        assert len([line for line in lines if line.startswith("So far")]) <= 6


def test_logs_of_a_terminal_are_not_shown_twice_nor_lost(
    tmp_path: Path, member_config: Row
) -> None:
    _, shown = run_on_a_terminal(tmp_path, member_config)
    assert shown.count("Done: ") == 1
    assert "`webhooks` is left out" in shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min")],
)
def test_times_read_as_people_say_them(seconds: float, words: str) -> None:
    assert progress._span(seconds) == words
