"""Write the SQL that stands without dbt, from the models: ``make docs``.

The recipes and the marts become one query each (``docs/recipes``), for DuckDB's command
line. For the report, each model is a query of its own (``tap_backlog_report/sql``).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from scripts.model_pages import Model, property_files
from tap_backlog.tap import TapBacklog
from tap_backlog_duckdb import sql
from tap_backlog_duckdb.column_types import type_of

ROOT = Path(__file__).parents[1]
RECIPES = Path("docs/recipes")
REPORT = Path("tap_backlog_report/sql")
"""Where the queries go."""

OFF_BY_DEFAULT = {"issue_comments", "issue_change_log"}
"""Tables that a file may well not have; recipes do without."""

DATA_DEPENDENT = {"custom_field_columns"}
"""Its columns are those of a space, so there is no one query for all."""

_FILE = "compiled.duckdb"
_NAME = re.compile(r'"compiled"\."(\w+)"\."(\w+)"')
_CTE = "__dbt__cte__"


def source_tables() -> list[str]:
    """Return the names of the streams that the models read."""
    text = (ROOT / "dbt/models/sources.yml").read_text(encoding="utf-8")
    return re.findall(r"^ {6}- name: (\w+)$", text, re.MULTILINE)


def make_tables(file: Path, names: list[str]) -> None:
    """Write empty tables, as ``tap-backlog-duckdb`` makes them of the streams' schemas.

    Args:
        file: The DuckDB file.
        names: Of the streams.
    """
    streams: Any = TapBacklog(config={}, validate_config=False).catalog_dict["streams"]
    schemas = {one["stream"]: one["schema"]["properties"] for one in streams}
    with duckdb.connect(str(file)) as connection:
        for name in names:
            columns = schemas[name].items()
            defined = (f"{sql.name(key)} {type_of(schema)}" for key, schema in columns)
            connection.execute(f"CREATE TABLE {sql.name(name)} ({sql.listed(defined)})")


def compiled(names: list[str], *, in_one: bool) -> dict[str, Model]:
    """Return the models for DuckDB, parents first.

    Args:
        names: The source tables that there are.
        in_one: Whether a query holds all that it stands on.
    """
    with tempfile.TemporaryDirectory() as folder:
        make_tables(Path(folder) / _FILE, names)
        choices = {"materialized": "ephemeral"} if in_one else {}
        command = "compile" if in_one else "run"
        result = subprocess.run(  # noqa: S603
            [
                *(str(ROOT / ".venvs/dbt/bin/dbt"), "--quiet", command),
                *("--target-path", folder, "--log-path", folder),
                *("--project-dir", str(ROOT / "dbt")),
                *("--profiles-dir", str(ROOT / "dbt")),
                *("--target", "duckdb", "--vars", json.dumps(choices)),
            ],
            env={**os.environ, "BACKLOG_DUCKDB": str(Path(folder) / _FILE)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if result.returncode:
            raise SystemExit(result.stdout + result.stderr)
        manifest = json.loads((Path(folder) / "manifest.json").read_text("utf-8"))
        with duckdb.connect(str(Path(folder) / _FILE)) as connection:
            rows = connection.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE schema_name LIKE 'marts%' ORDER BY table_name, column_index"
            ).fetchall()
        columns: dict[str, dict[str, str]] = defaultdict(dict)
        for table, column, kind in rows:
            columns[table][column] = kind
        return _models(manifest, Path(folder) / "compiled/backlog", columns)


def _models(
    manifest: dict[str, Any], folder: Path, columns: dict[str, dict[str, str]]
) -> dict[str, Model]:
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    models: dict[str, Model] = {}
    while nodes:
        # The first by name whose parents are there.
        key = min(key for key in nodes if not nodes.keys() & _parents(nodes[key]))
        node = nodes.pop(key)
        path = folder / node["original_file_path"]
        models[node["name"]] = Model(
            node["name"],
            Path(node["path"]).parts[0],
            _tidy(path.read_text(encoding="utf-8")),
            sorted(one.split(".")[-1] for one in _parents(node)),
            columns[node["name"]],
        )
    return models


def _parents(node: dict[str, Any]) -> set[str]:
    return set(node["depends_on"]["nodes"])


def _tidy(query: str) -> str:
    """Take out empty lines and spaces that templates leave."""
    lines = [line.rstrip() for line in query.strip().splitlines()]
    return "\n".join(line for line in lines if line) + "\n"


def files() -> dict[Path, str]:
    """Return what each file should hold."""
    everything = source_tables()
    for_queries = compiled(
        [name for name in everything if name not in OFF_BY_DEFAULT], in_one=True
    )
    for_report = compiled(everything, in_one=False)
    return {**_recipes(for_queries), **_report(for_report), **property_files(for_report)}


def _recipes(models: dict[str, Model]) -> dict[Path, str]:
    folders = {"recipes": RECIPES, "marts": RECIPES / "marts"}
    return {
        folders[model.folder] / f"{model.name}.sql": _with_head(model, models)
        for model in models.values()
        if model.folder in folders and model.name not in DATA_DEPENDENT
    }


def _with_head(model: Model, models: dict[str, Model]) -> str:
    """Return a query with its comment first, and plain names inside.

    Names of marts get an ending, since loaded tables have the same.
    """
    source = ROOT / "dbt/models" / model.folder / f"{model.name}.sql"
    head = re.match(r"((?:--.*\n)*)", source.read_text(encoding="utf-8"))
    comment = head[1] if head else ""
    query = model.query.replace(comment.rstrip("\n"), "")
    for name, one in models.items():
        plain = f"{name}_mart" if one.folder == "marts" else name
        query = re.sub(rf"\b{_CTE}{name}\b", plain, query)
    query = _NAME.sub(r"\2", query)
    return f"{comment}{_tidy(query).rstrip()};\n"


def _report(models: dict[str, Model]) -> dict[Path, str]:
    wanted = [
        model
        for model in models.values()
        if model.folder != "recipes" and model.name not in DATA_DEPENDENT
    ]
    return {
        REPORT / f"{place:02}_{model.name}.sql": _NAME.sub(_in_marts, model.query)
        for place, model in enumerate(wanted, 1)
    }


def _in_marts(match: re.Match[str]) -> str:
    schema = "main" if match[1] == "main" else "marts"
    return f"{schema}.{match[2]}"


def main() -> None:
    """Write all files."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
