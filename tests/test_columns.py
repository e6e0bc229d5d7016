"""docs/columns.md and docs/columns.ja.md say what the schemas say."""

from __future__ import annotations

import re

import pytest

from scripts.columns import ENGLISH, JAPANESE, Language, page
from tap_backlog.streams import STREAM_TYPES
from tests.support import ROOT


@pytest.mark.parametrize("language", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_the_page_is_what_make_docs_writes(language: Language) -> None:
    assert (ROOT / language.file).read_text(encoding="utf-8") == page(language)


def test_the_diagram_joins_every_stream_that_has_something_to_point_to() -> None:
    text = (ROOT / ENGLISH.file).read_text(encoding="utf-8")
    (diagram,) = re.findall(
        r"^```mermaid\nerDiagram\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    entities = re.findall(r"^    (\w+) \{$", diagram, re.MULTILINE)
    assert sorted(entities) == sorted(str(vars(t)["name"]) for t in STREAM_TYPES)
    joined = re.findall(r"^    (\w+) \|\|--o\{ (\w+) : (\w+)$", diagram, re.MULTILINE)
    assert {name for pair in joined for name in pair[:2]} <= set(entities)
    assert ("issues", "issue_comments", "issueId") in joined
    assert ("milestones", "issue_milestones", "id") in joined


def test_japanese_meanings_are_japanese() -> None:
    text = (ROOT / JAPANESE.file).read_text(encoding="utf-8")
    for meaning in re.findall(r"^\| `\w+`.*\| ([^|]+) \|$", text, re.MULTILINE):
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", meaning), meaning


def test_a_space_stands_between_japanese_and_ascii_in_a_meaning() -> None:
    text = (ROOT / JAPANESE.file).read_text(encoding="utf-8")
    meanings = re.findall(r"^\| `\w+`.*\| ([^|]+) \|$", text, re.MULTILINE)
    letter = "[ぁ-んァ-ヶー一-龠々]"
    unspaced = rf"{letter}[A-Za-z0-9]|[A-Za-z0-9]{letter}"
    assert [one for one in meanings if re.search(unspaced, one)] == []
