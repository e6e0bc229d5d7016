"""Refusals by Backlog: which kind it is, and what the user can do about it.

Only this module knows the numbers of statuses and error codes; other code asks by kind.
What they mean: docs/api-facts.md, "Errors".
"""

from __future__ import annotations

from http import HTTPStatus

from tap_backlog.errors import BacklogError


class RefusedError(BacklogError):
    """Backlog understood the request and said no to it.

    Args:
        request: The request, such as ``GET /api/v2/teams``.
        status: HTTP status of the answer.
        code: Backlog's own error code (docs/api-facts.md, "Errors"), if any.
        answer: Backlog's own text.
        advice: What to do, if the code and the status do not say enough.
    """

    def __init__(
        self,
        request: str,
        status: int,
        code: int | None,
        answer: str,
        advice: str | None = None,
    ) -> None:
        self.request = request
        self._status = status
        self._code = code
        self.reason = f"HTTP {status}: {answer}"
        what_to_do = advice or self._advice()
        super().__init__(f"Backlog refused {request} ({self.reason}). {what_to_do}")

    @property
    def is_fatal(self) -> bool:
        """Whether the whole space is closed to the key, not one stream."""
        return self._code in _FATAL_CODES

    @property
    def is_gone(self) -> bool:
        """Whether what was asked for does not exist, or no longer exists."""
        return self._status == HTTPStatus.NOT_FOUND

    @property
    def is_closed(self) -> bool:
        """Whether the key may not read what was asked for, but may read other things."""
        return self._status in _CLOSED and not self.is_fatal

    @property
    def is_off(self) -> bool:
        """Whether the plan of the space does not include what was asked for."""
        return self._code == _LICENCE

    @property
    def is_malformed(self) -> bool:
        """Whether the server does not know a parameter."""
        return self._status == HTTPStatus.BAD_REQUEST

    @property
    def may_concern_key(self) -> bool:
        """Whether a key that does not exist gets the same answer."""
        return self._status == HTTPStatus.UNAUTHORIZED

    @property
    def may_concern_projects(self) -> bool:
        """Whether only some projects of a list may be refused."""
        is_unknown = self._code == _NO_RESOURCE and not self.is_fatal
        return is_unknown or self.is_closed

    @property
    def may_concern_one_project(self) -> bool:
        """Whether the one project that was asked for may be refused, and not the key."""
        return self._status in _OF_ONE_PROJECT and not self.is_fatal

    @property
    def names_nothing(self) -> bool:
        """Whether Backlog says that something named in the request does not exist."""
        return self._code == _NO_RESOURCE

    @property
    def closes_space(self) -> bool:
        """Whether the key, the address or the licence is refused for everything."""
        is_unpaid = self._status == HTTPStatus.PAYMENT_REQUIRED and not self.is_off
        return self.is_fatal or is_unpaid

    def _advice(self) -> str:
        return _ADVICE_BY_CODE.get(self._code or 0) or _ADVICE_BY_STATUS.get(
            self._status,
            "Please report this, with the line above.",
        )


_LICENCE = 2
_LICENCE_EXPIRED = 3
_ACCESS_DENIED = 4
_NO_RESOURCE = 6
_MFA_REQUIRED = 12

_FATAL_CODES = frozenset({_LICENCE_EXPIRED, _ACCESS_DENIED, _MFA_REQUIRED})
"""Codes of Backlog that close the whole space to the key, not one stream."""

_ADVICE_BY_CODE = {
    _LICENCE: "The plan of the space does not include this.",
    _LICENCE_EXPIRED: "The licence of the space has run out; its owner can renew it.",
    _ACCESS_DENIED: "The space admits only certain addresses; ask its administrator "
    "to add the address of this machine.",
    _MFA_REQUIRED: "The space asks for two-factor authentication; the owner of the "
    "key has to set it up first.",
}
_ADVICE_BY_STATUS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Please report this, with the line above.",
    HTTPStatus.UNAUTHORIZED: "Check `api_key` (or `oauth_credentials`), and that `host` "
    "is the space where it was made (Backlog: Personal Settings > API).",
    HTTPStatus.PAYMENT_REQUIRED: "The licence of the space may have run out; its owner "
    "can tell.",
    HTTPStatus.FORBIDDEN: "The owner of the key lacks the right to read this.",
    HTTPStatus.NOT_FOUND: "Check `host`; for Backlog Enterprise it includes the context "
    "path.",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "The proxy asks for a user name and a "
    "password: write them into HTTP_PROXY, or list the host in NO_PROXY.",
}

_CLOSED = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
)
_OF_ONE_PROJECT = frozenset(
    {HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
)
