"""Every byte is written, whatever stdout does; or one line says why not."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk.singerlib.messages import StateMessage

from tap_backlog.singer.batches.config import BatchOptions
from tap_backlog.singer.batches.writer import BatchWriter
from tap_backlog.singer.interrupts import Interrupted
from tap_backlog.singer.messages import MessageWriter
from tap_backlog.singer.stdout import write_whole
from tests.support import parse
from tests.test_interrupts import Run, check_that_the_rest_comes, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from sample_space import SampleServer, Space

Row = dict[str, Any]

posix = pytest.mark.skipif(os.name == "nt", reason="pipes and signals of POSIX")

UNBUFFERED = [{"PYTHONUNBUFFERED": ""}, {"PYTHONUNBUFFERED": "1"}]
WAYS = [*itertools.product(UNBUFFERED, [True, False])]
NAMES = [
    ("unbuffered, " if env["PYTHONUNBUFFERED"] else "buffered, ")
    + ("blocking" if waits else "non-blocking")
    for env, waits in WAYS
]


class Moody(io.RawIOBase):
    """A stdout that accepts any number of bytes at once.

    Args:
        moods: How many bytes each write takes; -1 for None, -2 for EAGAIN.
    """

    def __init__(self, moods: list[int]) -> None:
        super().__init__()
        self.moods = iter(moods)
        self.taken = bytearray()
        self.is_writable = os.open(os.devnull, os.O_WRONLY)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.is_writable

    def close(self) -> None:
        if not self.closed:
            os.close(self.is_writable)
        super().close()

    def write(self, content: Any) -> int | None:
        mood = next(self.moods, len(content))
        if mood == -1:
            return None
        if mood == -2:
            raise BlockingIOError(errno.EAGAIN, "no room", 0)
        self.taken += content[:mood]
        return min(mood, len(content))


moods = st.lists(st.integers(-2, 40) | st.integers(-2, 100_000), max_size=40)


@given(content=st.binary(max_size=2000), moods=moods, is_buffered=st.booleans())
def test_any_pattern_of_short_writes_gives_the_same_bytes(
    content: bytes, moods: list[int], *, is_buffered: bool
) -> None:
    raw = Moody(moods)
    out = io.BufferedWriter(raw) if is_buffered else raw
    with out:
        write_whole(out, content)
        assert raw.taken == content


@given(moods=moods, sizes=st.lists(st.integers(0, 400), max_size=12))
@settings(deadline=None)
def test_a_writer_gets_every_message_out_through_any_stdout(
    moods: list[int], sizes: list[int]
) -> None:
    with Moody(moods) as raw:
        written = []
        with redirected(raw):
            writer = MessageWriter()
            for number, size in enumerate(sizes):
                rows = [{"id": number, "text": "あ" * size}] * (size % 7)
                writer.write_rows("things", rows, None)
                writer.write_message(StateMessage(value={"after": number}))
                written += [*rows, number]
        output = parse(raw.taken.decode())
    assert [
        message["record"] if message["type"] == "RECORD" else message["value"]["after"]
        for message in output.messages
    ] == written


@contextlib.contextmanager
def redirected(raw: Any) -> Iterator[None]:
    given, sys.stdout = sys.stdout, SimpleNamespace(buffer=raw)
    try:
        yield
    finally:
        sys.stdout = given


class Signal:
    """Sends a signal before the nth line that runs in the writers' modules."""

    def __init__(self, writer: MessageWriter, place: int) -> None:
        self.writer, self.place = writer, place

    def __call__(self, frame: FrameType, event: str, _: object) -> Callable[..., Any]:
        name = os.path.basename(frame.f_code.co_filename)  # noqa: PTH119
        if event == "line" and name in {"messages.py", "batches.py", "stdout.py"}:
            self.place -= 1
            if self.place == 0:
                self.writer.interrupts.stop(signal.SIGTERM)
        return self


@pytest.mark.parametrize("in_batches", [False, True])
def test_a_signal_at_any_line_of_a_writer_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    in_batches: bool,
) -> None:
    quiet = SimpleNamespace(start=lambda: None)
    monkeypatch.setattr(
        "tap_backlog.singer.interrupts.threading",
        SimpleNamespace(
            Timer=lambda *_: quiet,
            Thread=threading.Thread,
            main_thread=threading.main_thread,
        ),
    )
    for place in itertools.count(1):
        folder = tmp_path / str(place)
        out = io.BytesIO()
        with redirected(out):
            has_ended = write_until(place, in_batches=in_batches, folder=folder)
        output = parse(out.getvalue().decode())
        last = output.messages[-1]
        assert last["type"] == "STATE", place
        sent = [row["id"] for row in output.by_stream["things"]]
        named = [name for m in output.messages for name in m.get("manifest", ())]
        if in_batches:
            files = {file.as_uri(): file for file in folder.iterdir()}
            assert set(named) == set(files), place
            lines = [line for n in named for line in files[n].read_text().splitlines()]
            sent = [json.loads(line)["id"] for line in lines]
        assert sent == list(range(len(sent))), place
        assert len(sent) >= last["value"]["rows"], place
        if has_ended:
            assert len(sent) == 60
            assert place > 50
            break


def write_until(place: int, *, in_batches: bool, folder: Path) -> bool:
    """Write as a stream does; return True if no signal came."""
    writer = BatchWriter() if in_batches else MessageWriter()
    if isinstance(writer, BatchWriter):
        storage = {"root": str(folder)}
        config = {"encoding": {"format": "jsonl"}, "storage": storage, "batch_size": 15}
        writer.open("tap", BatchOptions.of(config))
    state = {"rows": 0}
    before = sys.gettrace()
    sys.settrace(Signal(writer, place))
    try:
        try:
            for page in range(3):
                rows = [{"id": number} for number in range(20 * page, 20 * page + 20)]
                writer.write_rows("things", rows, None)
                state["rows"] += 20
                writer.write_message(StateMessage(value=state))
        finally:
            writer.finish()
    except Interrupted:
        sys.settrace(before)
        writer.write_message(StateMessage(value=state))
        return False
    finally:
        sys.settrace(before)
    return True


class Loader:
    """Reads what a tap writes, but only when a test says so."""

    def __init__(self, *, waits: bool) -> None:
        self.end, self.given = os.pipe()
        os.set_blocking(self.given, waits)
        self.read = bytearray()

    def take(self, pause: float) -> threading.Thread:
        """Read to the end, in small pieces."""
        os.close(self.given)

        def take() -> None:
            while piece := os.read(self.end, 8192):
                self.read += piece
                time.sleep(pause)
            os.close(self.end)

        thread = threading.Thread(target=take)
        thread.start()
        return thread


@posix
@pytest.mark.parametrize(("env", "waits"), WAYS, ids=NAMES)
def test_a_slow_loader_gets_every_row(
    tmp_path: Path,
    config: Row,
    space: Space,
    env: dict[str, str],
    *,
    waits: bool,
) -> None:
    loader = Loader(waits=waits)
    tap = Run(tmp_path, config, stdout=loader.given, env=env)
    loader.take(0.005).join()
    assert tap.process.wait(timeout=30) == 0
    output = parse(loader.read.decode())
    assert {row["id"] for row in output.by_stream["issues"]} == set(space.issues)
    assert output.messages[-1]["type"] == "STATE"


@posix
@pytest.mark.parametrize(("env", "waits"), WAYS, ids=NAMES)
def test_a_loader_that_pauses_gets_whole_messages_and_a_state_on_a_signal(
    tmp_path: Path,
    config: Row,
    space: Space,
    server: SampleServer,
    env: dict[str, str],
    *,
    waits: bool,
) -> None:
    loader = Loader(waits=waits)
    tap = Run(tmp_path, config, stdout=loader.given, env=env)
    wait_for(lambda: server.count("issues") > 0)
    time.sleep(1)
    asked = server.count("issues")
    started = time.monotonic()
    tap.process.send_signal(signal.SIGTERM)
    time.sleep(0.4)
    loader.take(0).join()
    assert tap.process.wait(timeout=10) == 128 + signal.SIGTERM
    assert time.monotonic() - started < 2
    assert server.count("issues") == asked
    check_that_the_rest_comes(parse(loader.read.decode()), config, space)


@posix
@pytest.mark.parametrize("env", UNBUFFERED, ids=["buffered", "unbuffered"])
def test_a_loader_that_never_reads_again_cannot_keep_a_tap(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    env: dict[str, str],
) -> None:
    loader = Loader(waits=False)
    tap = Run(tmp_path, config, stdout=loader.given, env=env)
    wait_for(lambda: server.count("issues") > 0)
    time.sleep(1)
    tap.stop(signal.SIGTERM)
    loader.take(0).join()


SYNC: list[str] = []
DISCOVER, ABOUT, PLAN = ["--discover"], ["--about"], ["--plan"]


def run_in_shell(
    folder: Path,
    config: Row,
    shell: str,
    arguments: list[str],
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which ``"$@"`` is the tap."""
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    command = [sys.executable, "-m", "tap_backlog", "--config", str(file), *arguments]
    return subprocess.run(
        ["sh", "-c", shell, "sh", *command],
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def assert_one_line(result: subprocess.CompletedProcess[str], complaint: str) -> None:
    assert result.returncode == 1, result.stderr
    assert result.stderr.count("ERROR") == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("env", UNBUFFERED, ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", [SYNC, DISCOVER, ABOUT, PLAN])
def test_a_full_disk_is_told_in_one_line(
    tmp_path: Path, config: Row, arguments: list[str], env: dict[str, str]
) -> None:
    result = run_in_shell(tmp_path, config, '"$@" >/dev/full', arguments, env)
    assert_one_line(result, "Cannot write to stdout: No space left on device.")


@posix
@pytest.mark.parametrize("arguments", [SYNC, DISCOVER, ABOUT, PLAN])
def test_a_closed_stdout_is_told_in_one_line_before_anything_is_asked(
    tmp_path: Path, config: Row, server: SampleServer, arguments: list[str]
) -> None:
    result = run_in_shell(tmp_path, config, '"$@" >&-', arguments)
    assert_one_line(result, "stdout is closed")
    assert server.count() == 0


@posix
@pytest.mark.parametrize("env", UNBUFFERED, ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", [SYNC, DISCOVER])
def test_a_limit_of_file_sizes_is_told_in_one_line(
    tmp_path: Path, config: Row, arguments: list[str], env: dict[str, str]
) -> None:
    shell = f'ulimit -f 100; "$@" >{tmp_path}/out'
    result = run_in_shell(tmp_path, config, shell, arguments, env)
    assert_one_line(result, "Cannot write to stdout: File too large.")


@posix
def test_a_closed_stderr_does_no_harm(tmp_path: Path, config: Row, space: Space) -> None:
    result = run_in_shell(tmp_path, config, '"$@" 2>&-', SYNC)
    assert result.returncode == 0
    rows = parse(result.stdout).by_stream["issues"]
    assert {row["id"] for row in rows} == set(space.issues)


@posix
@pytest.mark.parametrize("env", UNBUFFERED, ids=["buffered", "unbuffered"])
def test_what_is_printed_is_whole_as_well(config: Row, env: dict[str, str]) -> None:
    loader = Loader(waits=False)
    tap = subprocess.Popen(
        [sys.executable, "-m", "tap_backlog", "--discover"],
        stdout=loader.given,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            **env,
            "TAP_BACKLOG_HOST": config["host"],
            "TAP_BACKLOG_API_KEY": "key",
        },
    )
    loader.take(0.005).join()
    assert tap.wait(timeout=30) == 0
    assert len(loader.read) > 200_000
    assert len(json.loads(loader.read)["streams"]) > 40


@posix
def test_a_reader_of_the_catalog_that_leaves_is_no_bug(
    tmp_path: Path, config: Row
) -> None:
    shell = '{ "$@"; echo "code $?" >&2; } | head -c 10'
    result = run_in_shell(tmp_path, config, shell, DISCOVER)
    assert result.stdout == '{\n  "strea'
    assert "code 1" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
