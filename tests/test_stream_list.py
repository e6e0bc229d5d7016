"""``--streams`` lists the streams, in the user's language and width."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from tap_backlog.cli.beginning import how_to_begin
from tap_backlog.cli.stream_list import lines
from tap_backlog.cli.words import is_japanese
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.streams.facts import defaults, facts_of
from tests.support import command

Row = dict[str, Any]

FACTS = facts_of(STREAM_TYPES)
DEFAULT = {name for name, is_default in defaults(FACTS).items() if is_default}
ENGLISH = {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
JAPANESE = {"LC_ALL": "ja_JP.UTF-8", "PYTHONIOENCODING": "utf-8"}


def cells_of(*arguments: str, env: dict[str, str]) -> dict[str, list[str]]:
    """Return what the list says about each stream: one line each without a terminal."""
    result = command("--streams", *arguments, env=env)
    assert result.returncode == 0
    assert result.stderr == ""
    table = [re.split(r" {2,}", line) for line in result.stdout.splitlines()]
    return {name: cells for name, *cells in table}


def test_all_streams_are_listed_in_english() -> None:
    cells = cells_of(env=ENGLISH)
    assert list(cells) == ["stream", *FACTS]
    assert cells["stream"] == ["what it is", "requests", "read"]
    assert cells["space"] == ["The space", "1", "on"]
    assert cells["users"] == ["Users of the space", "1", "on"]
    assert cells["statuses"] == ["Statuses of each project", "1 per project", "on"]
    assert cells["issues"] == ["Issues of the projects", "1 per 100 issues", "on"]
    assert cells["issue_comments"] == [
        "Comments of issues; every change of an issue makes one",
        "1 per issue",
        "off",
    ]
    assert {name for name, (*_, is_on) in cells.items() if is_on == "on"} == DEFAULT


def test_all_streams_are_listed_in_japanese() -> None:
    cells = cells_of(env=JAPANESE)
    assert list(cells) == ["ストリーム", *FACTS]
    assert cells["ストリーム"] == ["内容", "リクエスト数", "読込"]
    assert cells["issues"] == ["プロジェクトの課題", "課題 100 件ごとに 1", "オン"]
    assert cells["wikis"] == ["Wiki ページとその本文", "Wiki ページごとに 1", "オフ"]
    assert all(re.search(r"[ぁ-んァ-ヶ一-龠]", what) for what, *_ in cells.values())
    assert {name for name, (*_, is_on) in cells.items() if is_on == "オン"} == DEFAULT


def test_a_choice_is_shown_in_the_list() -> None:
    cells = cells_of("--select", "issue_comments,space", env=ENGLISH)
    on = {name for name, (*_, is_on) in cells.items() if is_on == "on"}
    assert on == {"issue_comments", "space"}


def test_letters_that_the_terminal_lacks_do_not_end_the_list() -> None:
    env = {"LC_ALL": "ja_JP.UTF-8", "PYTHONIOENCODING": "ascii"}
    result = command("--streams", env=env)
    assert result.returncode == 0
    assert result.stdout.count("\n") == len(FACTS) + 1


@pytest.mark.parametrize("japanese", [False, True])
@pytest.mark.parametrize("width", [30, 40, 60, 80, 88, 100, 120, 160, 400])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(
    width: int, *, japanese: bool
) -> None:
    wide = lines(FACTS, DEFAULT, None, japanese=japanese)
    fitting = lines(FACTS, DEFAULT, width, japanese=japanese)
    assert max(map(cell_len, fitting)) <= width
    assert sorted(re.sub(r"\s", "", "".join(fitting))) == sorted(
        re.sub(r"\s", "", "".join(wide))
    )
    assert (fitting == wide) == (max(map(cell_len, wide)) <= width)


@pytest.mark.parametrize("japanese", [False, True])
def test_columns_stand_below_each_other(*, japanese: bool) -> None:
    for width, indent in ((None, ""), (60, "    ")):
        shown = lines(FACTS, DEFAULT, width, japanese=japanese)
        rows = [line for line in shown if not indent or not line.startswith(indent)]
        words = ("オン", "オフ") if japanese else (" on", " off")
        ends = [line for line in rows if line.endswith(words)]
        starts = {cell_len(line.rpartition(" ")[0]) for line in ends}
        assert len(ends) == len(FACTS)
        assert len(starts) == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, True),
        ({"LC_ALL": "C", "LC_MESSAGES": "ja_JP.UTF-8", "LANG": "ja_JP.UTF-8"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "ja_JP.UTF-8"}, True),
        ({"LC_CTYPE": "ja_JP.UTF-8", "LANG": "C"}, False),
    ],
    ids=str,
)
def test_the_first_locale_that_is_set_decides(
    environment: dict[str, str], *, expected: bool
) -> None:
    assert is_japanese(environment) == expected


def test_a_call_without_arguments_says_how_to_begin() -> None:
    result = command(env=ENGLISH)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        (
            "1. See what there is to read: tap-backlog --streams. README.md tells where "
            "to get a key."
        ),
        (
            "2. Put `host` and `api_key` in config.json, or set TAP_BACKLOG_HOST and "
            "TAP_BACKLOG_API_KEY."
        ),
        (
            "3. Run tap-backlog --config config.json (or ENV) | target-csv. README.md "
            "has the line for Excel."
        ),
    ]
    result = command(env=JAPANESE)
    assert (result.returncode, result.stdout) == (1, "")
    steps = result.stderr.splitlines()
    assert [step[:3] for step in steps] == ["1. ", "2. ", "3. "]
    assert "を書く" in steps[1]


@pytest.mark.parametrize("locale", ["C", "ja_JP.UTF-8"])
def test_how_to_begin_fits_into_a_hundred_columns(locale: str) -> None:
    steps = how_to_begin({"LC_ALL": locale}).splitlines()
    assert len(steps) == 3
    assert max(map(cell_len, steps)) <= 100
