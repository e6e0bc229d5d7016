"""What can go wrong, in words for the person who must act.

Every message says what was asked, what Backlog answered, and what to do now. No message
ever contains a secret.
"""

from __future__ import annotations


class BacklogError(Exception):
    """A run that cannot go on; the user sees its text unchanged."""


class SettingsError(BacklogError):
    """Settings that cannot be used.

    Args:
        problems: One sentence for each wrong setting, with its name.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        text = "; ".join(problems)
        super().__init__(
            f"Invalid settings: {text}{'' if text.endswith('?') else '.'} "
            "docs/settings.md describes every setting, and so does "
            "`tap-backlog --about --format=markdown`."
        )


class OutputError(BacklogError):
    """Output cannot be written: a full disk, or a limit.

    Args:
        place: Where it should go.
        reason: What the system said.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"Cannot write to {place}: {reason}. Make room there, or raise its limit, "
            "and run again: the next run goes on from the last STATE that the loader has."
        )


class NoOutputError(BacklogError):
    """stdout is closed."""

    def __init__(self) -> None:
        super().__init__(
            "stdout is closed, so nobody would get the messages. Give it a loader "
            "(`| target-...`) or a file (`> messages.jsonl`)."
        )


class TransientError(BacklogError):
    """A failure that may pass, so asking again may help: an outage, a cut connection."""


class UnreachableError(TransientError):
    """No connection was made: no such host, closed port, TLS failure.

    Args:
        message: What the user sees.
        final: Whether asking again cannot help.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(message)
