"""SQL from the command line, on a file that it cannot change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.duckdb_door.support import door, load, query, record, schema, state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "backlog.duckdb"
    load(
        path,
        schema("issues", created="moment", summary="string", hours="number"),
        record("issues", id=1, created="2026-01-01T15:30:00Z", summary="a, 佐", hours=2),
        record("issues", id=2, created=None, summary='"b"\nc', hours=0.5),
        state({}),
    )
    return path


def asked(file: Path, question: str) -> str:
    (file.parent / "question.sql").write_text(question, encoding="utf-8")
    result = door(file, "--sql", file.parent / "question.sql")
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_rows_are_printed_as_csv(file: Path) -> None:
    assert asked(file, "SELECT * FROM issues ORDER BY id") == (
        'id,created,summary,hours\n1,2026-01-01 15:30:00,"a, 佐",2.0\n2,,"""b""\nc",0.5\n'
    )


def test_variables_can_be_set_before_the_query(file: Path) -> None:
    question = (
        "SET VARIABLE chosen = 2; SELECT id FROM issues WHERE id = getvariable('chosen');"
    )
    assert asked(file, question) == "id\n2\n"


def test_many_rows_are_printed_to_the_last(file: Path) -> None:
    lines = asked(file, "SELECT * FROM range(5001) AS numbers (number)").splitlines()
    assert (len(lines), lines[-1]) == (5002, "5000")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("DELETE FROM issues", "would change the tables"),
        ("SELECT * FROM nothing", "Table with name nothing does not exist"),
        ("SELEC", "syntax error"),
    ],
)
def test_what_cannot_be_done_is_one_line(file: Path, question: str, says: str) -> None:
    (file.parent / "question.sql").write_text(question)
    result = door(file, "--sql", file.parent / "question.sql")
    assert (result.returncode, result.stdout) == (1, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert query(file, "SELECT count(*) FROM issues") == [(2,)]


def test_a_query_that_is_not_there_is_named(file: Path) -> None:
    result = door(file, "--sql", file.parent / "none.sql")
    assert result.returncode == 1
    assert "none.sql cannot be read: No such file" in result.stderr
