"""Which loaders remove rows that are gone, as docs/loaders.md says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options, SampleServer, make_space
from tests import postgres
from tests.duckdb_door.support import door
from tests.support import ROOT, run
from tests.test_loaders import load

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

POSTGRES: Row = {
    "host": "127.0.0.1",
    "user": "postgres",
    "password": "none is asked for",
    "default_target_schema": "public",
}


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int, int]:
    """The messages of two readings of teams, and how many teams there were in each."""
    folder = tmp_path_factory.mktemp("teams")
    options = Options(projects=2, users=5, teams=7, issues=3, activities=5)
    with SampleServer(make_space(options)) as server:
        config = {
            "host": server.url,
            "api_key": options.admin_key,
            "emit_activate_version_messages": True,
        }
        first = run(folder, config, "--select=teams").stdout
        server.space.delete_team(server.space.teams[2]["id"])
        second = run(folder, config, "--select=teams").stdout
    assert '"ACTIVATE_VERSION"' in second
    return [first, second], 7, 6


def teams_in(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as database:
        return int(database.execute("SELECT count(*) FROM teams").fetchall()[0][0])


def test_tap_backlog_duckdb_does(
    loads: tuple[list[str], int, int], tmp_path: Path
) -> None:
    messages, _, now = loads
    for some in messages:
        assert door(tmp_path / "backlog.duckdb", stdin=some.encode()).returncode == 0
    assert teams_in(tmp_path / "backlog.duckdb") == now


def test_target_duckdb_does_not(
    loads: tuple[list[str], int, int], tmp_path: Path
) -> None:
    messages, before, _ = loads
    settings = {
        "filepath": str(tmp_path / "backlog.duckdb"),
        "default_target_schema": "main",
        "hard_delete": True,
    }
    for some in messages:
        load("target-duckdb", settings, some, tmp_path)
    assert teams_in(tmp_path / "backlog.duckdb") == before


@pytest.mark.parametrize(
    ("loader", "settings", "goes"),
    [
        ("target-postgres", {"database": "postgres", "hard_delete": True}, True),
        ("target-postgres", {"database": "postgres"}, False),
        ("target-pipelinewise-postgres", {"dbname": "postgres"}, False),
        (
            "target-pipelinewise-postgres",
            {"dbname": "postgres", "hard_delete": True},
            False,
        ),
    ],
)
def test_of_those_for_postgres_one_does_if_it_is_told(
    loads: tuple[list[str], int, int],
    tmp_path: Path,
    loader: str,
    settings: Row,
    goes: bool,  # noqa: FBT001
) -> None:
    messages, before, now = loads
    program = str(ROOT / f".venvs/{loader}/bin/target-postgres")
    with postgres.serve() as port:
        for some in messages:
            load(program, {**POSTGRES, **settings, "port": port}, some, tmp_path)
        count = postgres.query(port, "SELECT count(*) FROM teams")
    assert count == [[str(now if goes else before)]]


def test_what_is_null_is_asked_for_inside_the_json(tmp_path: Path) -> None:
    options = Options(projects=2, users=5, teams=2, issues=40, activities=5)
    with SampleServer(make_space(options)) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        messages = run(tmp_path, config, "--select=issues").stdout
        nobody = sum(row["assignee"] is None for row in server.space.issues.values())
    assert nobody
    settings = {**POSTGRES, "database": "postgres"}
    with postgres.serve() as port:
        load("target-postgres", {**settings, "port": port}, messages, tmp_path)
        query = "SELECT count(*) FROM issues WHERE assignee {}"
        assert postgres.query(port, query.format("IS NULL")) == [["0"]]
        found = postgres.query(port, query.format("->> 'id' IS NULL"))
    assert found == [[str(nobody)]]
