"""OAuth 2.0: access tokens that are renewed while they are used.

Facts: docs/api-facts.md, "OAuth 2.0". A token is valid for an hour. It is not documented
whether the refresh token changes with it, so the latest one is used.
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tap_backlog.api.answers import Answer
from tap_backlog.api.auth import BacklogAuth
from tap_backlog.api.connection import FAILURES, read_body
from tap_backlog.api.network_errors import connection_error
from tap_backlog.api.rate_limit import seconds_until_reset
from tap_backlog.api.token_file import Tokens, is_token
from tap_backlog.errors import BacklogError, TransientError
from tap_backlog.unstoppable import finish

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from requests import PreparedRequest, Session

    from tap_backlog.api.token_file import TokenFile
    from tap_backlog.redaction import Redactor

T = TypeVar("T")

TOKEN_PATH = "oauth2/token"  # noqa: S105
"""Path below the root of the API."""

_EARLY = 60.0
"""Seconds before its end at which a token is renewed; at most a tenth of its lifetime."""

_LOCK_MARGIN = 10.0
"""Seconds that another run may keep the token file locked, on top of one request."""

_OK = 200
_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500

logger = logging.getLogger("tap-backlog.oauth")


@dataclass(frozen=True)
class Application:
    """An application as registered on Backlog's developer site."""

    client_id: str
    client_secret: str


class LimitError(TransientError):
    """The token endpoint met the rate limit, so it has not used up the refresh token.

    Args:
        asked: The request.
        wait: Seconds after which to ask again.
    """

    def __init__(self, asked: str, wait: float) -> None:
        self.asked = asked
        self.wait = wait
        super().__init__(f"{asked} met the rate limit. Try again later.")


def within_limit(ask: Callable[[], T]) -> T:
    """Ask until the rate limit lets the request through, and return the result.

    Args:
        ask: Asks the token endpoint; called again after each wait.
    """
    while True:
        try:
            return ask()
        except LimitError as error:
            logger.warning(
                "%s met the rate limit; going on in %.0f seconds", error.asked, error.wait
            )
            time.sleep(error.wait)


class TokenEndpoint:
    """``POST oauth2/token``.

    Args:
        base_url: Root of the API, such as ``https://example.backlog.com/api/v2``.
        session: See ``open_session``; it has no key or token.
        application: The application that asks.
        redactor: Cleans text from outside before it is shown.
        timeout: Seconds that a request may take.
    """

    def __init__(
        self,
        base_url: str,
        session: Session,
        application: Application,
        redactor: Redactor,
        timeout: float,
    ) -> None:
        self._url = f"{base_url}/{TOKEN_PATH}"
        self._asked = f"POST {urlsplit(self._url).path}"
        self._session = session
        self._application = application
        self._redactor = redactor
        self.timeout = timeout

    def ask(self, grant_type: str, **form: str) -> Tokens:
        """Return new tokens.

        Args:
            grant_type: ``refresh_token`` or ``authorization_code``.
            form: The other fields of the request.

        Raises:
            LimitError: Ask again later; see ``within_limit``.
            TransientError: Asking again may help.
            BacklogError: The endpoint says no.
        """
        answer = self._answer_to({"grant_type": grant_type, **form})
        if answer.status == _TOO_MANY_REQUESTS:
            raise LimitError(self._asked, seconds_until_reset(answer.headers))
        content = _object(answer.body)
        if answer.status != _OK:
            raise self._refusal(answer.status, content)
        return self._tokens(content, form.get("refresh_token", ""))

    def _answer_to(self, form: dict[str, str]) -> Answer:
        application = {
            "client_id": self._application.client_id,
            "client_secret": self._application.client_secret,
        }
        try:
            with self._session.post(
                self._url,
                data={**form, **application},
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = read_body(response, time.monotonic() + self.timeout)
        except FAILURES as error:
            raise connection_error(
                self._asked, self._url, error, self._redactor.clean
            ) from None
        finally:
            self._session.close()  # the next request comes in an hour
        return Answer(self._asked, response.status_code, response.headers, body)

    def _refusal(self, status: int, content: dict[str, Any]) -> BacklogError:
        words = " ".join(
            str(content[name])
            for name in ("error", "error_description")
            if content.get(name)
        )
        said = f"{self._asked} failed with HTTP {status}: {words or 'no reason given'}."
        if status >= _SERVER_ERROR:
            said += " Backlog may be under maintenance; try again later."
            return TransientError(self._redactor.clean(said))
        said += (
            " Check `oauth_credentials`: if the refresh token has expired, "
            "`tap-backlog-login` gets another one."
        )
        return BacklogError(self._redactor.clean(said))

    def _tokens(self, content: dict[str, Any], refresh_token: str) -> Tokens:
        access_token = content.get("access_token")
        refresh_token = content.get("refresh_token") or refresh_token
        if not (is_token(access_token) and is_token(refresh_token)):
            message = (
                f"{self._asked} returned no token. Check `host`; if Backlog is under "
                "maintenance, try again later."
            )
            raise TransientError(message)
        lifetime = content.get("expires_in")
        if not isinstance(lifetime, (int, float)) or lifetime <= 0:
            return Tokens(refresh_token, access_token)
        early = min(_EARLY, lifetime / 10)
        return Tokens(refresh_token, access_token, time.time() + lifetime - early)


class TokenAuth(BacklogAuth):
    """Access token as ``Authorization: Bearer``, renewed before it expires.

    Args:
        endpoint: Gives new tokens.
        tokens: The tokens in the settings.
        file: Keeps new tokens; None if the settings name no file.
        redactor: Gets every new token, to hide it.

    Raises:
        SettingsError: The file cannot be used.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint,
        tokens: Tokens,
        file: TokenFile | None,
        redactor: Redactor,
    ) -> None:
        self._endpoint = endpoint
        self._file = file
        self._redactor = redactor
        self._is_proven = True
        self._take(tokens)
        if file:
            with self._locked(file):
                self._take(file.read() or tokens)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header; renew the token first, if it is due.

        Raises:
            BacklogError: There is no new token.
        """
        if self._is_due:
            within_limit(self._renew)
        request.headers["Authorization"] = f"Bearer {self._tokens.access_token}"
        return request

    def renew_if_refused(self, answer: Answer) -> bool:
        """Get another token if this one is refused, at most once.

        It comes from the file, if another run has renewed it, and else from the endpoint.

        Raises:
            BacklogError: There is no new token.
        """
        if answer.status != _UNAUTHORIZED:
            self._is_proven = True
            return False
        if "WWW-Authenticate" not in answer.headers:
            return False
        if not self._is_proven:
            refused = self._tokens.refresh_token
            with self._locked(self._file):
                if self._takes_what_another_run_has_renewed():
                    return True
            if self._tokens.refresh_token == refused:
                return False
        within_limit(self._renew)
        return True

    @property
    def _is_due(self) -> bool:
        tokens = self._tokens
        if tokens.access_token is None:
            return True
        return tokens.expires_at is not None and time.time() >= tokens.expires_at

    def _renew(self) -> None:
        """Renew the tokens, while no other run does so with the same file.

        As soon as the endpoint is asked, the old refresh token may be invalid. So this
        checks first that the file can be written, and then nothing can interrupt until
        it is written.
        """
        with ExitStack() as stack:
            stack.enter_context(self._locked(self._file))
            if self._takes_what_another_run_has_renewed():
                return
            if self._file:
                self._file.reserve()
            until_it_is_done = stack.pop_all()
            finish(lambda: self._ask_and_keep(until_it_is_done))

    def _ask_and_keep(self, until_it_is_done: ExitStack) -> None:
        with until_it_is_done:
            used = self._tokens.refresh_token
            try:
                tokens = self._endpoint.ask("refresh_token", refresh_token=used)
            except TransientError:
                raise
            except BacklogError:
                # A program that ignores the lock may have renewed it, or the user may
                # have logged in again.
                if self._takes_what_another_run_has_renewed():
                    return
                if self._tokens.refresh_token == used:
                    raise
                tokens = self._endpoint.ask(
                    "refresh_token", refresh_token=self._tokens.refresh_token
                )
            self._keep(tokens)

    def _keep(self, tokens: Tokens) -> None:
        used = self._tokens.refresh_token
        self._take(tokens)
        self._is_proven = False
        if self._file:
            self._file.write(tokens)
        elif tokens.refresh_token != used:
            logger.warning(
                "Backlog gave another refresh token, and the old one may hold no more. "
                "Set `oauth_credentials.token_file`, so that the new one is kept."
            )

    def _locked(self, file: TokenFile | None) -> AbstractContextManager[None]:
        return (
            file.locked(self._endpoint.timeout + _LOCK_MARGIN) if file else nullcontext()
        )

    def _takes_what_another_run_has_renewed(self) -> bool:
        kept = self._file.read() if self._file else None
        if kept is None or kept == self._tokens:
            return False
        is_new = kept.access_token != self._tokens.access_token
        self._take(kept)
        return is_new and not self._is_due

    def _take(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._redactor.add(tokens.refresh_token, tokens.access_token or "")


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, or an empty dict."""
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
