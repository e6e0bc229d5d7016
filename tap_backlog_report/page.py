"""The page: one HTML file, with its data, its code and the charting library inside."""

from __future__ import annotations

import html
import json
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog_report.words import words

if TYPE_CHECKING:
    from tap_backlog_report.about import About

_HERE = Path(__file__).parent
_WEB = _HERE / "web"
LIBRARY = _HERE / "vendor" / "echarts.common.min.js"
CHARTS = _HERE / "charts"


class Choice(NamedTuple):
    """What the page is about.

    Args:
        since: First day of the period that is chosen at first.
        projects: Keys of the only projects that it has.
    """

    since: str | None = None
    projects: list[str] | None = None


def page(
    space: About, language: str, data: dict[str, Any], choice: Choice | None = None
) -> str:
    """Return the page as HTML.

    Args:
        space: The space.
        language: ``en`` or ``ja``.
        data: What the page counts, from ``data.py``.
        choice: What the user chose; all for None.
    """
    choice = choice or Choice()
    texts = words(language)
    moment = space.read_at.astimezone(space.zone)
    config = {
        "language": language,
        "words": texts,
        "url": space.url,
        "projects": choice.projects,
        "since": choice.since,
        "sql": {file.stem: _read(file) for file in sorted(CHARTS.glob("*.sql"))},
    }
    return Template(_read(_WEB / "page.html")).substitute(
        language=language,
        title=html.escape(f"{space.name}: {texts['title']}"),
        name=html.escape(space.name),
        report=html.escape(texts["title"]),
        moment=html.escape(
            texts["read_at"].format(
                moment=f"{moment:%Y-%m-%d %H:%M}", zone=space.zone.key
            )
        ),
        choices=html.escape(texts["choices"]),
        skip=html.escape(texts["skip"]),
        no_script=html.escape(texts["no_script"]),
        style=_read(_WEB / "style.css"),
        config=in_script(config),
        data=in_script(data),
        library=_as_script(_read(LIBRARY)),
        script="\n".join(_as_script(_read(file)) for file in sorted(_WEB.glob("*.js"))),
    )


def in_script(value: object) -> str:
    """Return JSON that may stand inside a script element, whatever it says.

    Args:
        value: What is to be written.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _as_script(code: str) -> str:
    return code.replace("</script", "<\\/script")


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
