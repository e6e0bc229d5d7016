"""On a terminal a run shows a live display, warnings and the last line, nothing else."""

from __future__ import annotations

import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import parse, select

if os.name == "nt":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]

LOADER_LINES = [f"loader | Writing file number {number}" for number in range(60)]


def reading(tmp_path: Path, *streams: str) -> str:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(select(*streams)))
    return f"--catalog={catalog}"


def rows_of_stream(terminal: Terminal) -> list[str]:
    """Return what the first line of the display showed, each text once."""
    return list(dict.fromkeys(first for first, _ in terminal.frames if "%" in first))


@pytest.mark.parametrize(("columns", "lines"), [(40, 10), (80, 24), (160, 50)])
def test_lines_of_a_loader_and_the_display_leave_each_other_alone(
    tmp_path: Path, config: Row, server: SampleServer, columns: int, lines: int
) -> None:
    server.before_answer = lambda _: time.sleep(0.2)
    terminal = Terminal(columns, lines).run(
        tmp_path, config, reading(tmp_path, "issues"), loader=LOADER_LINES
    )
    shown = [line for line in terminal.text if line]
    said = [line for line in shown if line.startswith("loader |")]
    assert said == LOADER_LINES[: len(said)]
    assert len(said) > 10
    rest = "".join(line for line in shown if line not in said)
    assert re.fullmatch(
        r"Done in \d+ s: 1 stream, 330 rows, 7 requests, no waits\.", rest
    )
    assert not any(line.startswith("[") or "%" in line for line in shown)
    assert rows_of_stream(terminal)


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("no_color", ["", "1"])
def test_the_display_fits_and_has_a_gap_between_bar_and_text(
    tmp_path: Path, config: Row, server: SampleServer, columns: int, no_color: str
) -> None:
    server.before_answer = lambda _: time.sleep(0.3)
    terminal = Terminal(columns, 20, NO_COLOR=no_color).run(
        tmp_path, config, reading(tmp_path, "issues")
    )
    bars = {len(row[: row.index("]") + 1]) for row in rows_of_stream(terminal)}
    assert bars == {min(30, (columns - 1) // 3) + 2}
    for row in rows_of_stream(terminal):
        assert re.match(r"\[#*\.*\]  [ ~]*\d+%  issues", row)
        assert len(row) < columns
    assert (b"\x1b[32m" in terminal.raw) == (not no_color)


def test_the_share_grows_from_the_first_page_on_and_while_comments_are_read(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.01)
    terminal = Terminal().run(
        tmp_path, config, reading(tmp_path, "issues", "issue_comments")
    )
    shares = [int(re.findall(r"(\d+)%", row)[0]) for row in rows_of_stream(terminal)]
    assert shares == sorted(shares)
    assert shares[0] <= 10
    assert len(set(shares)) >= 8


def test_each_stream_has_share_and_time(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.3)
    streams = ("statuses", "recent_updates", "teams", "users", "wikis", "pull_requests")
    terminal = Terminal(120).run(tmp_path, config, reading(tmp_path, *streams))
    for stream in streams:
        rows = [row for row in rows_of_stream(terminal) if f"%  {stream}, " in row]
        assert rows, stream
        for row in rows:
            assert re.search(rf"~?\d+%  {stream}, ~?(\d+ min )?\d+ s left", row)


def test_what_is_guessed_bears_a_mark_and_what_is_counted_none(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.3)
    terminal = Terminal(120).run(
        tmp_path, config, reading(tmp_path, "issues", "recent_updates")
    )
    rows = rows_of_stream(terminal)
    assert any(re.search(r" \d+%  issues, .*100 of 330 rows", row) for row in rows)
    assert any(re.search(r"~\d+%  recent_updates, ~\d+ s left", row) for row in rows)


def test_the_second_row_tells_streams_rows_requests_rate_and_quota(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.3)
    terminal = Terminal(120).run(tmp_path, config, reading(tmp_path, "issues"))
    runs = [second for _, second in terminal.frames if second]
    assert any(
        re.fullmatch(
            r"0 of 1 stream, \d+ rows, \d+ requests?, \d+ rows per second, "
            r"\d+ of 150 search requests left this minute",
            run,
        )
        for run in runs
    )


def test_nothing_but_warnings_and_the_last_line_stays(
    tmp_path: Path, member_config: Row, space: Space
) -> None:
    terminal = Terminal(500, 40).run(tmp_path, member_config)
    *warnings, last = terminal.text
    assert all(line.startswith("WARNING: ") for line in warnings)
    assert "WARNING: `webhooks` is left out: this key may not read it" in "".join(
        warnings
    )
    assert re.match(
        r"Done in \d+ s: 37 streams, [\d,]+ rows, \d+ requests, no wait", last
    )
    assert "Left out, since this key may not read it: " in last
    assert len(parse(terminal.stdout).by_stream["issues"]) == len(space.issues)


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": ""}])
def test_a_terminal_that_keeps_no_rows_apart_gets_lines(
    tmp_path: Path, config: Row, environment: dict[str, str]
) -> None:
    terminal = Terminal(100, 40, **environment).run(
        tmp_path, config, reading(tmp_path, "users", "teams")
    )
    assert b"\x1b" not in terminal.raw
    assert terminal.text[:2] == ["`teams`: 130 rows.", "`users`: 12 rows."]
    assert terminal.text[2].startswith("Done in 1 s: 2 streams, 142 rows, ")


def test_a_tiny_terminal_keeps_all_its_rows(tmp_path: Path, config: Row) -> None:
    terminal = Terminal(80, 4).run(tmp_path, config, reading(tmp_path, "users"))
    assert b"\x1b[1;" not in terminal.raw
    assert terminal.text[-1].startswith("Done in ")


def test_a_terminal_without_a_size_counts_as_80_by_24(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    server.before_answer = lambda _: time.sleep(0.3)
    terminal = Terminal(80, 24)
    terminal.resize(0, 0)
    terminal.run(tmp_path, config, reading(tmp_path, "issues"))
    assert rows_of_stream(terminal)


def test_without_the_setting_the_last_line_is_all(tmp_path: Path, config: Row) -> None:
    settings = config | {"show_progress": False}
    terminal = Terminal(200).run(tmp_path, settings, reading(tmp_path, "users"))
    assert b"\x1b" not in terminal.raw
    assert re.fullmatch(
        r"Done in \d+ s: 1 stream, 12 rows, \d requests?, no waits\.",
        "".join(terminal.text),
    )
