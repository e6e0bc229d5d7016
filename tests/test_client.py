"""Single requests: which are sent again, which are not, and what errors say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses

from sample_space import SampleServer, faults
from sample_space.answers import Answer
from tap_backlog.api.auth import HeaderKeyAuth, QueryKeyAuth
from tap_backlog.api.client import BacklogClient
from tap_backlog.api.connection import MAX_BODY_BYTES, open_session
from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import (
    BacklogError,
    TransientError,
    UnreachableError,
)
from tap_backlog.redaction import Redactor
from tap_backlog.rows import plain
from tests.test_faults import PASSING

if TYPE_CHECKING:
    from pathlib import Path

    from tap_backlog.api.auth import BacklogAuth

URL = "https://example.backlog.com/api/v2"
KEY = "s3cret-key"


def client(
    url: str = URL, auth: BacklogAuth | None = None, **options: Any
) -> BacklogClient:
    session = open_session(url, "tap-backlog/test")
    auth = auth or HeaderKeyAuth(KEY)
    usual: dict[str, Any] = {"redactor": Redactor([KEY]), "timeout": 60, "max_retries": 8}
    return BacklogClient(url, session, auth, **usual | options)


def sample_client(server: SampleServer, **options: Any) -> BacklogClient:
    auth = HeaderKeyAuth(server.space.options.admin_key)
    return client(f"{server.url}/api/v2", auth, **options)


@responses.activate
def test_the_key_travels_in_the_header() -> None:
    responses.get(f"{URL}/projects", json=[])
    client().get_list("projects")
    request = responses.calls[0].request
    assert request.headers["Backlog-API-Key"] == KEY
    assert KEY not in (request.url or "")


@responses.activate
def test_the_key_travels_in_the_query_on_request() -> None:
    responses.get(f"{URL}/issues", json=[])
    client(auth=QueryKeyAuth(KEY)).get_list("issues", {"projectId": [1, 2], "count": 100})
    request = responses.calls[0].request
    assert "Backlog-API-Key" not in request.headers
    assert request.url == (
        f"{URL}/issues?projectId%5B%5D=1&projectId%5B%5D=2&count=100&apiKey={KEY}"
    )


TRANSIENT: dict[str, faults.Play] = {
    **PASSING,
    "204": faults.instead(Answer(204, b"")),
    "NaN": faults.instead(Answer(200, b"[NaN]")),
    "deep nesting": faults.instead(Answer(200, b"[" * 100_000)),
}
del TRANSIENT["429"]  # it is not a failure


@pytest.mark.parametrize("play", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_a_passing_failure_is_asked_again(
    server: SampleServer,
    waits: list[float],
    play: faults.Play,
) -> None:
    server.faults = [faults.Fault(play, times=2)]
    rows = sample_client(server).get_list("projects")
    assert len(rows) == len(server.space.projects)
    assert server.count("projects") == 3
    assert len(waits) == 2


@pytest.mark.parametrize("play", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_a_failure_that_stays_is_told(
    server: SampleServer,
    waits: list[float],
    play: faults.Play,
) -> None:
    server.faults = [faults.Fault(play, times=None)]
    with pytest.raises(TransientError, match="GET /api/v2/projects"):
        sample_client(server, max_retries=3).get_list("projects")
    assert server.count("projects") == 4
    assert len(waits) == 3


def test_waits_grow_and_are_spread(server: SampleServer, waits: list[float]) -> None:
    server.faults = [faults.Fault(faults.maintenance(500), times=None)]
    for _ in range(2):
        with pytest.raises(TransientError):
            sample_client(server).get_list("projects")
    first, second = waits[:8], waits[8:]
    assert len(second) == 8
    assert first != second
    for waited in (first, second):
        for number, wait in enumerate(waited):
            longest = min(60, 0.5 * 2**number)
            assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    "play", [faults.stall(3), faults.drip(10)], ids=["late", "dripping"]
)
def test_an_answer_that_takes_too_long_is_given_up(
    server: SampleServer,
    play: faults.Play,
) -> None:
    server.faults = [faults.Fault(play)]
    rows = sample_client(server, timeout=1).get_list("issues", {"count": 100})
    assert len(rows) == 100


def test_a_body_without_end_is_given_up(server: SampleServer, waits: list[float]) -> None:
    def flood(handler: Any, _: object) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        while True:
            handler.wfile.write(b" " * 2**20)

    server.faults = [faults.Fault(flood)]
    with pytest.raises(BacklogError, match=f"more than {MAX_BODY_BYTES >> 20} MiB"):
        sample_client(server).get_list("projects")
    assert not waits


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "report this"),
        (401, "Check `api_key`"),
        (402, "licence"),
        (403, "lacks the right"),
        (404, "Check `host`"),
        (418, "report this"),
    ],
)
def test_a_refusal_is_told_at_once(
    server: SampleServer,
    waits: list[float],
    status: int,
    words: str,
) -> None:
    server.faults = [faults.Fault(faults.error(status, 99, "Nope."), times=None)]
    with pytest.raises(RefusedError, match=words) as caught:
        sample_client(server).get_list("projects")
    assert f"GET /api/v2/projects (HTTP {status}: Nope. (code 99))" in str(caught.value)
    assert not waits
    assert server.count() == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"errors":[]}', b'{"errors":7}', b"<p>No</p>"]
)
def test_a_refusal_of_any_shape_is_told(server: SampleServer, body: bytes) -> None:
    server.faults = [faults.Fault(faults.instead(Answer(403, body)))]
    with pytest.raises(RefusedError, match="HTTP 403"):
        sample_client(server).get_list("projects")


def test_the_rate_limit_is_waited_for_and_is_no_failure(
    server: SampleServer,
    waits: list[float],
) -> None:
    server.faults = [faults.Fault(faults.too_many(), times=20)]
    rows = sample_client(server, max_retries=0).get_list("projects")
    assert rows
    assert len(waits) == 20


def test_without_a_reset_the_wait_is_a_minute(
    server: SampleServer,
    waits: list[float],
) -> None:
    server.faults = [faults.Fault(faults.too_many(Reset="none"))]
    sample_client(server).get_list("projects")
    assert waits == [60]


def test_the_rate_limit_of_the_space_is_met_and_survived(
    server: SampleServer,
    waits: list[float],
) -> None:
    server.space.options.limits["search"] = 3
    asked = sample_client(server)

    def reopen(*_: object) -> None:
        if server.count() > 5:
            server.space.options.limits["search"] = 100

    server.before_answer = reopen
    for offset in range(0, 400, 100):
        asked.get_list("issues", {"offset": offset})
    assert waits
    assert all(1 <= wait <= 61 for wait in waits)


def test_words_from_outside_hold_no_key_and_no_control_character(
    server: SampleServer,
) -> None:
    play = faults.error(403, 5, f"\x1b[31mno\r\nfor {server.space.options.admin_key}\x00")
    server.faults = [faults.Fault(play)]
    auth = HeaderKeyAuth(server.space.options.admin_key)
    url = f"{server.url}/api/v2"
    redactor = Redactor([server.space.options.admin_key])
    with pytest.raises(RefusedError) as caught:
        client(url, auth, redactor=redactor).get_list("projects")
    assert str(caught.value).isprintable()
    assert server.space.options.admin_key not in str(caught.value)
    assert "no for [redacted]" in caught.value.reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError("certificate verify failed"), "TLS failed"),
        (requests.exceptions.ProxyError("no tunnel"), "proxy"),
        (requests.exceptions.ReadTimeout("slow"), "cut off"),
    ],
)
def test_failures_of_the_network_are_told(
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/projects", body=error)
        with pytest.raises(TransientError, match=words) as caught:
            client(auth=QueryKeyAuth(KEY)).get_list("projects")
    assert KEY not in str(caught.value)
    assert len(waits) <= 8


def test_a_connection_that_never_came_about_is_soon_given_up(waits: list[float]) -> None:
    with pytest.raises(UnreachableError, match=r"Cannot connect to 127\.0\.0\.1:1 "):
        client("http://127.0.0.1:1/api/v2").get_list("projects")
    assert len(waits) == 2


def test_a_connection_that_is_lost_is_waited_for(
    server: SampleServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = sample_client(server)
    asked.get_list("projects")
    server.__exit__(None, None, None)
    restarted: list[float] = []

    def restart(seconds: float) -> None:
        restarted.append(seconds)
        if len(restarted) == 5:
            server.__enter__()

    monkeypatch.setattr("time.sleep", restart)
    assert asked.get_list("projects")
    assert len(restarted) == 5


def test_proxies_and_certificates_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    session = open_session(URL, "x")
    assert session.proxies["https"] == "http://proxy.example.com:3128"
    assert session.verify == str(authority)


def test_a_password_file_does_not_replace_the_key(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    server: SampleServer,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password pw\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sample_client(server).get_list("projects")
    assert "authorization" not in server.requests[0].headers


def test_confirming_a_key_costs_one_request(server: SampleServer) -> None:
    refusal = RefusedError("GET x", 403, 5, "no")
    asked = sample_client(server)
    asked.confirm_key(refusal)
    asked.confirm_key(refusal)
    asked.confirm_key(RefusedError("GET y", 404, 6, "no"))
    assert [request.path for request in server.requests] == ["users/myself"]


def test_a_key_that_is_in_doubt_is_confirmed_at_the_end(server: SampleServer) -> None:
    asked = sample_client(server)
    refusal = RefusedError("GET x", 401, 11, "no")
    for _ in range(3):
        asked.confirm_key(refusal)
    assert server.count("users/myself") == 1
    asked.confirm_end()
    assert server.count("users/myself") == 2
    asked.confirm_key(refusal)
    asked.get_object("space")
    asked.confirm_end()
    assert server.count("users/myself") == 2
    asked.confirm_key(refusal)
    server.space.options.admin_key = "another"
    with pytest.raises(RefusedError):
        asked.confirm_end()


@pytest.mark.parametrize(("status", "code"), [(403, 4), (402, 3), (402, None), (401, 12)])
def test_some_refusals_concern_the_whole_space(
    server: SampleServer,
    status: int,
    code: int | None,
) -> None:
    refusal = RefusedError("GET x", status, code, "no")
    with pytest.raises(RefusedError):
        sample_client(server).confirm_key(refusal)
    assert server.count() == 0


def test_json_is_read_to_the_digit(server: SampleServer) -> None:
    body = b'[{"id": 9007199254740993, "n": 0.10, "m": 1e400, "z": -0.0}]'
    server.faults = [faults.Fault(faults.instead(Answer(200, body)))]
    row = plain(sample_client(server).get_list("projects")[0])
    assert row["id"] == 9007199254740993
    assert [str(row[name]) for name in ("n", "m", "z")] == ["0.10", "1E+400", "-0.0"]
    assert json.loads(body)[0]["n"] == 0.1
