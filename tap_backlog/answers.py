"""What an answer of Backlog means: rows, a passing failure, or a refusal."""

from __future__ import annotations

import decimal
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from tap_backlog.errors import BacklogError, RefusedError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REDIRECTS = range(300, 400)
_BAD_REQUEST = 400
_REQUEST_TIMEOUT = 408
_SERVER_ERROR = 500

_NOT_JSON = object()


@dataclass
class Answer:
    """One answer as it came.

    Args:
        asked: The request, for messages, such as ``GET /api/v2/issues``.
        status: HTTP status.
        headers: HTTP headers.
        body: The body, unpacked.
    """

    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def read_answer(
    answer: Answer,
    expected: type[list[Any] | dict[str, Any]],
    clean: Callable[[str], str],
) -> Any:  # noqa: ANN401
    """Return the content of an answer.

    Args:
        answer: Any answer but a 429.
        expected: ``list`` where rows are due, ``dict`` where one object is.
        clean: Makes words from outside fit to be told.

    Raises:
        TransientError: Asking again may help: an outage, no JSON, another shape.
        RefusedError: Backlog says no, with any other 4xx.
        BacklogError: The answer points elsewhere.
    """
    asked, status = answer.asked, answer.status
    if status in _REDIRECTS:
        _refuse_redirect(
            asked, status, clean(_host_of(answer.headers.get("Location", "")))
        )
    content = _decode(answer.body)
    words = clean(_words(content, answer.body))
    if status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT:
        message = (
            f"{asked} failed with HTTP {status}: {words}. "
            "Backlog may be under maintenance; try again later."
        )
        raise TransientError(message)
    if status >= _BAD_REQUEST:
        raise RefusedError(asked, status, _code(content), words)
    if content is _NOT_JSON:
        message = (
            f"{asked} was answered with something that is no JSON: {words}. "
            "Check `host`; or Backlog is under maintenance, then try again later."
        )
        raise TransientError(message)
    if not _is_expected(content, expected):
        what = "a list of rows" if expected is list else "one object"
        message = (
            f"{asked} was answered with something else than {what}: {words}. "
            "Check `host`; where it is right, try again later."
        )
        raise TransientError(message)
    return content


def _refuse_redirect(asked: str, status: int, host: str) -> NoReturn:
    message = (
        f"{asked} was redirected to {host or 'another page'} (HTTP {status}), where "
        "the key must not follow. Check that `host` is the space's own address."
    )
    raise BacklogError(message)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _decode(body: bytes) -> object:
    try:
        return json.loads(
            body.decode(),
            parse_float=decimal.Decimal,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        return _NOT_JSON


def _refuse_constant(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(constant)


def _is_expected(content: object, expected: type) -> bool:
    if not isinstance(content, expected):
        return False
    return not isinstance(content, list) or all(isinstance(row, dict) for row in content)


def _first_error(content: object) -> dict[str, Any]:
    """Return the first entry of ``{"errors": [...]}``, or an empty one."""
    match content:
        case {"errors": [dict(first), *_]}:
            return first
        case _:
            return {}


def _code(content: object) -> int | None:
    code = _first_error(content).get("code")
    return code if isinstance(code, int) else None


def _words(content: object, body: bytes) -> str:
    """Return the server's own words in one short line."""
    if error := _first_error(content):
        info = f", {error['moreInfo']}" if error.get("moreInfo") else ""
        return f"{error.get('message')} (code {error.get('code')}{info})"[:300]
    text = body[:2000].decode(errors="replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
    text = " ".join((title.group(1) if title else text).split())
    return f"'{text[:120]}'" if text else "nothing"
