"""Pages in two languages hold the same commands, settings and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import blocks, tables
from tests.support import ROOT

PAIRS = ["meltano", "personal-data", "scheduling"]


@pytest.mark.parametrize("name", PAIRS)
def test_both_languages_hold_the_same_blocks_and_tables(name: str) -> None:
    english, japanese = f"docs/{name}.md", f"docs/{name}.ja.md"
    assert blocks(english)
    assert blocks(english) == blocks(japanese)
    assert [row[0] for row in tables(english)] == [row[0] for row in tables(japanese)]


@pytest.mark.parametrize("name", PAIRS)
def test_each_page_names_the_other_one_and_the_readme(name: str) -> None:
    head = "[日本語]({0}.ja.md) · [README](../README.md)", "[English]({0}.md)"
    english = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    japanese = (ROOT / f"docs/{name}.ja.md").read_text(encoding="utf-8")
    assert english.splitlines()[2] == head[0].format(name)
    assert japanese.splitlines()[2] == f"{head[1]} · [README](../README.ja.md)".format(
        name
    )


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("ending", [".md", ".ja.md"])
def test_links_lead_to_files_in_the_same_language(name: str, ending: str) -> None:
    text = (ROOT / f"docs/{name}{ending}").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    pages = [link for link in links[1:] if link.endswith(".md")]
    assert pages
    for link in pages:
        assert link.endswith(".ja.md") == (ending == ".ja.md"), link
    for link in links:
        assert not Path(link).is_absolute()
