"""Nothing that a test prints, or makes the tap print, may hold a secret."""

from __future__ import annotations

from sample_space import Options
from tap_backlog.redaction import Redactor

_options = Options()
_redactor = Redactor(
    [
        _options.admin_key,
        _options.member_key,
        _options.client_secret,
        _options.refresh_token,
        "s3cret",
    ]
)


def assert_no_secret(text: str) -> None:
    """Fail if a text contains a secret of the tests, in any spelling.

    Args:
        text: What was printed, logged or written.
    """
    clean = _redactor.redact(text)
    if clean != text:
        place = next(
            i for i, (a, b) in enumerate(zip(clean, text, strict=False)) if a != b
        )
        message = f"a secret was shown: {clean[max(0, place - 200) : place + 50]}"
        raise AssertionError(message)
