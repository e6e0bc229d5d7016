"""Without a terminal, a run prints one line per stream, a few more, and the last."""

from __future__ import annotations

import json
import logging
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import faults
from tap_backlog.api.rate_limit import Quota
from tap_backlog.cli import progress
from tap_backlog.cli.progress import Watch, progress_of
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import command, parse, run, select

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]

BY_DEFAULT = [str(vars(t)["name"]) for t in STREAM_TYPES if t.selected_by_default]


def messages(stderr: str) -> list[str]:
    """Return the messages, without time, level and logger."""
    return [line.split(" | ", 3)[-1] for line in stderr.splitlines()]


def reading(tmp_path: Path, *streams: str) -> str:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select(*streams)))
    return f"--catalog={catalog}"


def test_a_first_sync_says_a_line_a_stream_and_the_last_one(
    tmp_path: Path, config: Row
) -> None:
    result = run(tmp_path, config)
    *lines, last = messages(result.stderr)
    assert [line.split("`")[1] for line in lines] == sorted(BY_DEFAULT)
    assert "`issues`: 330 rows." in lines
    assert "`space`: 1 row." in lines
    assert re.fullmatch(
        r"Done in \d+ s: 42 streams, [\d,]+ rows, \d+ requests, no waits\.", last
    )
    assert "\x1b" not in result.stderr
    assert "METRIC" not in result.stderr


def test_what_the_key_may_not_read_is_named_with_the_reason_in_the_last_line(
    tmp_path: Path, member_config: Row
) -> None:
    lines = messages(run(tmp_path, member_config).stderr)
    assert re.match(r"Done in \d+ s: 37 streams, ", lines[-1])
    assert lines[-1].endswith(
        "no waits. Left out, since this key may not read it: project_disk_usage, "
        "space_disk_usage, team_members, teams, webhooks (HTTP 403: You do not have "
        "permission. (code 5))."
    )
    (about_webhooks,) = (line for line in lines[:-1] if "webhooks" in line)
    assert about_webhooks == (
        "`webhooks` is left out: this key may not read it (HTTP 403: You do not have "
        "permission. (code 5))."
    )


@pytest.mark.parametrize(
    ("rows", "requests", "waits", "words"),
    [
        (1, 1, [], "1 stream, 1 row, 1 request, no waits."),
        (0, 0, [12], "1 stream, 0 rows, 0 requests, 1 wait (12 s)."),
        (
            7585,
            1168,
            [30, 42],
            "1 stream, 7,585 rows, 1,168 requests, 2 waits (1 min 12 s).",
        ),
    ],
)
def test_plurals_are_right(
    config: Row,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    rows: int,
    requests: int,
    waits: list[float],
    words: str,
) -> None:
    tap = TapBacklog(config=config, catalog=select("users"))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    caplog.set_level(logging.INFO, "tap-backlog.summary")
    with progress_of(tap.run, tap.message_writer.interrupts):
        for seconds in waits:
            tap.run.client.pacer.wait(seconds)
        tap.run.client.requests_sent = requests
        tap.run.counters.rows["users"] = rows
        tap.run.counters.done.add("users")
    assert caplog.messages[-1] == f"Done in 1 s: {words}"


def test_a_run_that_fails_says_what_it_came_to(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.faults.append(faults.Fault(faults.error(500, 1, "Broken."), "users"))
    config |= {"max_retries": 0}
    result = run(tmp_path, config, reading(tmp_path, "projects", "users"))
    assert result.returncode == 1
    *_, summary, error = messages(result.stderr)
    assert summary == "Stopped after 1 s: 1 stream, 4 rows, 2 requests, no waits."
    assert "GET /api/v2/users" in error


def test_lines_come_now_and_then_and_never_if_the_setting_says_no(
    config: Row,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(progress, "SECONDS_PER_LINE", 0.05)
    caplog.set_level(logging.INFO, "tap-backlog.progress")
    caplog.set_level(logging.INFO, "tap-backlog.summary")
    for shows, some in ((True, True), (False, False)):
        caplog.clear()
        tap = TapBacklog(config=config | {"show_progress": shows})
        with progress_of(tap.run, tap.message_writer.interrupts):
            time.sleep(0.3)
        lines = [record.getMessage() for record in caplog.records]
        assert any(line.startswith("So far: 0 of 42 streams") for line in lines) is some
        assert lines[-1].startswith("Done in ")
        assert len([line for line in lines if line.startswith("So far")]) <= 6


def test_a_line_tells_the_stream_its_share_and_the_run(
    config: Row, server: SampleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = TapBacklog(config=config, catalog=select("statuses"))
    server.before_answer = lambda _: time.sleep(0.1)
    looks = []
    watch = Watch(tap.run)
    monkeypatch.setattr(
        tap.message_writer, "flush", lambda: looks.append(watch.look().as_sentence)
    )
    tap.sync_all()
    assert any(
        re.fullmatch(
            r"So far: reading `statuses` \(2 of 4 projects, \d+%\), ~\d+ s left, 0 of 1 "
            r"stream, \d+ rows, \d+ requests, \d+ rows per second, \d+ of 600 read "
            r"requests left this minute\.",
            look,
        )
        for look in looks
    ), looks


def test_a_wait_for_the_limit_is_shown_with_a_countdown(
    config: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = TapBacklog(config=config)
    tap.run.client.pacer.quotas["search"] = Quota(150, 0, 40)
    tap.run.client.pacer.latest = "search"
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tap.run.client.pacer.wait(42)
    look = Watch(tap.run).look()
    assert look.waiting == "waiting 42 s for the rate limit"
    assert look.of_run[-1] == "0 of 150 search requests left this minute"


def test_the_count_of_issues_is_not_asked_for_where_nobody_watches(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    run(tmp_path, config, reading(tmp_path, "issues"))
    assert "issues/count" not in [r.path for r in server.requests]


@pytest.mark.parametrize("level", ["warning", "WARNING", "error"])
@pytest.mark.parametrize("variable", ["TAP_BACKLOG_LOGLEVEL", "LOGLEVEL"])
def test_a_quiet_level_keeps_the_last_line(
    tmp_path: Path, config: Row, level: str, variable: str
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    result = command(f"--config={file}", env={variable: level})
    (last,) = messages(result.stderr)
    assert re.match(r"Done in \d+ s: 42 streams, ", last)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--log-level", "info"), {}),
        ((), {"TAP_BACKLOG_LOGLEVEL": "INFO"}),
        ((), {"LOGLEVEL": "info"}),
        (("--log-level=info",), {"TAP_BACKLOG_LOGLEVEL": "ERROR"}),
    ],
)
def test_who_asks_for_info_gets_metrics_and_the_sdk_s_lines(
    tmp_path: Path, config: Row, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    stderr = command(f"--config={file}", *arguments, env=environment).stderr
    assert "METRIC: " in stderr
    assert re.search(r"\| INFO .*tap-backlog v\d", stderr)
    assert "GET " not in stderr


def test_who_asks_for_debug_gets_each_request(tmp_path: Path, config: Row) -> None:
    result = run(tmp_path, config, "--log-level=debug", reading(tmp_path, "users"))
    assert "/api/v2/users" in result.stderr
    assert len(parse(result.stdout).by_stream["users"]) == 12


def test_the_option_has_the_last_word_over_the_environment(
    tmp_path: Path, config: Row
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    env = {"TAP_BACKLOG_LOGLEVEL": "DEBUG"}
    result = command(f"--config={file}", "--log-level=warning", env=env)
    assert len(messages(result.stderr)) == 1


def test_a_level_that_does_not_exist_is_named_and_the_run_goes_on(
    tmp_path: Path, config: Row
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    arguments = (f"--config={file}", reading(tmp_path, "users"))
    result = command(*arguments, env={"TAP_BACKLOG_LOGLEVEL": "verbose"})
    assert result.returncode == 0
    first, *_, last = result.stderr.splitlines()
    assert first == (
        "WARNING: TAP_BACKLOG_LOGLEVEL is 'verbose', which is not a level: write debug, "
        "info, warning or error."
    )
    assert "Done in " in last
