"""The one place where secrets are removed from text."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "[redacted]"

_LONG = 4
"""From this length, a secret is also found inside words. A shorter text is not a Backlog
key, and removing it inside words would make messages unreadable."""

_formatter = logging.Formatter()

_DIRECTIONS = r"\u200e\u200f\u2028-\u202e\u2066-\u2069"
_CONTROL = re.compile(rf"[\0-\x08\x0b-\x1f\x7f-\x9f{_DIRECTIONS}]+")
"""Characters that may control a terminal, except for tabs and line ends."""

_UNPRINTABLE = re.compile(rf"[\0-\x1f\x7f-\xa0{_DIRECTIONS}]+")


class Redactor(logging.Filter):
    """Replaces the given secrets, in every form, by ``[redacted]``.

    As a ``logging.Filter`` it cleans whole log records: message, arguments and
    traceback.

    Args:
        secrets: The texts that must never be seen.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._spellings: list[str] = []
        self._short = re.compile(r"(?!)")
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Add secrets, in all their forms: plain, in a URL, in JSON, by repr.

        Args:
            secrets: The texts that must never be seen.
        """
        spellings = {
            spelling
            for secret in secrets
            if secret
            for spelling in (
                secret,
                quote(secret, safe=""),
                quote(secret),
                quote_plus(secret),
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
                repr(secret)[1:-1],
            )
        }
        self._spellings = sorted({*self._spellings, *spellings}, key=len, reverse=True)
        short = [re.escape(one) for one in self._spellings if len(one) < _LONG]
        if short:
            self._short = re.compile(rf"(?<!\w)(?:{'|'.join(short)})(?!\w)")

    def clean(self, text: str) -> str:
        """Return text from outside, safe to show: no secrets, no control characters."""
        return _UNPRINTABLE.sub(" ", self.redact(text))

    def redact(self, text: str) -> str:
        """Return the text without the secrets."""
        for spelling in self._spellings:
            if len(spelling) >= _LONG:
                text = text.replace(spelling, MASK)
        return self._short.sub(MASK, text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a log record in place; no record is dropped."""
        message = record.getMessage()
        if (clean := _CONTROL.sub(" ", self.redact(message))) != message:
            record.msg, record.args = clean, ()
        if record.exc_info:
            trace = _formatter.formatException(record.exc_info)
            if (clean := _CONTROL.sub(" ", self.redact(trace))) != trace:
                record.exc_text, record.exc_info = clean, None
        return True


def guard_logs(redactor: Redactor) -> None:
    """Clean everything that goes through the current log handlers.

    ``urllib3`` logs request targets, which may contain a key. So its loggers are cleaned
    at the source too: handlers that are added later get clean lines.
    """
    loggers = [logging.getLogger(), *map(logging.getLogger, _TALKATIVE)]
    for logger in loggers:
        for handler in logger.handlers:
            _replace_filter(handler, redactor)
    for name in _TALKATIVE:
        _replace_filter(logging.getLogger(name), redactor)


def _replace_filter(filterer: logging.Filterer, redactor: Redactor) -> None:
    for old in [f for f in filterer.filters if isinstance(f, Redactor)]:
        filterer.removeFilter(old)
    filterer.addFilter(redactor)


_TALKATIVE = (
    "urllib3.connectionpool",
    "urllib3.util.retry",
    "urllib3.connection",
)
