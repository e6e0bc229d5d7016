"""Imports run one way, and no file is too long to understand as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.imports import Room, circles, import_graph, room_of, trespasses
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = (
    "tap_backlog",
    "tap_backlog_duckdb",
    "tap_backlog_report",
    "sample_space",
    "tests",
    "scripts",
    "benchmarks",
    "orchestrate",
)

MOST_LINES = 400


def rooms_of(package: str) -> dict[str, Room]:
    """Return the rooms of a package, as a table of docs/architecture.md says."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    heading = "| Room | Modules | Holds | May import |\n|---|---|---|---|\n"
    tables = dict(
        zip(("tap_backlog", "sample_space"), page.split(heading)[1:], strict=True)
    )
    rooms = {}
    for line in tables[package].partition("\n\n")[0].splitlines():
        name, modules, _, imports = (cell.strip() for cell in line.strip("|").split("|"))
        holds = [module_of(package, one) for one in re.findall(r"`([^`]+)`", modules)]
        rooms[name] = Room(tuple(holds), tuple(filter(None, imports.split(", "))))
    return rooms


def module_of(package: str, written: str) -> str:
    if written == "__init__":
        return package
    return f"{package}.{written.replace('/', '.*')}"


def test_no_file_is_longer_than_400_lines() -> None:
    lines = {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8").count("\n")
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
    }
    assert len(lines) > 200
    assert {name for name, count in lines.items() if count > MOST_LINES} == set()


def test_tests_name_no_private_part_of_the_tap_in_a_string() -> None:
    """The linter finds the others (SLF001); those of the SDK have their own test file."""
    pattern = r'attr\((?!os,)[\w.]+, "_[a-z]\w*"|"tap_backlog\.[\w.]*\._\w+"'
    found = {
        file.name: re.findall(pattern, file.read_text(encoding="utf-8"))
        for file in (ROOT / "tests").rglob("*.py")
        if file.name != "test_sdk_internals.py"
    }
    assert {name: parts for name, parts in found.items() if parts} == {}


def test_the_sample_space_has_no_circle_of_imports() -> None:
    assert circles(import_graph(ROOT / "sample_space")) == []


def test_the_tap_has_no_circle_of_imports() -> None:
    assert circles(import_graph(ROOT / "tap_backlog")) == []


def test_the_door_to_duckdb_and_the_tap_do_not_know_each_other() -> None:
    packages = {"tap_backlog", "tap_backlog_duckdb"}
    graph = import_graph(*(ROOT / package for package in packages))
    for name, imported in graph.items():
        own = name.split(".")[0]
        assert {one.split(".")[0] for one in imported} <= {own}, name
    assert {name.split(".")[0] for name in graph} == packages
    assert circles(import_graph(ROOT / "tap_backlog_duckdb")) == []


def test_the_report_knows_its_door_and_nobody_knows_the_report() -> None:
    packages = ("tap_backlog", "tap_backlog_duckdb", "tap_backlog_report", "sample_space")
    graph = import_graph(*(ROOT / package for package in packages))
    known: dict[str, set[str]] = {package: set() for package in packages}
    for name, imported in graph.items():
        known[name.split(".")[0]] |= {one.split(".")[0] for one in imported}
    assert known.pop("tap_backlog_report") == {
        *("tap_backlog_duckdb", "tap_backlog_report", "sample_space")
    }
    assert not any("tap_backlog_report" in imported for imported in known.values())
    assert circles(import_graph(ROOT / "tap_backlog_report")) == []


def test_the_rooms_of_the_tap_keep_to_their_table() -> None:
    rooms = rooms_of("tap_backlog")
    assert len(rooms) == 10
    assert trespasses(import_graph(ROOT / "tap_backlog"), rooms) == []
    assert circles({name: room.may_import for name, room in rooms.items()}) == []


def test_only_the_face_and_singer_know_the_streams_of_the_sdk() -> None:
    of_sdk = r"^\s*from singer_sdk(?!( import typing|\.typing))|^\s*import singer_sdk"
    known = {
        str(file.relative_to(ROOT / "tap_backlog"))
        for file in (ROOT / "tap_backlog").rglob("*.py")
        if re.search(of_sdk, file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    elsewhere = {name for name in known if not name.startswith("singer/")}
    assert elsewhere == {
        "tap.py",
        # The command, an option and the log of the SDK: no streams.
        *("cli/command.py", "cli/modes.py", "cli/run_log.py"),
    }


def test_the_sample_space_does_not_know_the_tap() -> None:
    graph = import_graph(ROOT / "sample_space", ROOT / "tap_backlog")
    assert [
        (name, imported)
        for name, imported in graph.items()
        if name.startswith("sample_space")
        and any(one.startswith("tap_backlog") for one in imported)
    ] == []


def test_the_rooms_of_the_sample_space_keep_to_their_table() -> None:
    rooms = rooms_of("sample_space")
    assert len(rooms) == 7
    assert trespasses(import_graph(ROOT / "sample_space"), rooms) == []
    assert circles({name: room.may_import for name, room in rooms.items()}) == []


# --- The checks themselves


FILES = {
    "__init__.py": "from house.door import Door",
    "door.py": "import house.wall.stone\nfrom house import roof as top",
    "roof.py": "def build():\n    from .wall import brick, stone",
    "wall/__init__.py": "",
    "wall/brick.py": (
        "import typing\nif typing.TYPE_CHECKING:\n    from ..roof import build\n"
    ),
    "wall/stone.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from house.door import Door\n"
        "else:\n    from . import brick\n"
    ),
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        file = tmp_path / "house" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path / "house"


def test_imports_are_found_wherever_and_however_they_are_written(house: Path) -> None:
    assert import_graph(house) == {
        "house": {"house.door"},
        "house.door": {"house.wall.stone", "house.roof"},
        "house.roof": {"house.wall.brick", "house.wall.stone"},
        "house.wall": set(),
        "house.wall.brick": {"house.roof"},
        "house.wall.stone": {"house.door", "house.wall.brick"},
    }


def test_a_circle_over_types_is_a_circle(house: Path) -> None:
    assert circles(import_graph(house)) == [
        ["house.door", "house.roof", "house.wall.brick", "house.wall.stone"]
    ]
    assert circles(import_graph(house, with_types=False)) == []


def test_circles_are_told_apart() -> None:
    graph = {"a": "b", "b": "a", "c": "ad", "d": "de", "e": "f", "f": "e", "g": ""}
    assert circles(graph) == [["a", "b"], ["d"], ["e", "f"]]


def test_an_import_that_the_table_does_not_allow_is_told(house: Path) -> None:
    graph = import_graph(house, with_types=False)
    rooms = {
        "face": Room(("house",), ("inside",)),
        "inside": Room(("house.door", "house.roof"), ("walls",)),
        "walls": Room(("house.wall.*",)),
    }
    assert trespasses(graph, rooms) == []
    assert trespasses(import_graph(house), rooms) == [
        "house.wall.brick (walls) imports house.roof (inside)",
        "house.wall.stone (walls) imports house.door (inside)",
    ]
    rooms["inside"] = Room(("house.door", "house.rof"), ("walls", "cellar"))
    assert trespasses(graph, rooms) == [
        "house.roof is in no room",
        "house.door (inside) imports house.roof (None)",
        "inside holds house.rof, which does not exist",
        "inside may import cellar, which is not a room",
    ]


def test_a_module_is_in_the_room_that_names_it_most_closely() -> None:
    rooms = {"all": Room(("a.*",)), "some": Room(("a.b.*",)), "one": Room(("a.b.c",))}
    modules = ("a", "a.x", "a.b", "a.b.x", "a.b.c", "b")
    found = [room_of(module, rooms) for module in modules]
    assert found == ["all", "all", "some", "some", "one", None]
