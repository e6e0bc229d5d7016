"""The client of a run, made from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.api.auth import KEY_AUTH_BY_PLACE
from tap_backlog.api.client import BacklogClient
from tap_backlog.api.connection import USER_AGENT, open_session
from tap_backlog.api.oauth import Application, TokenAuth, TokenEndpoint
from tap_backlog.api.rate_limit import Pacer
from tap_backlog.api.token_file import TokenFile, Tokens
from tap_backlog.hosts import base_url

if TYPE_CHECKING:
    from requests import Session

    from tap_backlog.api.auth import BacklogAuth
    from tap_backlog.redaction import Redactor
    from tap_backlog.settings.values import OAuthCredentials, Settings


def client_of(settings: Settings, redactor: Redactor) -> BacklogClient:
    """Return the one client of a run.

    Args:
        settings: Host, key or credentials, limits.
        redactor: Cleans text from outside before it is shown.

    Raises:
        BacklogError: Proxy, certificates or token file cannot be used.
    """
    return BacklogClient(
        base_url(settings.host),
        _session(settings),
        _auth(settings, redactor),
        redactor,
        pacer=Pacer(settings.rate_limit_reserve, settings.requests_per_minute),
        timeout=settings.request_timeout,
        max_retries=settings.max_retries,
    )


def _session(settings: Settings) -> Session:
    return open_session(base_url(settings.host), settings.user_agent or USER_AGENT)


def _auth(settings: Settings, redactor: Redactor) -> BacklogAuth:
    """Return the key if there is one, else OAuth."""
    if settings.oauth_credentials and not settings.api_key:
        return _oauth(settings, settings.oauth_credentials, redactor)
    return KEY_AUTH_BY_PLACE[settings.api_key_in](settings.api_key or "")


def _oauth(settings: Settings, given: OAuthCredentials, redactor: Redactor) -> TokenAuth:
    endpoint = TokenEndpoint(
        base_url(settings.host),
        _session(settings),
        Application(given.client_id, given.client_secret),
        redactor,
        settings.request_timeout,
    )
    file = TokenFile(given.token_file, given.refresh_token) if given.token_file else None
    tokens = Tokens(given.refresh_token, given.access_token)
    return TokenAuth(endpoint, tokens, file, redactor)
