"""What is written from the models is what compiling gives."""

from __future__ import annotations

import json
import re

import pytest

from scripts.compile_models import files, source_tables
from tests.support import ROOT


def test_queries_properties_and_pages_are_what_make_docs_writes() -> None:
    written = files()
    assert len(written) > 50
    for path, text in written.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, path
    for folder in {path.parent for path in written if path.suffix == ".sql"}:
        there = {path.relative_to(ROOT) for path in (ROOT / folder).glob("*.sql")}
        assert there == {path for path in written if path.parent == folder}


def test_the_report_needs_only_tables_of_streams_and_earlier_queries() -> None:
    made: set[str] = set()
    for path in sorted((ROOT / "tap_backlog_report/sql").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\bmarts\.(\w+)", text)) <= made, path.name
        assert set(re.findall(r"\bmain\.(\w+)", text)) <= set(source_tables())
        assert "compiled" not in text
        made.add(path.stem.partition("_")[2])
    assert {"issues", "issue_daily", "milestone_progress"} <= made


def test_every_source_table_is_a_stream_and_has_a_staging_model() -> None:
    staging = ROOT / "dbt/models/staging"
    read = {
        re.findall(r"backlog\.loaded\('(\w+)'", path.read_text(encoding="utf-8"))[0]
        for path in staging.glob("*.sql")
    }
    assert read == set(source_tables())


@pytest.mark.parametrize("database", ["bigquery", "snowflake"])
def test_other_databases_have_their_words_for_what_differs(database: str) -> None:
    text = (ROOT / "dbt/macros/dialect.sql").read_text(encoding="utf-8")
    own = set(re.findall(rf"macro {database}__(\w+)\(", text))
    named = set(re.findall(r"macro default__(\w+)\(", text))
    assert own <= named
    # These are the same everywhere, or as in Snowflake's own documentation.
    same = {"chosen"}
    if database == "snowflake":
        same |= {"first_day", "quantile", "type_double"}
    assert named - own == same


def test_every_description_is_in_the_word_list() -> None:
    words = json.loads((ROOT / "tap_backlog/cli/words.json").read_text(encoding="utf-8"))
    text = (ROOT / "dbt/descriptions.json").read_text(encoding="utf-8")
    described = json.loads(text)
    told = [*described["columns"].values()]
    for folder in ("marts", "intermediate"):
        for model in described[folder].values():
            told += [model["description"], *model.get("columns", {}).values()]
    assert len(told) > 100
    for english in told:
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", words["descriptions"][english]), english
