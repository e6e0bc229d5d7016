"""One kept-open connection: how it is set up, and how an answer is read from it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from tap_backlog import __version__
from tap_backlog.api import environment
from tap_backlog.api.unpacking import ACCEPTED, unpacker
from tap_backlog.errors import BacklogError

if TYPE_CHECKING:
    from requests import PreparedRequest
    from urllib3.connectionpool import ConnectionPool

USER_AGENT = f"tap-backlog/{__version__}"

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Far above any page of Backlog; anything larger is something else."""

MAX_RATIO, MAX_BOMB_BYTES = 100, 16 * 1024 * 1024
"""How many times smaller than its content a body may be, and the size above which that
counts: text that people write does not compress like this."""

FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError)
"""Errors that sending and reading can raise."""

_CHUNK_BYTES = 256 * 1024


class OneHostAdapter(HTTPAdapter):
    """Skips work that requests repeats for every request, and that is not needed here.

    Pool and CA file are looked up once. This is right as long as all requests go to one
    host, through at most one proxy. Answers come without cookies and encoding.
    """

    _pool: ConnectionPool | None = None
    _is_verified = False

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return the pool of connections to the host."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Set the pool up for TLS."""
        if not self._is_verified:
            super().cert_verify(*args, **kwargs)  # type: ignore[no-untyped-call]
            self._is_verified = True

    def request_url(
        self,
        request: PreparedRequest,
        proxies: Any,  # noqa: ANN401
    ) -> str:
        """Return the target in the first line of a request."""
        if proxies:
            return str(super().request_url(request, proxies))
        url = request.url or ""
        return url[url.index("/", url.index("://") + 3) :]

    def build_response(self, req: PreparedRequest, resp: Any) -> requests.Response:  # noqa: ANN401
        """Return an answer: status, headers, and a body that is not read yet."""
        response = requests.Response()
        response.status_code, response.headers = resp.status, resp.headers
        response.raw, response.request = resp, req
        return response

    def close(self) -> None:
        """Close all connections; the next request opens another."""
        super().close()
        self._pool, self._is_verified = None, False


def open_session(base_url: str, user_agent: str) -> requests.Session:
    """Return a session for one host: kept alive, gzip accepted, TLS verified.

    Args:
        base_url: Where the requests go; decides which proxy is used.
        user_agent: The ``User-Agent`` header.

    Raises:
        BacklogError: The environment names a proxy or a file of certificates that
            cannot be used.
    """
    session = requests.Session()
    adapter = OneHostAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = user_agent
    session.headers["Accept"] = "application/json"
    session.headers["Accept-Encoding"] = ACCEPTED
    # With trust_env, requests would look these up again for every request, and
    # send the passwords from ~/.netrc.
    session.trust_env = False
    session.proxies.update(environment.proxies(base_url))
    session.verify = environment.ca_bundle(base_url) or True
    return session


def read_body(response: requests.Response, deadline: float) -> bytes:
    """Return the body of a streamed response, decompressed.

    Args:
        response: A response to a request with ``stream=True``.
        deadline: When to give up, by ``time.monotonic()``.

    Raises:
        requests.ReadTimeout: The deadline passed.
        BacklogError: The body is larger than any page.
    """
    unpack = unpacker(response.headers.get("Content-Encoding", ""))
    chunks: list[bytes] = []
    size = packed_size = 0
    # One read of the socket at a time: a body that arrives very slowly must not pass
    # the deadline.
    while part := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        packed_size += len(part)
        for chunk in unpack(part):
            chunks.append(chunk)
            size += len(chunk)
            _check_size(size, packed_size)
        if time.monotonic() > deadline:
            message = "no end of the answer within request_timeout"
            raise requests.ReadTimeout(message)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _check_size(size: int, packed_size: int) -> None:
    is_bomb = size > MAX_RATIO * packed_size
    most = MAX_BOMB_BYTES if is_bomb else MAX_BODY_BYTES
    if size > most:
        message = (
            f"An answer had more than {most >> 20} MiB, which no page of Backlog has. "
            "Check `host`."
        )
        raise BacklogError(message)
