"""Any answer leads to rows or one clear error, and never changes the terminal."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Response
from urllib3 import HTTPResponse

from sample_space import SampleServer, faults
from sample_space import answers as sample
from tap_backlog.api.connection import OneHostAdapter
from tap_backlog.errors import BacklogError
from tap_backlog.rows import decode_row, decode_rows, plain
from tap_backlog.streams import STREAM_TYPES
from tests.support import run, sync

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from requests import PreparedRequest

Row = dict[str, Any]

ROOT = "https://example.backlog.com/api/v2"
CONFIG = {"host": "example.backlog.com", "api_key": "k", "max_retries": 0}

texts = st.text(max_size=5) | st.sampled_from(["2026-01-01T00:00:00Z", "../x", "\x1b[2J"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
contents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def rows_of(stream_type: Any) -> st.SearchStrategy[list[Row]]:
    """Return lists of rows with a stream's fields, which may contain anything."""
    names = st.sampled_from([*stream_type.schema["properties"], "rateLimit"])
    keys = {name: st.integers(1, 99) | contents for name in stream_type.primary_keys}
    if stream_type.replication_key == "updated":
        keys["updated"] = st.just("2026-01-01T00:00:00Z") | contents
    rest = st.dictionaries(names, contents, max_size=4)
    return st.lists(
        st.tuples(rest, st.fixed_dictionaries(keys)).map(lambda two: two[0] | two[1]),
        max_size=4,
    )


def response_of(content: Any) -> Response:
    """Return an answer that contains JSON, as it comes from the network."""
    response = Response()
    response.status_code = 200
    body = io.BytesIO(json.dumps(content).encode())
    response.raw = HTTPResponse(body, status=200, preload_content=False)
    return response


cases = st.sampled_from(STREAM_TYPES).flatmap(
    lambda stream_type: st.tuples(
        st.just(stream_type),
        rows_of(stream_type) | rows_of(stream_type).map(lambda r: r[:1]) | contents,
        st.just([{"id": 1, "projectKey": "A"}]) | contents,
    )
)


@given(case=cases)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_is_rows_or_a_clear_error(
    case: tuple[Any, Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream_type, content, projects = case
    one = content[0] if isinstance(content, list) and len(content) == 1 else content
    asked: list[str] = []

    def send(_: object, request: PreparedRequest, **__: object) -> Response:
        path = str(request.url).removeprefix(f"{ROOT}/").partition("?")[0]
        asked.append(path)
        assert len(asked) < 500, asked[-3:]
        is_scope = path == "projects" and stream_type.name != "projects"
        is_object = stream_type.name in {"space", "rate_limit"}
        return response_of(projects if is_scope else one if is_object else content)

    monkeypatch.setattr(OneHostAdapter, "send", send)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    try:
        sync(CONFIG, stream_type.name)
    except BacklogError as error:
        assert str(error).isprintable()  # noqa: PT017
    assert not [path for path in asked if ".." in path]


@given(body=st.binary(max_size=60) | contents.map(lambda c: json.dumps([c]).encode()))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_rows_or_a_value_error(body: bytes) -> None:
    for decode in (decode_rows, decode_row):
        try:
            rows = decode(body)
        except ValueError:
            continue
        for row in [rows] if isinstance(rows, dict) else rows:
            plain(row)


NASTY = "\x1b[2J\x1b]0;title\x07\0\r\u202e\x9b31m"


def test_no_escape_sequence_reaches_the_log(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
) -> None:
    for project in server.space.projects:
        project.project["projectKey"] += NASTY
    server.faults = [
        faults.Fault(faults.error(403, 5, NASTY), "teams", times=None),
        faults.Fault(faults.instead(sample.Answer(500, NASTY.encode())), "users"),
        faults.Fault(
            faults.instead(sample.Answer(404, NASTY.encode())),
            f"projects/{server.space.projects[0].id}/categories",
        ),
    ]
    env = {"TAP_BACKLOG_LOGLEVEL": "DEBUG"}
    result = run(tmp_path, config, env=env)
    assert result.returncode == 0
    assert not [c for c in result.stderr if not c.isprintable() and c not in "\n\t"]
    assert "left out" in result.stderr
