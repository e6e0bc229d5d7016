"""The HTTP side of the sample space: keys, limits, errors, faults."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

from sample_space.answers import Answer, ApiError, html_answer, json_answer
from sample_space.endpoints.registry import ask
from sample_space.quota import Quota, class_of
from sample_space.wire.handler import Handler
from sample_space.wire.oauth import (
    AUTHORIZE_PATH,
    TOKEN_PATH,
    AuthorizationServer,
    BearerError,
)
from sample_space.wire.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from sample_space.options import Options
    from sample_space.space import Space
    from sample_space.wire.faults import Fault

Row = dict[str, Any]

API_PATH = "/api/v2/"


@dataclass
class SampleServer:
    """Serves a space on a loopback address, in its own thread.

    Use it as a context manager. The requests that came are in ``requests``.

    Args:
        space: The space to serve.
        port: Port to listen on; 0 takes a free one.
        faults: What goes wrong, in turn; see ``sample_space.faults``.
        before_answer: Called before each answer is made, for example to edit while
            the tap reads.
    """

    space: Space
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    before_answer: Callable[[Request], None] | None = None
    requests: list[Request] = field(default_factory=list)
    _quotas: dict[str, Quota] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Keep the tokens beside the space."""
        self.oauth = AuthorizationServer(self.space.options)

    def __enter__(self) -> Self:
        """Start to serve."""
        self._http = _Server(("127.0.0.1", self.port), _Handler)
        self._http.sample = self
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.01},
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        for connection in list(self._http.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    @property
    def url(self) -> str:
        """The value for the tap's setting ``host``."""
        return f"http://127.0.0.1:{self.port}{self.space.options.context_path}"

    def count(self, path: str | None = None) -> int:
        """Return how many requests came, in all or for one path below the API."""
        return sum(path is None or r.path == path for r in self.requests)

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        with self._lock:
            self.requests.append(request)
            if self.before_answer:
                self.before_answer(request)
            try:
                return self._answer(request)
            except (ApiError, BearerError) as error:
                return error.answer()

    def _answer(self, request: Request) -> Answer:
        options = self.space.options
        if request.path == options.context_path + AUTHORIZE_PATH:
            return self.oauth.authorize({k: v[-1] for k, v in request.query.items()})
        if request.path == TOKEN_PATH and request.form is not None:
            return self.oauth.token(request.form)
        if request.path.startswith("/") or request.form is not None:
            return html_answer(404, "Not Found")
        user = self._user(request, options)
        quota = self._quotas.setdefault(str(user["id"]), Quota(options.limits))
        kind = class_of(request.path)
        if not quota.take(kind):
            answer = ApiError(429, 13, "Too many requests.").answer()
        else:
            answer = self._handle(request, user, quota)
        answer.headers |= quota.headers(kind)
        return answer

    def _handle(self, request: Request, user: Row, quota: Quota) -> Answer:
        query = {k: v for k, v in request.query.items() if k != "apiKey"}
        try:
            return json_answer(ask(self.space, user, quota, request.path, query))
        except ApiError as error:
            return error.answer()

    def _user(self, request: Request, options: Options) -> Row:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer:
            self.oauth.check(bearer)
            return self.space.users[0]
        key = request.query.get("apiKey", [""])[-1]
        if not key and options.knows_header_key:
            key = request.headers.get("backlog-api-key", "")
        owners = {options.admin_key: 0, options.member_key: 1}
        if key not in owners:
            raise ApiError(401, 11, "Authentication failure.")
        return self.space.users[owners[key]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    sample: SampleServer

    def __init__(self, *args: Any) -> None:  # noqa: ANN401
        super().__init__(*args)
        self.connections: set[socket.socket] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing about clients that close the connection."""


class _Handler(Handler):
    def setup(self) -> None:
        """Record the connection, so that a server that stops can end it."""
        super().setup()
        cast("_Server", self.server).connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        cast("_Server", self.server).connections.discard(self.connection)
        super().finish()

    def serve(self, form: dict[str, str] | None) -> None:
        """Answer a request, or let it go wrong."""
        sample = cast("_Server", self.server).sample
        url = urlsplit(self.path)
        root = sample.space.options.context_path + API_PATH
        request = Request(
            path=url.path.removeprefix(root),
            query=parse_qs(url.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            client=(self.client_address[0], self.client_address[1]),
            form=form,
        )
        answer = sample.answer(request)
        for fault in sample.faults:
            if fault.strikes(request):
                fault.play(self, answer)
                return
        self.send_answer(answer)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return what the ``Date`` header says."""
        space = cast("_Server", self.server).sample.space
        if timestamp is None and space.options.tells_time_of_space:
            timestamp = space.now.timestamp()
        return super().date_time_string(timestamp)


def describe(server: SampleServer) -> str:
    """Return what a user needs to read the space, as the tap's config."""
    options = server.space.options
    return json.dumps({"host": server.url, "api_key": options.admin_key})
