"""Each text of page and workbook is there, in both languages, and is used."""

from __future__ import annotations

import re

from tap_backlog_report.words import LANGUAGES, words
from tests.support import ROOT

PACKAGE = ROOT / "tap_backlog_report"
CODE = "\n".join(
    file.read_text(encoding="utf-8")
    for folder in (PACKAGE, PACKAGE / "web", PACKAGE / "data", PACKAGE / "charts")
    for file in sorted(folder.iterdir())
    if file.suffix in {".py", ".js", ".sql"}
)
PLACEHOLDER = re.compile(r"\{\w+\}")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def test_the_languages_have_the_same_texts() -> None:
    english, japanese = (words(language) for language in LANGUAGES)
    assert list(english) == list(japanese)
    assert len(english) > 100
    for key, text in english.items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(
            PLACEHOLDER.findall(japanese[key])
        ), key
        assert not JAPANESE.search(text), key
        assert JAPANESE.search(japanese[key]), key


def test_the_code_asks_for_texts_that_are_there() -> None:
    asked = set(re.findall(r'(?<!progress\.)say\(\s*"([\w.]+)"', CODE))
    asked |= set(re.findall(r'texts\["([\w.]+)"\]', CODE))
    assert len(asked) > 35
    assert asked - set(words("en")) == set()


def test_no_text_is_left_over() -> None:
    families = set(re.findall(r"[`\"]([a-z]+)\.(?=\$\{|\{)", CODE))
    assert {"title", "how", "empty", "column", "choose", "period"} <= families
    left = {
        key
        for key in words("en")
        if f'"{key}"' not in CODE
        and (key.partition(".")[0] not in families or key.partition(".")[2] not in CODE)
    }
    assert left == set()
