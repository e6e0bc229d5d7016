"""Code and pages use common words, for readers whose first language may be Japanese.

The list has only phrases that are never right. CONTRIBUTING.md says the rest.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PHRASES = {
    r"(?<!there\s)is no (administrator|bug|failure|item|JSON|level|option|package)": (
        "is not a ..."
    ),
    r"(?<!there\s)is no (proxy|setting|(report|stream) of)": "is not a ...",
    r"(?<!there\s)is no UTF-8": "is not valid UTF-8",
    r"no bug of": "not a bug in",
    r"please mend": "invalid ...",
    r"something else than": "unexpected ...",
    r"where it stays": "if it persists",
    r"fail(s|ed|ing)? in passing|passing (error|failure)s?": "failed transiently",
    r"stopped,? as told": "stopped by signal",
    r"(go|goes|going|went) without": "skips ..., has no ...",
    r"dearest": "most expensive",
    r"(bear|bears|bearing|bore) (an?|its|no|that|the|their) ?(\w+ )?(mark|stamp)s?": (
        "has a timestamp"
    ),
    r"(bear|bears|bearing|bore) (an?|its|no|that|the|their) timestamps?": (
        "has a timestamp"
    ),
    r"by halves": "by bisection",
    r"(tell|tells|telling|told) \w+ apart|(telling|told) apart": "split, distinguish",
    r"tell \w* ?gone": "log as gone",
    r"note (a|the) refusals?": "record a refusal",
    r"(minute|page|request|second|row)s? a (day|minute|month|request|run|second)": (
        "... per ..."
    ),
    r"(minute|page|request|second)s? a (page|project|row|space|stream|user)": (
        "... per ..."
    ),
    r"(entry|module|task|thing) an? (commit|parent|space|subject)": "... per ...",
    r"but once": "at most once",
    r"but for": "except",
    r"for ever": "forever",
    r"whoever": "anyone who",
    r"stem(s|med|ming)? from": "come from",
    r"nothing is asked yet": "nothing is requested yet",
    r"hang(s|ing)? on": "belong to, depend on",
    r"anew": "again",
    r"now and then": "sometimes",
    r"next to nothing": "very little",
    r"thrown away": "discarded",
    r"lest|whence|whilst": "so that ... not, from which, while",
}
"""What not to write, as a regular expression, and what to write instead."""

BETWEEN_WORDS = r'[\s#"]+(?:f")?'
"""A space, or the end of a line of text, of a comment or of a string."""

PATTERNS = {
    re.compile(rf"\b(?:{phrase.replace(' ', BETWEEN_WORDS)})\b", re.IGNORECASE): instead
    for phrase, instead in PHRASES.items()
}
NOT_OURS = {"build", "dist", "output"}


def files() -> Iterator[Path]:
    """Yield the code and the pages of the project, but not this file."""
    for path in sorted(ROOT.iterdir()):
        if path.is_dir() and not path.name.startswith(".") and path.name not in NOT_OURS:
            for kind in ("*.py", "*.md"):
                yield from sorted(set(path.rglob(kind)) - {Path(__file__)})
        elif path.suffix in {".py", ".md"}:
            yield path


FILES = list(files())


def text_of(path: Path) -> str:
    """Return the text of a file; of the changelog, only its newest version."""
    text = path.read_text(encoding="utf-8")
    if path.name == "CHANGELOG.md":
        text = "\n## ".join(text.split("\n## ")[:2])
    return text


def complaints(name: str, text: str) -> list[str]:
    """Return what to write instead: file, line, the phrase, and plain words."""
    found = [
        (text.count("\n", 0, match.start()) + 1, match[0], instead)
        for pattern, instead in PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    return [
        f"{name}:{line}: not {' '.join(phrase.split())!r}, write {instead!r}"
        for line, phrase, instead in sorted(found)
    ]


def test_nobody_writes_what_a_learner_of_english_has_to_look_up() -> None:
    found = [
        complaint
        for path in FILES
        for complaint in complaints(str(path.relative_to(ROOT)), text_of(path))
    ]
    assert not found, "\n".join(["Plain words, please:", *found])


def test_code_and_pages_of_every_folder_are_read() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert {"README.md", "docs/settings.ja.md", "tests/streams/test_base.py"} <= names
    assert {"tap_backlog/tap.py", "orchestrate/dags/backlog.py"} <= names
    assert not any(name.startswith((".", "output/")) for name in names)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("It is no JSON.", "a.py:1: not 'is no JSON', write 'is not a ...'"),
        ("Two\nrequests a\nproject", "a.py:2: not 'requests a project', write"),
        ("# It asks but\n# once.", "a.py:1: not 'but # once', write 'at most once'"),
        ('x = (\n    "for "\n    f"ever"\n)', "a.py:2: not 'for \" f\"ever', write"),
        ("Whoever reads it", "a.py:1: not 'Whoever', write 'anyone who'"),
        ("Each bears its own stamp", "a.py:1: not 'bears its own stamp', write"),
    ],
)
def test_a_phrase_is_found_with_its_line_across_lines_and_strings(
    text: str, complaint: str
) -> None:
    (found,) = complaints("a.py", text)
    assert found.startswith(complaint)


@pytest.mark.parametrize(
    "text",
    [
        "There is no JSON in it.",
        "def test_the_files_are_written_anew() -> None: ...",
        "A row has a timestamp; requests are counted per project.",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert complaints("a.py", text) == []
