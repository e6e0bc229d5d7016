"""Which module imports which, read from the code without running it.

Every import counts: at the top of a file, in a function, and below
``if TYPE_CHECKING:``. The last kind costs nothing when the code runs. But if two modules
need each other's types, nobody can understand, move or change one without the other. The
tests look for circles to prevent that, so a circle over types counts too. For the circles
that exist when the code runs, ask for the graph without types.

A module depends on what it names. ``from package.module import name`` is an import of
``package.module``, not of ``package``: the ``__init__`` of a package may import from its
modules, but its modules may not import from the ``__init__``.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Graph = Mapping[str, Collection[str]]
"""The modules that each module imports."""


class Room(NamedTuple):
    """A line of a table of rooms.

    Args:
        holds: Modules; ``package.*`` is a package with all that is in it.
        may_import: Other rooms.
    """

    holds: tuple[str, ...]
    may_import: tuple[str, ...] = ()


Rooms = Mapping[str, Room]


def modules_of(package: Path) -> dict[str, Path]:
    """Return the modules of a package, each with its file; names begin with its own."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = (package.name, *file.relative_to(package).with_suffix("").parts)
        found[".".join(parts).removesuffix(".__init__")] = file
    return found


def import_graph(*packages: Path, with_types: bool = True) -> dict[str, set[str]]:
    """Return which modules of some packages import which others of them.

    Args:
        packages: The folders of the packages.
        with_types: Whether what is imported below ``if TYPE_CHECKING:`` counts.
    """
    modules = {n: file for one in packages for n, file in modules_of(one).items()}
    graph = {}
    for name, file in modules.items():
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        tree = ast.parse(file.read_text(encoding="utf-8"))
        graph[name] = {
            imported
            for statement in _imports(tree, with_types=with_types)
            for imported in _modules_in(statement, package, modules)
        }
    return graph


def _imports(node: ast.AST, *, with_types: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif isinstance(child, ast.If) and _is_for_types(child.test) and not with_types:
            for other in child.orelse:
                yield from _imports(ast.Module([other], []), with_types=False)
        else:
            yield from _imports(child, with_types=with_types)


def _is_for_types(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _modules_in(
    statement: ast.Import | ast.ImportFrom, package: str, modules: Collection[str]
) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (one.name for one in statement.names if one.name in modules)
        return
    source = statement.module or ""
    if statement.level:
        above = package.split(".")[: len(package.split(".")) - statement.level + 1]
        source = ".".join(filter(None, (*above, source)))
    for one in statement.names:
        inner = f"{source}.{one.name}"
        if inner in modules or source in modules:
            yield inner if inner in modules else source


def circles(graph: Graph) -> list[list[str]]:
    """Return the groups of modules that import each other in a circle."""
    reach = {module: _reached_from(module, graph) for module in graph}
    groups = {
        tuple(sorted(other for other in reached if module in reach.get(other, ())))
        for module, reached in reach.items()
        if module in reached
    }
    return [list(group) for group in sorted(groups)]


def _reached_from(module: str, graph: Graph) -> set[str]:
    reached: set[str] = set()
    ahead = list(graph[module])
    while ahead:
        if (one := ahead.pop()) not in reached:
            reached.add(one)
            ahead += graph.get(one, ())
    return reached


def room_of(module: str, rooms: Rooms) -> str | None:
    """Return the room that holds a module; the longest name that fits counts."""
    holders = {part: room for room, line in rooms.items() for part in line.holds}
    parts = module.split(".")
    around = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    names = [module, *(f"{package}.*" for package in around)]
    return next((holders[name] for name in names if name in holders), None)


def trespasses(graph: Graph, rooms: Rooms) -> list[str]:
    """Return what does not agree with a table of rooms, in words.

    That is: an import from one room into another that the table does not allow, a module
    that is in no room, and a name in the table that does not exist. Modules of one room
    may import each other.
    """
    home = {module: room_of(module, rooms) for module in graph}
    said = [f"{module} is in no room" for module, room in home.items() if room is None]
    for module, imported in graph.items():
        room = home[module]
        allowed = {room, *rooms[room].may_import} if room else set()
        said += [
            f"{module} ({room}) imports {other} ({home.get(other)})"
            for other in sorted(imported)
            if room and home.get(other) not in allowed
        ]
    return said + list(_stale_lines(graph, rooms))


def _stale_lines(graph: Graph, rooms: Rooms) -> Iterator[str]:
    for name, room in rooms.items():
        for part in room.holds:
            if part.removesuffix(".*") not in graph:
                yield f"{name} holds {part}, which does not exist"
        for other in room.may_import:
            if other not in rooms:
                yield f"{name} may import {other}, which is not a room"
