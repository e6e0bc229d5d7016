"""docs/scaling.md is what its script writes."""

from __future__ import annotations

from scripts.scaling import TARGET, page
from tests.support import ROOT


def test_the_page_is_what_make_docs_writes() -> None:
    assert (ROOT / TARGET).read_text(encoding="utf-8") == page()
