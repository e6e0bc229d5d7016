"""One connection of a client: requests come in, and answers go out."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from sample_space.answers import Answer


class Handler(BaseHTTPRequestHandler):
    """A connection that the server and its faults write to; it knows neither of them."""

    protocol_version = "HTTP/1.1"
    server_version = "sample-space"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request, or let it go wrong."""
        self.serve(None)

    def do_POST(self) -> None:
        """Answer a form that was sent."""
        length = int(self.headers.get("Content-Length") or 0)
        form = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
        self.serve({name: values[-1] for name, values in form.items()})

    def serve(self, form: dict[str, str] | None) -> None:
        """Do with a request what the server wants; only a POST has a form."""
        raise NotImplementedError

    def send_answer(self, answer: Answer) -> None:
        """Send an answer, packed if the client accepts that."""
        body = answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 1000:
            body = gzip.compress(body, compresslevel=1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing: stderr belongs to the programs that use the space."""
