"""The pages say the same in both languages; their links and quotes are right."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tap_backlog.settings.schema import SETTINGS_SCHEMA
from tap_backlog.tap import TapBacklog
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JAPANESE = sorted([*ROOT.glob("*.ja.md"), *ROOT.glob("docs/*.ja.md")])
ENGLISH = [page.with_name(page.name.replace(".ja.md", ".md")) for page in JAPANESE]
PAIRS = list(zip(ENGLISH, JAPANESE, strict=True))
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "orchestrate/README.md"]
)
LANGUAGES = [".md", ".ja.md"]
MARK = "[（、]英語）"  # noqa: RUF001
LETTER = "[ぁ-んァ-ヶー一-龠々]"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> list[tuple[str, str]]:
    """Return the blocks of code of a page, each with its language."""
    found: list[tuple[str, str]] = re.findall(
        r"^```(\w*)\n(.*?)^```$", text_of(page), re.DOTALL | re.MULTILINE
    )
    return found


def prose_of(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)


def headings_of(page: Path) -> list[tuple[str, str]]:
    """Return the headings of a page: the ``#`` signs of each, and its words."""
    found: list[tuple[str, str]] = re.findall(
        r"^(#+) (.+)$", prose_of(page), re.MULTILINE
    )
    return found


def cells_of(page: Path) -> list[list[str]]:
    """Return the rows of a page's tables as cells, with their heads."""
    rows = re.findall(r"^\|(.+)\|$", prose_of(page), re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows]


def anchors_of(page: Path) -> Iterator[str]:
    """Return the anchors that GitHub makes from the headings of a page."""
    seen: Counter[str] = Counter()
    for _, words in headings_of(page):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", words).lower()
        kept = [
            sign
            for sign in shown
            if sign in " -_" or unicodedata.category(sign)[0] in "LMN"
        ]
        anchor = "".join(kept).replace(" ", "-")
        yield anchor + (f"-{seen[anchor]}" if seen[anchor] else "")
        seen[anchor] += 1


def links_of(page: Path) -> list[tuple[str, str]]:
    """Return the links of a page into the project: the words, and the targets."""
    prose = re.sub(r"`[^`\n]*`", "", prose_of(page))
    found: list[tuple[str, str]] = re.findall(r"\[([^]]*)\]\(([^)\s]+)\)", prose)
    return [(words, to) for words, to in found if not to.startswith("http")]


def target_of(page: Path, to: str) -> Path:
    path = to.partition("#")[0]
    return (page.parent / path).resolve() if path else page


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: name(pair[0]))
def test_a_page_says_the_same_in_both_languages(pair: tuple[Path, Path]) -> None:
    english, japanese = pair
    marks = [[mark for mark, _ in headings_of(page)] for page in pair]
    assert marks[0] == marks[1]
    assert code_of(english) == code_of(japanese)
    # A row has the same subject in both: a setting, a stream, a message.
    assert [(len(row), re.findall(r"`[^`]+`", row[0])) for row in cells_of(english)] == [
        (len(row), re.findall(r"`[^`]+`", row[0])) for row in cells_of(japanese)
    ]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: name(pair[0]))
def test_a_page_begins_with_the_way_to_the_other_language(
    pair: tuple[Path, Path],
) -> None:
    english, japanese = pair
    assert text_of(english).split("\n")[2].startswith(f"[日本語]({japanese.name})")
    assert text_of(japanese).split("\n")[2].startswith(f"[English]({english.name})")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for _, to in links_of(page):
        target, anchor = target_of(page, to), to.partition("#")[2]
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(to)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_stay_in_the_language_of_the_page(page: Path) -> None:
    others = ENGLISH if page in JAPANESE else JAPANESE
    assert [
        to
        for words, to in links_of(page)
        if target_of(page, to) in others and words not in {"English", "日本語"}
    ] == []


@pytest.mark.parametrize("page", JAPANESE, ids=name)
def test_pages_without_a_translation_are_marked_as_english(page: Path) -> None:
    unmarked = [
        to
        for to, after in re.findall(
            r"\]\(([^)\s]+\.md)\)(.{5})", prose_of(page), re.DOTALL
        )
        if target_of(page, to) not in ENGLISH
        and not to.endswith(".ja.md")
        and not re.match(MARK, after)
    ]
    assert unmarked == []


@pytest.mark.parametrize(
    "page",
    # The columns contain Backlog's own words, as Backlog writes them.
    [page for page in JAPANESE if page.name != "columns.ja.md"],
    ids=name,
)
def test_a_space_stands_between_japanese_and_ascii(page: Path) -> None:
    prose = re.sub(r"\]\([^)]*\)", "]", prose_of(page))
    spaced = re.sub(r"`[^`\n]*`", "`", prose)
    assert re.findall(rf".?{LETTER}[A-Za-z0-9].?|.?[A-Za-z0-9]{LETTER}.?", spaced) == []


@pytest.mark.parametrize(
    "spelling",
    [
        "持ち主",
        r"\bstate\b",
        "平坦化",
        "ストリーム マップ",
        "stream maps",
        "ブラウザ(?!ー)",
    ],
)
def test_japanese_words_are_spelt_one_way(spelling: str) -> None:
    assert [
        name(page)
        for page in JAPANESE
        if re.search(spelling, re.sub(r"`[^`\n]*`", "", prose_of(page)))
    ] == []


@pytest.mark.parametrize("ending", LANGUAGES)
def test_the_table_of_settings_has_each_setting_with_its_default(ending: str) -> None:
    page = ROOT / f"docs/settings{ending}"
    defaults = {cells[0]: cells[-1] for cells in cells_of(page) if len(cells) == 3}
    ours = SETTINGS_SCHEMA["properties"]
    wanted = {f"`{setting}`" for setting in TapBacklog.config_jsonschema["properties"]}
    shown = {cell for cell in defaults if re.fullmatch(r"`[a-z_]+`", cell)}
    builtin = {
        f"`{setting}`"
        for setting in (
            *("stream_maps", "stream_map_config", "faker_config", "batch_config"),
            *("flattening_enabled", "flattening_max_depth"),
            *("flattening_separator", "flattening_max_key_length"),
        )
    }
    assert shown - builtin == wanted - builtin
    assert shown >= builtin
    for setting, schema in ours.items():
        if (default := schema.get("default")) is not None:
            written = str(default).lower() if isinstance(default, bool) else str(default)
            assert defaults[f"`{setting}`"].strip("`") == written, setting


def strings_of_the_code() -> Iterator[str]:
    """Return the texts in the code, with a NUL for each part that is filled in.

    The sample space is read too: it says what Backlog says.
    """
    files = [*ROOT.glob("tap_backlog/**/*.py"), *ROOT.glob("sample_space/**/*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    str(part.value) if isinstance(part, ast.Constant) else "\0"
                    for part in node.values
                ]
                yield "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"%(\.\d)?[sdf]", "\0", node.value)


def fixed_parts(message: str) -> list[str]:
    """Return the parts of a quoted message that are the same in every run.

    Numbers, names, ``...`` and the signs around Backlog's own words are left out.
    """
    parts = re.split(r"\.\.\.|\d+|`\w+`|: '|: |'| \(code", message)
    return [part.strip() for part in parts if re.search(r"\w", part)]


@pytest.mark.parametrize("ending", LANGUAGES)
def test_every_message_in_troubleshooting_is_one_of_the_code(ending: str) -> None:
    heading = {".md": "What it says, and what to do", ".ja.md": "表示される文と対処方法"}
    text = text_of(ROOT / f"docs/troubleshooting{ending}")
    (section,) = re.findall(
        rf"^## {heading[ending]}$(.*?)^## ", text, re.DOTALL | re.MULTILINE
    )
    cells = re.findall(r"^\| (`.+?`) \| ", section, re.MULTILINE)
    messages = [
        message.strip()
        for cell in cells
        for message in re.findall(r"`` (.+?) ``|`([^`]+)`", cell)
        for message in message
        if message
    ]
    assert len(messages) > 15
    known = list(strings_of_the_code())
    assert [
        part
        for message in messages
        for part in fixed_parts(message)
        if not any(part in text for text in known)
    ] == []


def test_every_option_in_a_command_is_one_of_the_tap() -> None:
    options = {
        spelling
        for option in TapBacklog.cli.params
        for spelling in (*option.opts, *option.secondary_opts)
    }
    used = {
        option
        for page in ENGLISH
        for language, block in code_of(page)
        if language == "sh"
        for command in re.findall(
            r"(?<!meltano select )\btap-backlog (--[^|>\n]+)", block
        )
        for option in re.findall(r"--[a-z-]+", command)
    }
    assert {"--config", "--state"} <= used
    assert used <= options | {"--help"}
