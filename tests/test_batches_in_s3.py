"""Batches go to an S3 server, and nothing of a run that fails stays there."""

from __future__ import annotations

import gzip
import io
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest
import requests

from sample_space import Options, Space, faults
from tests.batches import batches
from tests.support import Output, parse, run, without_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]

SECRET = "a-secret-of-the-store"


@pytest.fixture
def options() -> Options:
    return without_limits(Options(projects=2, users=5, teams=3, issues=120))


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Serve S3 on this machine, with one bucket; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                requests.put(f"{address}/lake", timeout=5).raise_for_status()
                break
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait()


def settings(store: str, form: str, folder: str) -> Row:
    encoding = {"format": form, "compression": "gzip" if form == "jsonl" else None}
    params = {"endpoint_url": store, "key": "name", "secret": SECRET}
    storage = {"root": f"s3://lake/{folder}", "params": params}
    return {"batch_config": {"encoding": encoding, "storage": storage}}


def get(url: str) -> requests.Response:
    """Get what a signed request gets; this server does not check the signature."""
    signed = "AWS4-HMAC-SHA256 Credential=name/20260101/us-east-1/s3/aws4_request"
    answer = requests.get(url, headers={"Authorization": signed}, timeout=30)
    answer.raise_for_status()
    return answer


def ids_in(store: str, message: Row, form: str) -> list[int]:
    found: list[int] = []
    for uri in message["manifest"]:
        content = get(uri.replace("s3://", f"{store}/")).content
        if form == "jsonl":
            lines = gzip.decompress(content).splitlines()
            found += [int(line.split(b",")[0].split(b":")[1]) for line in lines]
        else:
            table = pyarrow.parquet.read_table(io.BytesIO(content))
            found += table.column("id").to_pylist()
    return found


def files_in(store: str, folder: str) -> str:
    return get(f"{store}/lake?list-type=2&prefix={folder}").text


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_every_row_is_in_a_file_in_s3(
    config: Row, space: Space, tmp_path: Path, store: str, form: str
) -> None:
    config |= settings(store, form, form) | {"show_progress": False}
    result = run(tmp_path, config)
    assert result.returncode == 0, result.stderr
    assert SECRET not in result.stdout + result.stderr
    output: Output = parse(result.stdout)
    (message,) = (m for m in batches(output) if m["stream"] == "issues")
    assert sorted(ids_in(store, message, form)) == sorted(space.issues)
    names = [uri.rpartition("/")[2] for m in batches(output) for uri in m["manifest"]]
    assert len(names) > 30
    assert all(name in files_in(store, form) for name in names)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_run_that_fails_names_the_files_that_it_leaves(
    config: Row, server: SampleServer, tmp_path: Path, store: str, form: str
) -> None:
    play = faults.error(500, 1, "Internal error.")
    server.faults = [faults.Fault(play, "issues", skip=1, times=None)]
    folder = f"cut-{form}"
    config |= settings(store, form, folder) | {"max_retries": 0}
    result = run(tmp_path, config)
    assert result.returncode == 1
    named = [uri for m in batches(parse(result.stdout)) for uri in m["manifest"]]
    assert named
    assert files_in(store, folder).count("<Key>") == len(named)
