"""Write docs/columns.md and docs/columns.ja.md from the schemas: ``make docs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.cli.words import in_japanese, without_report, words
from tap_backlog.tap import TapBacklog

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]

_A_DAY = (
    " A day, as Backlog writes it: midnight in UTC, or in the time zone of the space."
)

BY_NAME = {
    "projectId": "projects",
    "issueId": "issues",
    "teamId": "teams",
    "pageId": "wikis",
    "repositoryId": "git_repositories",
    "documentId": "documents",
    "commentId": "issue_comments",
    "fieldId": "custom_fields",
    "userId": "users",
    "parentIssueId": "issues",
    "spaceKey": "space",
}
"""Which stream a field refers to, by the field's name."""

BY_STREAM = {
    ("issue_milestones", "id"): "milestones",
    ("issue_versions", "id"): "milestones",
    ("issue_categories", "id"): "categories",
    ("issue_participants", "id"): "users",
    ("project_users", "id"): "users",
    ("project_administrators", "id"): "users",
    ("project_teams", "id"): "teams",
    ("team_members", "id"): "users",
    ("related_issues", "id"): "issues",
    ("document_tree", "id"): "documents",
    ("document_tree", "parentId"): "documents",
}
"""Which stream a field refers to, if its name does not say."""

_ONLY_IN = {"userId": ("user_stars", "watchings")}
"""The only streams in which a name refers to another stream."""


class Language(NamedTuple):
    """What changes with the language of the page."""

    file: str
    place: int
    intro: str
    heads: tuple[str, ...]
    key: str


ENGLISH = Language(
    "docs/columns.md",
    0,
    "# Columns\n\n[日本語](columns.ja.md)\n\n"
    "Every field of every stream, with its type, the word that Backlog shows for it, and "
    "what it means. Written from the schemas by `make docs`.\n",
    ("Column", "Type", "In Backlog", "Meaning"),
    "key",
)
JAPANESE = Language(
    "docs/columns.ja.md",
    1,
    "# 列の一覧\n\n[English](columns.md)\n\n"
    "すべてのストリームのすべての項目について、型、Backlog での名前、意味をまとめました。"
    "`make docs` がスキーマから書き出します。\n",
    ("列", "型", "Backlog での名前", "意味"),
    "キー",
)


def main() -> None:
    """Write both pages."""
    for language in (ENGLISH, JAPANESE):
        Path(language.file).write_text(page(language), encoding="utf-8")


def page(language: Language) -> str:
    """Return the whole page in a language.

    Raises:
        KeyError: A description has no translation in ``words.json`` yet.
    """
    entries = sorted(_entries(), key=lambda entry: str(entry["stream"]))
    title = ("Streams and their keys", "ストリームとキー")[language.place]
    parts = [language.intro, f"## {title}\n", diagram(entries)]
    parts += [_section(entry, language) for entry in entries]
    return "\n".join(parts)


def diagram(entries: list[Schema]) -> str:
    """Return the streams with their keys, and which refers to which, for Mermaid."""
    names = {entry["stream"] for entry in entries}
    lines = ["```mermaid", "erDiagram"]
    relations = []
    for entry in entries:
        stream, keys = entry["stream"], entry["key_properties"]
        lines.append(f"    {stream} {{")
        for field, schema in entry["schema"]["properties"].items():
            target = _target(stream, field, names)
            marks = [
                mark for mark, is_so in (("PK", field in keys), ("FK", target)) if is_so
            ]
            if marks:
                lines.append(f"        {_type_of(schema)} {field} {', '.join(marks)}")
            if target:
                relations.append(f"    {target} ||--o{{ {stream} : {field}")
        lines.append("    }")
    return "\n".join([*lines, *relations, "```", ""])


def _entries() -> list[Schema]:
    entries: list[Schema] = TapBacklog(config={}, validate_config=False).catalog_dict[
        "streams"
    ]
    return entries


def _target(stream: str, field: str, names: set[str]) -> str | None:
    if (stream, field) in BY_STREAM:
        return BY_STREAM[stream, field]
    if stream not in _ONLY_IN.get(field, (stream,)):
        return None
    target = BY_NAME.get(field)
    return target if target in names and target != stream else None


def _section(entry: Schema, language: Language) -> str:
    description, report = without_report(entry["schema"]["description"])
    intro = (description, f"{report}。")[language.place]
    heads = language.heads
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    rows += _rows(entry, language)
    return f"## {entry['stream']}\n\n{intro}\n\n" + "\n".join(rows) + "\n"


def _rows(entry: Schema, language: Language) -> Iterator[str]:
    for field, schema in entry["schema"]["properties"].items():
        shown = words()["names"].get(field, ["", ""])
        name = f"`{field}`"
        if field in entry["key_properties"]:
            name += f" ({language.key})"
        meaning = schema["description"]
        if language is JAPANESE:
            meaning = _meaning_in_japanese(meaning)
        cells = [name, _type_of(schema), shown[language.place], meaning]
        yield f"| {' | '.join(cells)} |"


def _meaning_in_japanese(description: str) -> str:
    if description.endswith(_A_DAY):
        day = description.removesuffix(_A_DAY)
        return in_japanese(day) + in_japanese(_A_DAY.strip())
    return in_japanese(description)


def _type_of(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "timestamp"
    names = {"string": "text", "integer": "bigint", "number": "decimal"}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    (kind,) = (str(kind) for kind in kinds if kind != "null")
    return names.get(kind, kind)


if __name__ == "__main__":
    main()
