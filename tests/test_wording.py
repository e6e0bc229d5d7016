"""Numbers and times, written as people say them."""

from __future__ import annotations

import pytest

from tap_backlog.wording import counted, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (59.6, "1 min 0 s"),
        (72, "1 min 12 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_times_read_as_people_say_them(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (7585, "7,585 rows")],
)
def test_a_noun_follows_its_number(number: int, words: str) -> None:
    assert counted(number, "row") == words


def test_none_may_have_a_word_of_its_own() -> None:
    assert counted(0, "wait", none="no") == "no waits"
