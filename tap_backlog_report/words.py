"""The texts of page and workbook, in English and Japanese."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ja")


@cache
def words(language: str) -> dict[str, str]:
    """Return all texts of a language by their key.

    Args:
        language: ``en`` or ``ja``.
    """
    file = Path(__file__).with_name("words.json")
    texts: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return {key: text[language] for key, text in texts.items()}
