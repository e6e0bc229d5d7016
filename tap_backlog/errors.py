"""What can go wrong, in the words of the person who must act.

Every message says what was asked, what Backlog answered, and what to do now.
None of them ever holds a secret.
"""

from __future__ import annotations


class BacklogError(Exception):
    """A run that cannot go on; its text is shown to the user as it is."""


class SettingsError(BacklogError):
    """Settings that cannot be used.

    Args:
        problems: One sentence for each setting at fault, which names it.
    """

    def __init__(self, problems: list[str]) -> None:
        """Join the problems to one line."""
        self.problems = problems
        text = "; ".join(problems)
        super().__init__(
            f"Invalid settings: {text}{'' if text.endswith('?') else '.'} "
            "docs/settings.md describes every setting, and so does "
            "`tap-backlog --about --format=markdown`."
        )


class OutputError(BacklogError):
    """What was read cannot be handed on: a full disk, a limit.

    Args:
        place: Where it was to go.
        reason: What the system said.
    """

    def __init__(self, place: str, reason: str) -> None:
        """Word it."""
        super().__init__(
            f"Cannot write to {place}: {reason}. Make room there, or raise its limit, "
            "and run again: the next run goes on from the last STATE that the loader has."
        )


class NoOutputError(BacklogError):
    """There is no stdout."""

    def __init__(self) -> None:
        """Word it."""
        super().__init__(
            "stdout is closed, so nobody would get the messages. Give it a loader "
            "(`| target-...`) or a file (`> messages.jsonl`)."
        )


class TransientError(BacklogError):
    """A failure that may mend by asking again: an outage, a cut connection."""


class UnreachableError(TransientError):
    """No connection came about: no such host, closed port, TLS failure.

    Args:
        message: What is shown to the user.
        final: Asking again cannot mend it.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        """Keep whether it is final."""
        self.final = final
        super().__init__(message)


class RefusedError(BacklogError):
    """Backlog understood the request and said no to it.

    Args:
        request: What was asked, such as ``GET /api/v2/teams``.
        status: HTTP status of the answer.
        code: Backlog's own error code (section 4 of the API's facts), if any.
        answer: Backlog's own words.
        advice: What to do, if the code and the status do not tell.
    """

    def __init__(
        self,
        request: str,
        status: int,
        code: int | None,
        answer: str,
        advice: str | None = None,
    ) -> None:
        """Word the refusal."""
        self.request = request
        self.status = status
        self.code = code
        self.reason = f"HTTP {status}: {answer}"
        what_to_do = advice or self._advice()
        super().__init__(f"Backlog refused {request} ({self.reason}). {what_to_do}")

    def _advice(self) -> str:
        return _ADVICE_BY_CODE.get(self.code or 0) or _ADVICE_BY_STATUS.get(
            self.status,
            "Please report this, with the line above.",
        )


LICENCE = 2
LICENCE_EXPIRED = 3
ACCESS_DENIED = 4
NO_RESOURCE = 6
MFA_REQUIRED = 12

FATAL_CODES = frozenset({LICENCE_EXPIRED, ACCESS_DENIED, MFA_REQUIRED})
"""Codes of Backlog that close the whole space to the key, not one report."""

_ADVICE_BY_CODE = {
    LICENCE: "The plan of the space does not include this.",
    LICENCE_EXPIRED: "The licence of the space has run out; its owner can renew it.",
    ACCESS_DENIED: "The space admits only certain addresses; ask its administrator "
    "to add the address of this machine.",
    MFA_REQUIRED: "The space asks for two-factor authentication; the owner of the "
    "key has to set it up first.",
}
_ADVICE_BY_STATUS = {
    400: "Please report this, with the line above.",
    401: "Check `api_key` (or `oauth_credentials`), and that `host` is the space where "
    "it was made (Backlog: Personal Settings > API).",
    402: "The licence of the space may have run out; its owner can tell.",
    403: "The owner of the key lacks the right to read this.",
    404: "Check `host`; for Backlog Enterprise it includes the context path.",
    407: "The proxy asks for a user name and a password: write them into HTTP_PROXY, or "
    "list the host in NO_PROXY.",
}
