"""What can go wrong on the way: each fault is for certain requests."""

from __future__ import annotations

import gzip
import socket
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sample_space.answers import Answer, ApiError, html_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.wire.handler import Handler
    from sample_space.wire.request import Request

Play: TypeAlias = "Callable[[Handler, Answer], None]"


@dataclass
class Fault:
    """A fault at some requests.

    Args:
        play: Goes wrong, given the handler and the answer that should be sent.
        path: Only requests of this path below the API; all if None.
        skip: Number of such requests that go well before the fault happens.
        times: How often it happens; None for always.
    """

    play: Play
    path: str | None = None
    skip: int = 0
    times: int | None = 1

    def strikes(self, request: Request) -> bool:
        """Whether the fault happens at this request."""
        if self.path not in {None, request.path} or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


def instead(answer: Answer) -> Play:
    """Send another answer."""
    return lambda handler, _: handler.send_answer(answer)


def error(status: int, code: int, message: str) -> Play:
    """Send an error of Backlog."""
    return instead(ApiError(status, code, message).answer())


def maintenance(status: int) -> Play:
    """Send a maintenance page."""
    return instead(html_answer(status, "Maintenance"))


def redirect(location: str) -> Play:
    """Redirect to another address."""
    return instead(Answer(302, b"", {"Location": location}))


def too_many(**headers: str) -> Play:
    """Say that there were too many requests, with the given rate limit headers."""
    answer = ApiError(429, 13, "Too many requests.").answer()
    answer.headers |= {f"X-RateLimit-{name}": value for name, value in headers.items()}
    return instead(answer)


def cut(handler: Handler, answer: Answer) -> None:
    """Close the connection in the middle of the body."""
    handler.send_response(answer.status)
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.close_connection = True


def drop(handler: Handler, _: Answer) -> None:
    """Reset the connection without an answer."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.close()


def stall(seconds: float) -> Play:
    """Answer too late."""

    def play(handler: Handler, answer: Answer) -> None:
        time.sleep(seconds)
        handler.close_connection = True
        handler.send_answer(answer)

    return play


def drip(seconds: float) -> Play:
    """Send the body byte by byte for some time."""

    def play(handler: Handler, answer: Answer) -> None:
        handler.send_response(answer.status)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        until = time.monotonic() + seconds
        for byte in answer.body:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)
            if time.monotonic() > until:
                break
        handler.close_connection = True

    return play


def cut_headers(handler: Handler, _: Answer) -> None:
    """Close the connection in the middle of the headers."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/js")
    handler.close_connection = True


def break_gzip(handler: Handler, answer: Answer) -> None:
    """Send a packed body that breaks off, with a Content-Length that fits it."""
    packed = gzip.compress(answer.body)
    packed = packed[: len(packed) // 2]
    _send_packed(handler, packed)


def send_no_gzip(handler: Handler, answer: Answer) -> None:
    """Say that the body is packed, though it is not."""
    _send_packed(handler, answer.body)


def packed(body: bytes, coding: str) -> Play:
    """Send a body that is already packed."""
    return lambda handler, _: _send_packed(handler, body, coding)


def _send_packed(handler: Handler, body: bytes, coding: str = "gzip") -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", coding)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def misstate_length(difference: int) -> Play:
    """Send a body with a wrong Content-Length."""

    def play(handler: Handler, answer: Answer) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(answer.body) + difference))
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.close_connection = True

    return play
