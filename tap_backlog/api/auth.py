"""How a request is authenticated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

    from tap_backlog.api.answers import Answer

HEADER = "Backlog-API-Key"
QUERY_PARAMETER = "apiKey"


class BacklogAuth(AuthBase):
    """Adds credentials to a request; this base class adds none."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request with its credentials."""
        return request

    def renew_if_refused(self, answer: Answer) -> bool:  # noqa: ARG002
        """Take an answer in, and return whether there are new credentials to ask with.

        Args:
            answer: The answer to a request with these credentials.
        """
        return False


class HeaderKeyAuth(BacklogAuth):
    """API key in the ``Backlog-API-Key`` header, which no log shows.

    Args:
        api_key: The key of one user of the space.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers[HEADER] = self._api_key
        return request


class QueryKeyAuth(BacklogAuth):
    """API key as the ``apiKey`` parameter, for servers that do not know the header.

    See docs/api-facts.md, "API keys".

    Args:
        api_key: The key of one user of the space.
    """

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the parameter."""
        request.prepare_url(request.url, {QUERY_PARAMETER: self._api_key})
        return request


KEY_AUTH_BY_PLACE: dict[str, type[HeaderKeyAuth | QueryKeyAuth]] = {
    "header": HeaderKeyAuth,
    "query": QueryKeyAuth,
}
