"""Ways in which ``make chaos`` runs the tap, and what a loader commits each time."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support import Output, parse, select, sync_until_it_fails

Row = dict[str, Any]
Way = Callable[[Row, tuple[str, ...], "Row | None", Path, random.Random], Output]


def messages(
    config: Row,
    streams: tuple[str, ...],
    state: Row | None,
    _: Path,
    __: random.Random,
) -> Output:
    """Run the tap in this process."""
    return sync_until_it_fails(config, *streams, state=state)


def batches(
    config: Row,
    streams: tuple[str, ...],
    state: Row | None,
    folder: Path,
    rng: random.Random,
) -> Output:
    """Run the tap in this process, with rows in files."""
    config["batch_config"] = {
        "encoding": {
            "format": "jsonl",
            "compression": rng.choice(["gzip", "none"]),
        },
        "storage": {"root": folder.as_uri()},
        "batch_size": rng.choice([7, 100, 10_000]),
    }
    return sync_until_it_fails(config, *streams, state=state)


def process(*, blocks: bool) -> Way:
    """Return a way that runs a process whose reader pauses, and that may be stopped.

    Args:
        blocks: Whether its stdout waits for the reader.
    """

    def way(
        config: Row,
        streams: tuple[str, ...],
        state: Row | None,
        folder: Path,
        rng: random.Random,
    ) -> Output:
        files = {
            "config": {**config, "max_retries": 0},
            "catalog": select(*streams),
            "state": state or {},
        }
        command = [sys.executable, "-m", "tap_backlog"]
        for name, content in files.items():
            file = folder / f"{name}.json"
            file.write_text(json.dumps(content, default=str))
            command += [f"--{name}", str(file)]
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, blocks)
        tap = subprocess.Popen(
            command,
            stdout=write_end,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        os.close(write_end)
        stop = threading.Timer(rng.uniform(0.5, 3), tap.send_signal, [signal.SIGTERM])
        if rng.random() < 0.5:
            stop.start()
        with os.fdopen(read_end, "rb", buffering=0) as pipe:
            written = bytearray()
            pause = threading.Event()
            while chunk := pipe.read(rng.choice([1000, 65_536])):
                written += chunk
                pause.wait(rng.choice([0, 0, 0.01]))
        tap.wait()
        stop.cancel()
        return parse(written.decode())

    return way


WAYS: dict[str, Way] = {
    "messages": messages,
    "batches": batches,
    "an unbuffered stdout": process(blocks=True),
    "a stdout that does not block": process(blocks=False),
}


def committed(output: Output, folder: Path) -> dict[str, list[Row]]:
    """Return the rows that came before the last STATE, which a loader has committed.

    Args:
        output: What the tap wrote.
        folder: Holds the files of batches.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    waiting: dict[str, list[Row]] = defaultdict(list)
    for message in output.messages:
        if message["type"] == "RECORD":
            waiting[message["stream"]].append(message["record"])
        elif message["type"] == "BATCH":
            for uri in message["manifest"]:
                waiting[message["stream"]] += _rows_of(Path(urlsplit(uri).path))
        elif message["type"] == "STATE":
            for stream, some in waiting.items():
                rows[stream] += some
            waiting.clear()
    named = {
        Path(urlsplit(uri).path)
        for message in output.messages
        for uri in message.get("manifest", [])
    }
    for file in folder.glob("*--*"):
        assert file in named, f"{file} has no message"
        file.unlink()
    return rows


def _rows_of(file: Path) -> list[Row]:
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    return [json.loads(line, parse_float=Decimal) for line in content.splitlines()]
