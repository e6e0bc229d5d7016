"""Packed bodies are unpacked correctly, and never to more than is allowed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.exceptions import DecodeError

from sample_space import SampleServer, faults
from tap_backlog.api.connection import MAX_BODY_BYTES, MAX_BOMB_BYTES
from tap_backlog.api.unpacking import unpacker
from tap_backlog.errors import BacklogError, TransientError
from tests.test_client import sample_client

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]


def unpack(body: bytes, coding: str, at_once: int = 1000) -> bytes:
    feed = unpacker(coding)
    parts = (body[first : first + at_once] for first in range(0, len(body), at_once))
    return b"".join(chunk for part in parts for chunk in feed(part))


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "GZip": gzip.compress,
    "x-gzip": gzip.compress,
    "identity, gzip": gzip.compress,
    "deflate": zlib.compress,
    "": bytes,
    "identity": bytes,
}


@given(body=st.binary(), at_once=st.integers(1, 50), coding=st.sampled_from([*WAYS]))
def test_what_was_packed_comes_back(body: bytes, at_once: int, coding: str) -> None:
    assert unpack(WAYS[coding](body), coding, at_once) == body


@pytest.mark.parametrize("size", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20 + 7])
@pytest.mark.parametrize("at_once", [10, 1000, 10**7])
def test_what_is_larger_than_a_step_comes_back(size: int, at_once: int) -> None:
    noise = bytes(range(250)) * 4
    body = (noise * (size // 1000 + 1))[:size]
    assert unpack(gzip.compress(body), "gzip", at_once) == body
    feed = unpacker("gzip")
    steps = [len(chunk) for chunk in feed(gzip.compress(bytes(size)))]
    assert sum(steps) == size
    assert max(steps) <= 2**20


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_members_follow_each_other_and_padding_is_passed_over(at_once: int) -> None:
    body = gzip.compress(b"[1,") + gzip.compress(b"2]")
    assert unpack(body, "gzip", at_once) == b"[1,2]"
    assert unpack(body + bytes(40), "gzip", at_once) == b"[1,2]"


def test_what_is_not_packed_as_it_says_is_told() -> None:
    with pytest.raises(DecodeError):
        unpack(b"[1,2]", "gzip")
    damaged = bytearray(gzip.compress(b"[1,2]"))
    damaged[-5] ^= 1
    with pytest.raises(DecodeError):
        unpack(bytes(damaged), "gzip")


OTHERS = ["br", "zstd", "gzip, gzip", "gzip, br", "compress", "x" * 500 + "\x1b[2J"]


@pytest.mark.parametrize("coding", OTHERS)
def test_what_was_not_asked_for_is_refused_in_one_line(
    server: SampleServer,
    waits: list[float],
    coding: str,
) -> None:
    server.faults = [faults.Fault(faults.packed(b"[]", coding))]
    with pytest.raises(BacklogError, match="not asked for") as raised:
        sample_client(server).get_list("projects")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200
    assert not waits
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_a_packed_body_that_breaks_off_is_asked_for_again(
    server: SampleServer,
    waits: list[float],
) -> None:
    server.faults = [faults.Fault(faults.break_gzip, times=None)]
    with pytest.raises(TransientError):
        sample_client(server, max_retries=2).get_list("projects")
    assert len(waits) == 2


def test_texts_that_pack_well_are_read(server: SampleServer) -> None:
    rows = [{"id": number, "text": "同じ文です。" * 3000} for number in range(100)]
    body = json.dumps(rows, ensure_ascii=False).encode()
    assert len(body) > 5 * 2**20
    server.faults = [faults.Fault(faults.packed(gzip.compress(body), "gzip"))]
    assert len(sample_client(server).get_list("projects")) == 100


def zeros(mebibytes: int, form: int) -> bytes:
    packer = zlib.compressobj(9, wbits=form)
    parts = [packer.compress(bytes(2**20)) for _ in range(mebibytes)]
    return b"".join([*parts, packer.flush()])


BOMBS = {
    "gzip": zeros(300, zlib.MAX_WBITS | 16),
    "deflate": zeros(300, zlib.MAX_WBITS),
    "gzip, gzip": gzip.compress(zeros(300, zlib.MAX_WBITS | 16)),
}

_RUN = """
import sys
from pathlib import Path
from tap_backlog.__main__ import main
sys.argv = ["tap-backlog", "--config", sys.argv[1]]
try:
    main()
finally:
    status = Path("/proc/self/status").read_text()
    print("peak", status.split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@pytest.fixture
def peak(tmp_path: Path, config: Row) -> Callable[[], tuple[int, str, float]]:
    """Run the command; return its exit code, its stderr, and its peak memory in MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux reports the peak memory")
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))

    def run() -> tuple[int, str, float]:
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(file)],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        words, kilobytes = done.stderr.rsplit("peak", 1)
        return done.returncode, words, int(kilobytes) / 1024

    return run


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_ends_within_100_mb(server: SampleServer, peak: Any, coding: str) -> None:
    play = faults.packed(BOMBS[coding], coding)
    server.faults = [faults.Fault(play, "issues", times=None)]
    code, words, megabytes = peak()
    assert code == 1
    assert "Traceback" not in words
    assert server.count("issues") == 1
    assert 20 < megabytes < 100, megabytes


def test_a_bomb_is_told_in_one_line(server: SampleServer, waits: list[float]) -> None:
    assert MAX_BOMB_BYTES < MAX_BODY_BYTES
    server.faults = [faults.Fault(faults.packed(BOMBS["gzip"], "gzip"))]
    with pytest.raises(BacklogError, match=f"more than {MAX_BOMB_BYTES >> 20} MiB"):
        sample_client(server).get_list("projects")
    assert not waits
