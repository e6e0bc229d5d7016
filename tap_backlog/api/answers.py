"""What an answer from Backlog means: rows, a transient failure, or a refusal."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError, TransientError
from tap_backlog.hosts import other_domains
from tap_backlog.rows import RawRows, ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_NO_CONTENT = 204
_REDIRECTS = range(300, 400)
_BAD_REQUEST = 400
_NOT_FOUND = 404
_REQUEST_TIMEOUT = 408
_SERVER_ERROR = 500


@dataclass
class Answer:
    """One answer, as received.

    Args:
        asked: The request, for messages, such as ``GET /api/v2/issues``.
        status: HTTP status.
        headers: HTTP headers.
        body: The body, decompressed.
        base_url: Root of the API that answered.
    """

    asked: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    base_url: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether it says that nothing exists: no content, or null.

        See docs/api-facts.md, "Requests and answers".
        """
        return self.status == _NO_CONTENT or self.body.strip() == b"null"

    @cached_property
    def raw_rows(self) -> RawRows:
        """The rows in it, if it is a list."""
        return RawRows(self.body)


def read_answer(
    answer: Answer,
    decode: Callable[[Answer], T],
    clean: Callable[[str], str],
) -> T:
    """Return the content of an answer.

    Args:
        answer: Any answer except a 429.
        decode: Reads what was asked for, rows or one object.
        clean: Makes text from outside safe to show.

    Raises:
        TransientError: Asking again may help: an outage, unexpected JSON or no JSON.
        RefusedError: Backlog says no, with any other 4xx.
        BacklogError: The answer is a redirect.
    """
    asked, status = answer.asked, answer.status
    if status in _REDIRECTS:
        _refuse_redirect(answer, clean)
    if status >= _BAD_REQUEST:
        _refuse_status(answer, clean)
    try:
        return decode(answer)
    except ShapeError:
        message = (
            f"{asked} returned unexpected JSON: {clean(_excerpt(answer.body))}. "
            "Check `host`; if it is right, try again later."
        )
    except ValueError:
        message = (
            f"{asked} returned something that is not JSON: "
            f"{clean(_excerpt(answer.body))}. "
            "Check `host`; if Backlog is under maintenance, try again later."
        )
    raise TransientError(message)


def _refuse_redirect(answer: Answer, clean: Callable[[str], str]) -> NoReturn:
    asked, own = answer.asked, _split(answer.base_url)
    to = _split(answer.headers.get("Location", ""))
    if (own.scheme, to.scheme) == ("http", "https") and own.hostname == to.hostname:
        message = (
            f"{asked} was redirected to https (HTTP {answer.status}). Write `https://` "
            "instead of `http://` in `host`."
        )
        raise BacklogError(message)
    message = (
        f"{asked} was redirected to {clean(to.hostname or '') or 'another page'} "
        f"(HTTP {answer.status}); the key must not follow there. Check that `host` is "
        "the space's own address."
    )
    raise BacklogError(message)


def _refuse_status(answer: Answer, clean: Callable[[str], str]) -> NoReturn:
    asked, status = answer.asked, answer.status
    error = _first_error(answer.body)
    words = clean(_words(error) or _bearer_words(answer) or _excerpt(answer.body))
    if status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT:
        message = (
            f"{asked} failed with HTTP {status}: {words}. "
            "Backlog may be under maintenance; try again later."
        )
        raise TransientError(message)
    code = error.get("code")
    code = code if isinstance(code, int) else None
    advice = _no_space_advice(answer, code, words) if status == _NOT_FOUND else None
    raise RefusedError(asked, status, code, words, advice)


def _no_space_advice(answer: Answer, code: int | None, words: str) -> str | None:
    """Return advice if Nulab's cloud answers that it has no space at the host."""
    host = _split(answer.base_url).hostname or ""
    others = other_domains(host)
    says_so = code is None or all(
        part in words.lower() for part in ("space", "not found")
    )
    if not (others and says_so):
        return None
    return (
        f"There seems to be no space at {host}. Check `host`: is it "
        f"{' or '.join(others)}, as in your browser?"
    )


def _split(url: str) -> SplitResult:
    """Return the parts of a URL; all are empty if it is not a URL."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname
    except ValueError:
        return urlsplit("")
    return parts


def _first_error(body: bytes) -> dict[str, Any]:
    """Return the first entry of ``{"errors": [...]}``, or an empty dict."""
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    match content:
        case {"errors": [dict(first), *_]}:
            return first
        case _:
            return {}


def _words(error: dict[str, Any]) -> str:
    """Return Backlog's own error text in one short line."""
    if not error:
        return ""
    info = f", {error['moreInfo']}" if error.get("moreInfo") else ""
    return f"{error.get('message')} (code {error.get('code')}{info})"[:300]


def _bearer_words(answer: Answer) -> str:
    """Return what is wrong with an access token: only a header says it, no body.

    See docs/api-facts.md, "OAuth 2.0".
    """
    challenge = answer.headers.get("WWW-Authenticate", "")
    return " ".join(re.findall(r'error(?:_description)?="([^"]*)"', challenge))[:300]


def _excerpt(body: bytes) -> str:
    """Return the beginning of an unexpected body, or its HTML title."""
    text = body[:2000].decode(errors="replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
    text = " ".join((title.group(1) if title else text).split())
    return f"'{text[:120]}'" if text else "nothing"
