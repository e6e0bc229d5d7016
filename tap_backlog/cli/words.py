"""Backlog's own names of fields, and texts in Japanese."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_japanese(environment: Mapping[str, str]) -> bool:
    """Whether messages should be in Japanese, by the POSIX rules for the environment.

    Args:
        environment: The environment variables; the first one that is set counts.
    """
    locales = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    language = next(filter(None, locales), "")
    return re.split(r"[_.@-]", language)[0].lower() == "ja"


def in_japanese(description: str) -> str:
    """Return a description in Japanese.

    Args:
        description: The description, in English.

    Raises:
        KeyError: It has no translation in ``words.json`` yet.
    """
    translated: str = words()["descriptions"][description]
    return translated


def phrase(text: str, *, japanese: bool) -> str:
    """Return a text of the command line in the user's language.

    Args:
        text: The text, in English.
        japanese: Whether it should be in Japanese.

    Raises:
        KeyError: It has no translation in ``words.json`` yet.
    """
    phrases: dict[str, str] = words()["phrases"]
    return phrases[text] if japanese else text


def without_report(description: str) -> tuple[str, str]:
    """Return the description of a stream without the Japanese API name, and that name.

    Args:
        description: The description, with the name in brackets.

    Raises:
        KeyError: The description has no such name.
    """
    match = re.search(r" \(([^()]*(?:\([^()]*\))?[^()]*)\)(?=\.)", description)
    if match is None:
        raise KeyError(description)
    return description.replace(match[0], ""), match[1]


@functools.cache
def words() -> dict[str, Any]:
    """Return the word list: ``names`` of fields, ``descriptions`` and ``phrases``."""
    file = Path(__file__).with_name("words.json")
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
