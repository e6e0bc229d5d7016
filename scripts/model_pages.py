"""What the models and their columns mean: for dbt, and for docs/models.md.

Marts and what they stand on are described in ``dbt/descriptions.json``, staging models by
the schemas of the streams. The Japanese is in the word list of the tap.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from tap_backlog.cli.words import in_japanese, without_report
from tap_backlog.tap import TapBacklog

ROOT = Path(__file__).parents[1]
MODELS = Path("dbt/models")
PAGES = {"en": Path("docs/marts.md"), "ja": Path("docs/marts.ja.md")}

_SPACES = "Time zone and last day of each space."
_A_DAY = (
    " A day, as Backlog writes it: midnight in UTC, or in the time zone of the space."
)
"""Is not true of a model's column any more."""

_TYPES = {"FLOAT": "DOUBLE", "INTEGER": "BIGINT"}


class Model(NamedTuple):
    """A model as dbt compiled it.

    Args:
        name: Its name.
        folder: The folder of models that it is in, such as ``marts``.
        query: One SELECT.
        parents: Names of the models and source tables that it refers to.
        columns: Types of its columns in DuckDB; none if it was not built.
    """

    name: str
    folder: str
    query: str
    parents: list[str]
    columns: dict[str, str]


def property_files(models: dict[str, Model]) -> dict[Path, str]:
    """Return the properties of all models, as dbt reads them, and the pages of the marts.

    Args:
        models: The models, built.
    """
    files = {
        MODELS / folder / f"{folder}.yml": _properties(
            [model for model in models.values() if model.folder == folder]
        )
        for folder in ("staging", "intermediate", "marts")
    }
    marts = [model for model in models.values() if model.folder == "marts"]
    marts.sort(key=lambda model: [*_described()["marts"]].index(model.name))
    return {**files, **{path: _page(marts, name) for name, path in PAGES.items()}}


@functools.cache
def _described() -> dict[str, Any]:
    text = (ROOT / "dbt/descriptions.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def _properties(models: list[Model]) -> str:
    """Return descriptions and tests; JSON in quotes is YAML, too."""
    lines = ["# Written by `make docs`.", "version: 2", "", "models:"]
    for model in sorted(models):
        known = _described().get(model.folder, {}).get(model.name, {})
        lines += [
            f"  - name: {model.name}",
            f"    description: {_in_quotes(*description(model))}",
        ]
        if key := known.get("key"):
            lines += ["    data_tests:", *_test("unique_together", columns=key)]
        for column, to in known.get("refers_to", {}).items():
            lines += _test("refers_to", to=_PARENTS[to], columns=[key[0], column])
            lines += ["          config: {severity: warn}"] if to == "project" else []
        lines.append("    columns:")
        for column in model.columns:
            text = meaning(model, column)
            lines += [
                f"      - name: {json.dumps(column, ensure_ascii=False)}",
                f"        description: {_in_quotes(text, in_japanese(text))}",
            ]
            tests = (
                ["not_null"]
                if column in [*(key or ()), *known.get("not_null", ())]
                else []
            )
            values = _VALUES.get((model.name, column))
            if tests or values:
                lines.append("        data_tests:")
            lines += [f"          - {one}" for one in tests]
            if values:
                listed = json.dumps(values)
                lines += [
                    "          - accepted_values:",
                    f"              arguments: {{values: {listed}, quote: false}}",
                ]
    return "\n".join(lines) + "\n"


_PARENTS = {
    "issue": "ref('issues')",
    "milestone": "ref('milestones')",
    "project": "ref('stg_backlog__projects')",
}
"""What a column may refer to. A project that the key's owner left is not in the list."""

_VALUES = {("issue_history", "activity_type"): [1, 2, 3, 14, 34, 35, 47]}
"""The only values of a column."""


def _test(name: str, **arguments: object) -> list[str]:
    written = ", ".join(f"{key}: {json.dumps(value)}" for key, value in arguments.items())
    return [f"      - {name}:", f"          arguments: {{{written}}}"]


def _in_quotes(english: str, japanese: str) -> str:
    return json.dumps(f"{english} {japanese}", ensure_ascii=False)


def description(model: Model) -> tuple[str, str]:
    """Return what a model holds, in English and in Japanese.

    Args:
        model: The model.
    """
    if schema := _schema(model) if model.folder == "staging" else None:
        english, japanese = without_report(schema["description"])
        return english, f"{japanese}。"
    known = _described().get(model.folder, {}).get(model.name, {})
    english = known.get("description", _SPACES)
    return english, in_japanese(english)


def meaning(model: Model, column: str) -> str:
    """Return what a column holds.

    Args:
        model: Its model.
        column: Its name.
    """
    described = _described()
    own = described.get(model.folder, {}).get(model.name, {}).get("columns", {})
    if column in own:
        return str(own[column])
    if model.folder == "staging":
        sql = (ROOT / MODELS / "staging" / f"{model.name}.sql").read_text("utf-8")
        field = re.search(rf"\('{column}', '([\w.]+)', '\w+'\)", sql)
        schema: Any = _schema(model)
        for part in field[1].split(".") if field else ():
            schema = (schema or {}).get("properties", {}).get(part)
        if field and schema:
            return str(schema["description"]).removesuffix(_A_DAY)
    return str(described["columns"][column])


def _schema(model: Model) -> dict[str, Any] | None:
    """Return the schema of the stream that a staging model reads."""
    sql = (ROOT / MODELS / "staging" / f"{model.name}.sql").read_text("utf-8")
    name = re.search(r"backlog\.loaded\('(\w+)'", sql)
    is_stream = name and model.name != "stg_backlog__spaces"
    return _schemas()[name[1]] if name and is_stream else None


@functools.cache
def _schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each stream."""
    streams: Any = TapBacklog(config={}, validate_config=False).catalog_dict["streams"]
    return {one["stream"]: one["schema"] for one in streams}


class _Language(NamedTuple):
    title: str
    heads: tuple[str, str, str]
    key: str


_LANGUAGES = {
    "en": _Language(
        "# Marts\n\n[日本語](marts.ja.md) · [How to build them](models.md)\n\n"
        "Every column of every mart. Written by `make docs`.\n",
        ("Column", "Type", "Meaning"),
        "key",
    ),
    "ja": _Language(
        "# マート\n\n[English](marts.md) · [作り方](models.ja.md)\n\n"
        "すべてのマートのすべての列です。`make docs` が書き出します。\n",
        ("列", "型", "意味"),
        "キー",
    ),
}


def _page(marts: list[Model], language: str) -> str:
    words = _LANGUAGES[language]

    def told(english: str) -> str:
        return english if language == "en" else in_japanese(english)

    place = [*_LANGUAGES].index(language)
    parts = [words.title]
    for mart in marts:
        key = _described()["marts"][mart.name]["key"]
        parts.append(f"## {mart.name}\n\n{description(mart)[place]}\n")
        parts.append(f"| {' | '.join(words.heads)} |\n|---|---|---|")
        for column, kind in mart.columns.items():
            shown = f"`{column}`" + (f" ({words.key})" if column in key else "")
            kind_shown = _TYPES.get(kind, kind).lower()
            parts.append(f"| {shown} | {kind_shown} | {told(meaning(mart, column))} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"
