"""An error names what blocks the way to the server; wrong settings are not retried."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses

from tap_backlog.api.network_errors import connection_error
from tap_backlog.errors import BacklogError, UnreachableError
from tests.doors import (
    AUTHORITY,
    closed_port,
    listening,
    over_tls,
    saying,
    tunnel_to,
)
from tests.support import run
from tests.test_client import client
from tests.test_command import error_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from socket import socket

    from sample_space import SampleServer

Row = dict[str, Any]

KEY = "Secret/Key+with=signs"
SPACE = {"host": "example.backlog.com", "api_key": KEY}
WORD = "proxy:p%40ss"
NOTHING_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def line_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a run that did not try again."""
    assert "Trying again" not in result.stderr
    assert "p%40ss" not in result.stderr
    assert "p@ss" not in result.stderr
    return error_of(result).split(" | ", 3)[3].strip()


def answer(status: str, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Length: 0",
        "Connection: close",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def test_https_on_a_plain_port_is_told(tmp_path: Path, server: SampleServer) -> None:
    host = f"https://127.0.0.1:{server.port}"
    assert line_of(run(tmp_path, {"host": host, "api_key": KEY})) == (
        f"TLS failed at 127.0.0.1:{server.port}: it speaks plain http at this port. "
        "Check the port in `host`; for a server on this machine, write `http://` before "
        "it."
    )


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_port_of_something_else_is_told(tmp_path: Path, said: bytes) -> None:
    with listening(saying(said)) as port:
        result = run(tmp_path, {"host": f"http://127.0.0.1:{port}", "api_key": KEY})
    assert line_of(result) == (
        f"127.0.0.1:{port} does not speak HTTP (SSH-2.0-OpenSSH_9.2). Check `host` and "
        "its port."
    )


def test_a_certificate_of_another_authority_is_told(tmp_path: Path) -> None:
    with listening(over_tls(saying(NOTHING_FOUND))) as port:
        config = {"host": f"localhost:{port}", "api_key": KEY}
        alone = line_of(run(tmp_path, config))
        other = tmp_path / "other.pem"
        other.write_bytes(AUTHORITY.read_bytes())
        named = run(tmp_path, config, env={"REQUESTS_CA_BUNDLE": str(other)})
    assert alone == (
        f"TLS failed at localhost:{port}: its certificate comes from an authority that "
        "is not trusted here (unable to get local issuer certificate). If a proxy or a "
        "server of your own made it, name the file of its authority in "
        "REQUESTS_CA_BUNDLE."
    )
    assert "HTTP 404" in line_of(named)


def test_a_file_of_certificates_that_lacks_the_authority_is_told(tmp_path: Path) -> None:
    import certifi  # noqa: PLC0415

    with listening(over_tls(saying(NOTHING_FOUND))) as port:
        config = {"host": f"localhost:{port}", "api_key": KEY}
        env = {"CURL_CA_BUNDLE": certifi.where()}
        line = line_of(run(tmp_path, config, env=env))
    assert line.endswith("Add its authority to the file that CURL_CA_BUNDLE names.")


def test_a_certificate_of_another_host_is_told(tmp_path: Path) -> None:
    with listening(over_tls(saying(NOTHING_FOUND))) as port:
        env = {"REQUESTS_CA_BUNDLE": str(AUTHORITY)}
        config = {"host": f"127.0.0.2:{port}", "api_key": KEY}
        with listening(tunnel_to(port)) as proxy:
            env["HTTPS_PROXY"] = f"http://127.0.0.1:{proxy}"
            line = line_of(run(tmp_path, config, env=env))
    assert line == (
        f"TLS failed at 127.0.0.2:{port}: its certificate is for another host. Check "
        "`host`."
    )


def test_a_certificate_that_has_expired_is_told() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "certificate has expired"
    error = connection_error(
        "GET /x", "https://a.co.jp/api/v2", requests.exceptions.SSLError(cause), str
    )
    assert str(error) == (
        "TLS failed at a.co.jp: certificate has expired. Check the clock of this "
        "machine; if it is right, the owner of the server has to renew the certificate."
    )


def test_a_redirect_to_https_is_told(tmp_path: Path) -> None:
    to = "Location: https://127.0.0.1/api/v2/space"
    with listening(saying(answer("301 Moved Permanently", to))) as port:
        result = run(tmp_path, {"host": f"http://127.0.0.1:{port}", "api_key": KEY})
    line = line_of(result)
    assert "was redirected to https (HTTP 301)." in line
    assert line.endswith("Write `https://` instead of `http://` in `host`.")


# --- Proxies


def of_status(status: str) -> Callable[[socket], None]:
    return saying(answer(status))


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (
            of_status("404 Not Found"),
            (
                "is not a proxy (Tunnel connection failed: 404 Not Found). Correct "
                "HTTPS_PROXY, or list the host in NO_PROXY."
            ),
        ),
        (
            of_status("501 Not Implemented"),
            (
                "is not a proxy (Tunnel connection failed: 501 Not Implemented). Correct "
                "HTTPS_PROXY, or list the host in NO_PROXY."
            ),
        ),
        (
            saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
            (
                "is not a proxy (SSH-2.0-OpenSSH_9.2). Correct HTTPS_PROXY, or list the "
                "host in NO_PROXY."
            ),
        ),
        (
            of_status("407 Proxy Authentication Required"),
            (
                "asks for another user name or password (Tunnel connection failed: 407 "
                "Proxy Authentication Required). Write it into HTTPS_PROXY, as "
                "http://USER:PASSWORD@HOST:PORT."
            ),
        ),
        (
            of_status("403 Forbidden"),
            (
                "does not allow example.backlog.com (Tunnel connection failed: 403 "
                "Forbidden). Ask its administrator to allow it."
            ),
        ),
    ],
)
def test_a_wrong_proxy_is_told(
    tmp_path: Path, serve: Callable[[socket], None], expected: str
) -> None:
    with listening(serve) as port:
        env = {"HTTPS_PROXY": f"http://{WORD}@127.0.0.1:{port}"}
        line = line_of(run(tmp_path, SPACE, env=env))
    assert line == f"The proxy 127.0.0.1:{port} (HTTPS_PROXY) {expected}"


def test_a_proxy_that_asks_for_a_password_is_told(tmp_path: Path) -> None:
    with listening(of_status("407 Who are you")) as port:
        env = {"all_proxy": f"127.0.0.1:{port}"}
        line = line_of(run(tmp_path, SPACE, env=env))
    assert line == (
        f"The proxy 127.0.0.1:{port} (all_proxy) asks for a password (Tunnel connection "
        "failed: 407 Who are you). Write it into all_proxy, as "
        "http://USER:PASSWORD@HOST:PORT."
    )


def test_a_proxy_that_does_not_listen_is_told(tmp_path: Path) -> None:
    port = closed_port()
    env = {"HTTPS_PROXY": f"http://{WORD}@127.0.0.1:{port}"}
    assert line_of(run(tmp_path, SPACE, env=env)) == (
        f"The proxy 127.0.0.1:{port} (HTTPS_PROXY) cannot be reached (Connection "
        "refused). Correct HTTPS_PROXY, or list the host in NO_PROXY."
    )


def test_an_unknown_proxy_is_told(tmp_path: Path) -> None:
    env = {"https_proxy": f"http://{WORD}@proxy.invalid:3128"}
    line = line_of(run(tmp_path, SPACE, env=env))
    assert line.startswith("The proxy proxy.invalid:3128 (https_proxy) is not known (")
    assert line.endswith("). Correct https_proxy, or list the host in NO_PROXY.")


def test_a_proxy_that_is_asked_by_tls_in_vain_is_told(
    tmp_path: Path, server: SampleServer
) -> None:
    env = {"HTTPS_PROXY": f"https://127.0.0.1:{server.port}"}
    assert line_of(run(tmp_path, SPACE, env=env)) == (
        f"The proxy 127.0.0.1:{server.port} (HTTPS_PROXY) speaks plain http, so it must "
        "begin with `http://`. Correct HTTPS_PROXY, or list the host in NO_PROXY."
    )


def test_a_proxy_with_an_unknown_certificate_is_told(tmp_path: Path) -> None:
    with listening(over_tls(saying(NOTHING_FOUND))) as port:
        env = {"HTTPS_PROXY": f"https://127.0.0.1:{port}"}
        line = line_of(run(tmp_path, SPACE, env=env))
    assert line.startswith(
        f"The proxy 127.0.0.1:{port} (HTTPS_PROXY) cannot be trusted: TLS failed ("
    )


def test_a_proxy_in_front_of_plain_http_that_asks_for_a_password_is_told(
    tmp_path: Path, config: Row
) -> None:
    with listening(of_status("407 Proxy Authentication Required")) as port:
        env = {"HTTP_PROXY": f"http://127.0.0.1:{port}"}
        line = line_of(run(tmp_path, config, env=env))
    assert line.endswith(
        "The proxy asks for a user name and a password: write them into HTTP_PROXY, or "
        "list the host in NO_PROXY."
    )


def test_a_server_behind_a_proxy_that_is_down_is_tried_again(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(of_status("503 Service Unavailable")) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(UnreachableError) as caught:
            client().get_list("projects")
    assert str(caught.value) == (
        f"The proxy 127.0.0.1:{port} (HTTPS_PROXY) cannot reach example.backlog.com "
        "(Tunnel connection failed: 503 Service Unavailable). Check `host`, and the "
        "network behind the proxy."
    )
    assert len(waits) == 2


def test_a_proxy_that_has_worked_is_tried_again(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that restarts in the middle of a run is not a wrong setting."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(AUTHORITY))
    rows = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]"
    with listening(over_tls(saying(rows))) as port:
        serve = tunnel_to(port)
        turns = iter([serve, of_status("407 x"), of_status("404 x"), serve])

        def serve_next(connection: socket) -> None:
            next(turns)(connection)

        with listening(serve_next) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
            asked = client()
            assert asked.get_list("projects") == []
            assert asked.get_list("projects") == []
    assert len(waits) == 2


# --- A space in another domain


@contextlib.contextmanager
def cloud(page: bytes) -> Iterator[dict[str, str]]:
    """Act as Nulab's cloud behind a proxy; yield the environment."""
    html = (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(page), page)
    )
    with (
        listening(over_tls(saying(html))) as port,
        listening(tunnel_to(port)) as proxy,
    ):
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
            "REQUESTS_CA_BUNDLE": str(AUTHORITY),
        }


@pytest.mark.parametrize(
    ("host", "others"),
    [
        ("example.backlog.com", "example.backlog.jp or example.backlogtool.com"),
        ("example.backlog.jp", "example.backlog.com or example.backlogtool.com"),
    ],
)
def test_a_space_of_another_domain_is_asked_for(
    tmp_path: Path, host: str, others: str
) -> None:
    with cloud(b"<html><title>Not Found Space</title></html>") as env:
        line = line_of(run(tmp_path, {"host": host, "api_key": KEY}, env=env))
    assert "(HTTP 404: 'Not Found Space')" in line
    assert line.endswith(
        f"There seems to be no space at {host}. Check `host`: is it {others}, as in your "
        "browser?"
    )


CLOUD = "There seems to be no space at example.backlog.com."
ENTERPRISE = "Check `host`; for Backlog Enterprise it includes the context path."


@responses.activate
@pytest.mark.parametrize(
    ("url", "body", "advice"),
    [
        (
            "https://example.backlog.com",
            {"code": 6, "message": "No project."},
            ENTERPRISE,
        ),
        ("https://example.backlog.com", {"code": 6, "message": "Not Found Space"}, CLOUD),
        ("https://backlog.example.co.jp", {"message": "Not Found Space"}, ENTERPRISE),
    ],
)
def test_what_is_not_there_in_a_space_is_no_question_of_the_domain(
    url: str, body: Row, advice: str
) -> None:
    responses.get(f"{url}/api/v2/x", json={"errors": [body]}, status=404)
    with pytest.raises(BacklogError) as caught:
        client(f"{url}/api/v2").get_list("x")
    assert advice in str(caught.value)
