"""The one HTTP client of a run: asks, waits, asks again, and explains failures."""

from __future__ import annotations

import contextlib
import logging
import random
import time
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import quote_plus, urlsplit

import backoff
import requests

from tap_backlog.api.answers import Answer, read_answer
from tap_backlog.api.auth import BacklogAuth
from tap_backlog.api.background import Ahead
from tap_backlog.api.connection import FAILURES, read_body
from tap_backlog.api.network_errors import connection_error
from tap_backlog.api.rate_limit import Pacer, request_class, seconds_until_reset
from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError, TransientError, UnreachableError
from tap_backlog.rows import decode_row, decode_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from backoff.types import Details
    from requests import PreparedRequest, Session

    from tap_backlog.redaction import Redactor
    from tap_backlog.request import Following, Params
    from tap_backlog.rows import Row

T = TypeVar("T")

_OK = 200
_TOO_MANY_REQUESTS = 429
_LONGEST_BACKOFF = 60
_LONGEST_CONNECT = 30
_FIRST_CONNECTIONS = 3

logger = logging.getLogger("tap-backlog.client")


class BacklogClient:
    """Reads from one space, over one session.

    It sends one request at a time, as Backlog requests (docs/api-facts.md, "Rate
    limits").

    Args:
        base_url: Root of the API, such as ``https://example.backlog.com/api/v2``.
        session: See ``open_session``.
        auth: Adds the credentials to each request.
        redactor: Cleans text from outside before it is shown.
        pacer: Keeps the run within the rate limits.
        timeout: Seconds that one request may take.
        max_retries: How often a request that failed transiently is sent again.
    """

    def __init__(  # noqa: PLR0913
        self,
        base_url: str,
        session: Session,
        auth: BacklogAuth,
        redactor: Redactor,
        *,
        pacer: Pacer | None = None,
        timeout: float,
        max_retries: int,
    ) -> None:
        self.requests_sent = 0
        self.answered_at: str | None = None
        """The ``Date`` header of the last answer."""
        self.first_answered_at: str | None = None
        """The ``Date`` header of the first answer."""
        self.may_look_ahead: Callable[[], bool] = lambda: True
        """Whether the next request may be sent before it is asked for."""
        self._base_url = base_url
        self._redactor = redactor
        self._timeout = timeout
        self.pacer = pacer or Pacer()
        self._session = session
        self._auth = auth
        self._adapter = session.get_adapter(base_url)
        self._request: PreparedRequest | None = None
        self._failed_connections = 0
        self._ahead: Ahead[_Target, Answer] | None = None
        self._has_connected = False
        self._doubt: RefusedError | None = None
        self._patience = backoff.on_exception(
            backoff.expo,
            TransientError,
            max_tries=max_retries + 1,
            giveup=self._is_hopeless,
            jitter=_jitter,
            on_backoff=self._start_afresh,
            logger=None,
            factor=0.5,
            max_value=_LONGEST_BACKOFF,
        )

    def get_list(
        self,
        path: str,
        params: Params | None = None,
        following: Following | None = None,
    ) -> list[Row]:
        """Return the rows of one answer.

        Args:
            path: Path below the root of the API, such as ``issues``.
            params: Query parameters; a list is sent as ``name[]=1&name[]=2``.
            following: Gets the answer's rows and returns the next request, if it is
                certain. That request is sent at once, in the background, while the rows
                are processed.

        Raises:
            RefusedError: Backlog says no.
            BacklogError: No usable answer came, even after all retries.
        """

        def following_target(answer: Answer) -> _Target | None:
            if following is None or not self.may_look_ahead():
                return None
            return _after(answer, following)

        return self._ask_patiently((path, _query(params)), _rows_of, following_target)

    def get_object(self, path: str, params: Params | None = None) -> Row:
        """Return the one object of an answer; otherwise like :meth:`get_list`."""
        return self._ask_patiently((path, _query(params)), _row_of)

    def find_object(self, path: str, params: Params | None = None) -> Row | None:
        """Return the one object of an answer, or None if Backlog says it does not exist.

        Otherwise like :meth:`get_list`.
        """
        return self._ask_patiently((path, _query(params)), _row_if_any)

    def confirm_key(self, refusal: RefusedError) -> None:
        """Check that the key is valid, and that only one stream is closed to it.

        An invalid key may get the same answer (docs/api-facts.md, "Errors"). So this
        asks for :attr:`owner`, which every valid key may read.

        Args:
            refusal: The refusal in question.

        Raises:
            RefusedError: The key, the address or the licence is refused for everything.
        """
        if refusal.closes_space:
            raise refusal
        if refusal.may_concern_key and "owner" in self.__dict__:
            # A key that was revoked after it was confirmed gets the same answer. Any
            # later answer shows which it is, or the check at the end of the run.
            self._doubt = refusal
            return
        try:
            _ = self.owner
        except RefusedError:
            raise refusal from None

    def confirm_end(self) -> None:
        """Check at the end of a run that its last refusals did not concern the key.

        Raises:
            RefusedError: The key is refused.
        """
        if self._doubt:
            self.__dict__.pop("owner", None)
            self.confirm_key(self._doubt)

    def confirm_server(self, error: BacklogError) -> None:
        """Check that the server is up, and that only one answer always fails.

        Args:
            error: The failure in question.

        Raises:
            BacklogError: The server is down.
        """
        if isinstance(error, UnreachableError):
            raise error
        try:
            self.get_object("space")
        except RefusedError:
            return
        except TransientError:
            raise error from None

    @cached_property
    def owner(self) -> Row:
        """The user who owns the key; asked for once, unless the key is in doubt."""
        return self.get_object("users/myself")

    def _ask_patiently(
        self,
        target: _Target,
        decode: Callable[[Answer], T],
        following: Callable[[Answer], _Target | None] = lambda _: None,
    ) -> T:
        def ask() -> T:
            answer = self._answer_to(target, following)
            self.answered_at = answer.headers.get("Date")
            self.first_answered_at = self.first_answered_at or self.answered_at
            content = read_answer(answer, decode, self._redactor.clean)
            self._doubt = None
            return content

        return self._patience(ask)()

    def _answer_to(
        self,
        target: _Target,
        following: Callable[[Answer], _Target | None],
    ) -> Answer:
        """Return the answer to a request that is already sent, or send it now."""
        ahead = self._ahead
        if ahead and ahead.job == target:
            return ahead.take(following)
        if ahead and ahead.job:
            # One request at a time, so wait for the one that is in flight.
            with contextlib.suppress(TransientError):
                ahead.take(lambda _: None)
        answer = self._send_within_limit(target)
        next_target = following(answer)
        self._ahead = Ahead(self._send_within_limit, next_target) if next_target else None
        return answer

    def _send_within_limit(self, target: _Target) -> Answer:
        path, query = target
        kind = request_class(path)
        while True:
            self.pacer.pause(kind)
            answer = self._send(path, query)
            if answer.status != _TOO_MANY_REQUESTS:
                self.pacer.note(kind, answer.headers)
                if self._auth.renew_if_refused(answer):
                    continue
                return answer
            self.pacer.forget(kind)
            wait = seconds_until_reset(answer.headers)
            logger.warning(
                "%s met the rate limit; going on in %.0f seconds",
                answer.asked,
                wait,
            )
            self.pacer.wait(wait)

    def _send(self, path: str, query: _Query) -> Answer:
        asked = self._asked(path)
        started = time.monotonic()
        self.requests_sent += 1
        try:
            with self._adapter.send(
                self._request_for(path, query),
                stream=True,
                timeout=(min(self._timeout, _LONGEST_CONNECT), self._timeout),
                verify=self._session.verify or True,
                proxies=self._session.proxies,
            ) as response:
                self._has_connected = True
                body = read_body(response, started + self._timeout)
        except FAILURES as error:
            self._failed_connections += 1
            raise connection_error(
                asked, self._base_url, error, self._redactor.clean
            ) from None
        logger.debug(
            "%s answered %d, %d bytes in %.0f ms",
            asked,
            response.status_code,
            len(body),
            1000 * (time.monotonic() - started),
        )
        return Answer(asked, response.status_code, response.headers, body, self._base_url)

    def _request_for(self, path: str, query: _Query) -> PreparedRequest:
        """Return the one request object: it is prepared once and used every time."""
        if self._request is None:
            blank = requests.Request("GET", self._base_url, auth=BacklogAuth())
            self._request = self._session.prepare_request(blank)
        request = self._request
        request.url = f"{self._base_url}/{path}"
        if query:
            request.url += "?" + "&".join(
                f"{_quoted(name)}={_quoted(str(value))}" for name, value in query
            )
        request.prepare_auth(self._auth)
        return request

    def _start_afresh(self, details: Details) -> None:
        """Log the retry, and use a new connection: the old one may hold unread data."""
        logger.warning(
            "%s Trying again in %.1f seconds",
            details["exception"],
            details["wait"],
        )
        self._session.close()

    def _is_hopeless(self, error: Exception) -> bool:
        if not isinstance(error, UnreachableError):
            return False
        if self._has_connected:
            return False  # what has worked in this run is not a wrong setting
        return error.final or self._failed_connections >= _FIRST_CONNECTIONS

    def _asked(self, path: str) -> str:
        return f"GET {urlsplit(self._base_url).path}/{path}"


_Query: TypeAlias = "list[tuple[str, str | int]]"
_Target: TypeAlias = "tuple[str, _Query]"


_quoted = lru_cache(maxsize=1000)(quote_plus)
"""Quotes as ``urlencode`` does. Cached: each page has the same texts, except an offset
or an id."""


def _query(params: Params | None) -> _Query:
    query: _Query = []
    for name, value in (params or {}).items():
        if isinstance(value, list):
            query += [(f"{name}[]", item) for item in value]
        else:
            query.append((name, value))
    return query


def _rows_of(answer: Answer) -> list[Row]:
    return decode_rows(answer.body, answer.raw_rows)


def _row_of(answer: Answer) -> Row:
    return decode_row(answer.body)


def _row_if_any(answer: Answer) -> Row | None:
    return None if answer.is_nothing else _row_of(answer)


def _after(answer: Answer, following: Following) -> _Target | None:
    """Return the request to send after an answer, if the answer holds rows."""
    if answer.status != _OK:
        return None
    try:
        request = following(answer.raw_rows)
    except ValueError:  # `read_answer` will report it
        return None
    return (request.path, _query(request.params)) if request else None


def _jitter(seconds: float) -> float:
    """Spread waits, so that many runs do not retry at the same moment."""
    return seconds * random.uniform(0.5, 1)  # noqa: S311
