"""The space as an OAuth 2.0 authorization server (docs/api-facts.md, "OAuth 2.0")."""

from __future__ import annotations

import base64
import hashlib
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sample_space.answers import Answer, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sample_space.options import Options

AUTHORIZE_PATH = "/OAuth2AccessRequest.action"
TOKEN_PATH = "oauth2/token"  # noqa: S105

_CODE_LIFETIME = 60.0


class BearerError(Exception):
    """An access token that is not valid; the body of the answer does not say so."""

    def answer(self) -> Answer:
        """Return the answer that says so in its headers."""
        answer = json_answer({}, 401)
        answer.headers["WWW-Authenticate"] = (
            f'Bearer error="invalid_token", error_description="{self}"'
        )
        return answer


@dataclass
class AuthorizationServer:
    """Issues codes and tokens for the administrator.

    Args:
        options: The application that is registered, and how tokens behave.
    """

    options: Options
    refresh_tokens: set[str] = field(default_factory=set)
    expiry_by_token: dict[str, float] = field(default_factory=dict)
    _grants: dict[str, tuple[float, dict[str, str]]] = field(default_factory=dict)
    _serial: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Make one refresh token valid from the start."""
        self.refresh_tokens.add(self.options.refresh_token)

    def authorize(self, query: Mapping[str, str]) -> Answer:
        """Answer as if the user had allowed access on the page."""
        wanted = {"response_type": "code", "client_id": self.options.client_id}
        if any(query.get(name) != value for name, value in wanted.items()):
            return html_answer(400, "Invalid request")
        code = f"code-{next(self._serial)}"
        self._grants[code] = (time.time() + _CODE_LIFETIME, dict(query))
        back = urlencode({"code": code, "state": query.get("state", "")})
        return Answer(302, b"", {"Location": f"{query['redirect_uri']}?{back}"})

    def token(self, form: Mapping[str, str]) -> Answer:
        """Answer ``POST oauth2/token``."""
        client = form.get("client_id"), form.get("client_secret")
        if client != (self.options.client_id, self.options.client_secret):
            return _no("invalid_client", "Client authentication failed")
        match form:
            case {"grant_type": "refresh_token", "refresh_token": token}:
                if token not in self.refresh_tokens:
                    return _no("invalid_grant", "The refresh token is invalid")
                return self._tokens(token)
            case {"grant_type": "authorization_code", "code": code}:
                until, grant = self._grants.pop(code, (0.0, {}))
                if time.time() > until or not self._fits(grant, form):
                    return _no("invalid_grant", "The code is invalid")
                return self._tokens(None)
            case _:
                return _no("unsupported_grant_type", "Unknown grant type")

    def check(self, access_token: str) -> None:
        """Make sure that an access token is valid.

        Raises:
            BearerError: It is not.
        """
        expiry = self.expiry_by_token.get(access_token)
        if expiry is None:
            message = "The access token is invalid"
            raise BearerError(message)
        if time.time() >= expiry:
            message = "The access token expired"
            raise BearerError(message)

    def _fits(self, grant: Mapping[str, str], form: Mapping[str, str]) -> bool:
        if grant["redirect_uri"] != form.get("redirect_uri"):
            return False
        if "code_challenge" not in grant or not self.options.knows_pkce:
            return True
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return grant["code_challenge"] == challenge

    def _tokens(self, used: str | None) -> Answer:
        serial = next(self._serial)
        access_token, refresh_token = f"access/{serial}+s3cret==", used
        if self.options.ends_old_access:
            self.expiry_by_token.clear()
        self.expiry_by_token[access_token] = time.time() + self.options.token_lifetime
        if used is None or self.options.rotates_tokens:
            self.refresh_tokens.discard(used or "")
            refresh_token = f"refresh/{serial}+s3cret=="
            self.refresh_tokens.add(refresh_token)
        content: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.options.token_lifetime,
            "refresh_token": refresh_token,
        }
        return json_answer(content)


def _no(error: str, description: str) -> Answer:
    return json_answer({"error": error, "error_description": description}, 400)
