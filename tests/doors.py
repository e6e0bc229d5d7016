"""Loopback servers at which a connection fails: TLS of all kinds, and proxies.

``certificates/server.pem`` is a certificate for localhost and ``*.backlog.com``, with its
key. Only these tests know its authority (``certificates/authority.pem``).
"""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import threading
from typing import TYPE_CHECKING, Any

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CERTIFICATES = ROOT / "tests" / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each connection on a loopback port, in a thread; yield the port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    """Read a request up to its empty line, answer, and close the connection."""

    def serve(connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
            received += part
        connection.sendall(answer)

    return serve


def over_tls(
    serve: Callable[[socket.socket], None],
) -> Callable[[socket.socket], None]:
    """Serve over TLS, with the certificate of the tests."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")

    def serve_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            serve(wrapped)

    return serve_tls


def tunnel_to(port: int) -> Callable[[socket.socket], None]:
    """Act as a proxy that connects all clients to one loopback port."""

    def serve(connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        with socket.create_connection(("127.0.0.1", port)) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {connection: other, other: connection}
            while True:
                for ready in select.select(list(ends), [], [], 10)[0]:
                    part = ready.recv(65536)
                    if not part:
                        return
                    ends[ready].sendall(part)

    return serve
