from __future__ import annotations

import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_space import Options
from tap_backlog.redaction import MASK, Redactor, guard_logs
from tests.secrets_guard import assert_no_secret

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4)


@given(SECRETS, st.text())
def test_no_spelling_of_a_secret_survives(secret: str, around: str) -> None:
    redactor = Redactor([secret])
    for spelling in (
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret),
        repr(secret),
    ):
        clean = redactor.redact(f"{around}{spelling}{around}")
        assert secret not in clean.replace(MASK, "")


def test_what_is_no_secret_stays() -> None:
    assert Redactor(["k3y"]).redact("a key") == "a key"
    assert Redactor([""]).redact("text") == "text"


@pytest.mark.parametrize("secret", ["k", "ke", "key", "1", "x+y", "é"])
def test_a_very_short_secret_is_taken_out_whole_words_alone(secret: str) -> None:
    redactor = Redactor([secret])
    words = f"a{secret}b {secret}{secret}{secret} {secret}_1 monkeys 1234 axyb"
    if secret.isalnum():
        assert redactor.redact(words) == words
    for before, after in (("?apiKey=", "&x"), ('"', '"'), ("", ""), (" ", ".")):
        text = f"{before}{secret}{after}"
        assert redactor.redact(text) == f"{before}{MASK}{after}"


def test_short_and_long_secrets_are_taken_out_together() -> None:
    redactor = Redactor(["k", "k3yk3y"])
    assert redactor.redact("k k3yk3y bk3yk3yb kk") == f"{MASK} {MASK} b{MASK}b kk"
    redactor.add("z")
    assert redactor.redact("k z") == f"{MASK} {MASK}"


def test_messages_arguments_and_tracebacks_are_cleaned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard_logs(Redactor(["s3cret"]))
    logger = logging.getLogger("anything")
    try:
        int("s3cret")
    except ValueError:
        logger.exception("asked for %s", "?apiKey=s3cret")
    logging.getLogger("urllib3.connectionpool").warning("GET /x?apiKey=s3cret")
    assert "s3cret" not in caplog.text
    assert caplog.text.count(MASK) >= 3


def test_the_guard_over_all_tests_sees_a_secret() -> None:
    assert_no_secret("nothing here")
    for spelling in ("s3cret", quote(Options().client_secret, safe="")):
        with pytest.raises(AssertionError, match="redacted"):
            assert_no_secret(f"a {spelling} b")
