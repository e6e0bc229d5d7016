"""Answers and errors, in the shapes of Backlog (docs/api-facts.md, "Errors")."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Answer:
    """An answer to a request."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A request that is refused.

    Args:
        status: HTTP status.
        code: Backlog's error code.
        message: Backlog's message.
    """

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Answer:
        """Return the answer that says so."""
        error = {"message": self.message, "code": self.code, "moreInfo": ""}
        return json_answer({"errors": [error]}, self.status)


def json_answer(content: object, status: int = 200) -> Answer:
    """Return an answer that holds JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json;charset=utf-8"})


def html_answer(status: int, title: str) -> Answer:
    """Return a web page, such as a gateway or a maintenance page sends."""
    body = (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    )
    return Answer(status, body.encode(), {"Content-Type": "text/html;charset=utf-8"})
