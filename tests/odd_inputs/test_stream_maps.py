"""Unusual stream maps: some fail, some have no effect, some are not maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.odd_inputs.runs import error_of, run_with, success_of, warnings_of
from tests.support import parse, select

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("md5(estimatedHours)", "AttributeError: 'NoneType' object has no attribute"),
        ("md5(self)", "NameNotDefined"),
        ("record['nowhere']", "KeyError: 'nowhere'"),
        ("record['assignee']['name'] + 1", "TypeError: "),
        ("nowhere", "NameNotDefined: 'nowhere' is not defined"),
        ("int(summary)", "ValueError)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("actualHours + 0.5", "TypeError: unsupported operand type(s) for +: 'decimal"),
        ("'x' * 10000000", "IterableTooLong"),
    ],
)
def test_an_expression_that_fails_on_a_row_is_told(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    expression: str,
    words: str,
) -> None:
    odd = server.space.issues[max(server.space.issues)]
    for issue in server.space.issues.values():
        issue |= {"estimatedHours": None, "actualHours": 1.25, "assignee": {"name": "x"}}
    config["stream_maps"] = {"issues": {"made": expression}}
    result = run_with(tmp_path, config, "issues")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    error = result.stderr.splitlines()[-1]
    assert f"the expression {expression!r} of `made` in `issues` fails on" in error
    assert "row with id 1" in error
    assert words in error
    assert odd["summary"] not in error
    assert parse(result.stdout).by_stream == {}


def test_a_filter_that_fails_on_a_row_is_told(tmp_path: Path, config: Row) -> None:
    config["stream_maps"] = {"issues": {"__filter__": "nowhere > 1"}}
    error = run_with(tmp_path, config, "issues").stderr.splitlines()[-1]
    assert "the expression 'nowhere > 1' of `__filter__` in `issues` fails" in error


def test_an_expression_that_allows_for_null_works(tmp_path: Path, config: Row) -> None:
    config["stream_maps"] = {
        "issues": {"parentIssueId": "md5(str(self)) if self else None"}
    }
    output = success_of(run_with(tmp_path, config, "issues"))
    assert len(output.by_stream["issues"]) == 30


@pytest.mark.parametrize(
    ("maps", "warning"),
    [
        (
            {"isues": {"summary": None}},
            (
                "`stream_maps` names a stream `isues`, which does not exist. Did you "
                "mean `issues`?"
            ),
        ),
        ({"xyz*": None}, "`stream_maps` names a stream `xyz*`, which does not exist."),
        (
            {"copy": {"__source__": "spaces", "name": None}},
            (
                "`stream_maps` names a stream `spaces`, which does not exist. Did you "
                "mean `space`?"
            ),
        ),
        (
            {"space": {"nam": None}},
            (
                "`stream_maps` of `space` removes a column `nam`, which does not exist. "
                "Did you mean `name`?"
            ),
        ),
        (
            {"*": {"mailAdress": "__NULL__"}},
            (
                "`stream_maps` of `*` removes a column `mailAdress`, which does not "
                "exist. Did you mean `mailAddress`?"
            ),
        ),
        (
            {"issues": {"createdUser__mailAddress": None}},
            (
                "`stream_maps` of `issues`: there is no column "
                "`createdUser__mailAddress` yet, since maps come before flattening. "
                "To leave out or "
                "change `createdUser.mailAddress`, deselect it in the catalog, or map "
                "`createdUser`."
            ),
        ),
        (
            {"issues": {"createdUser.mailAddress": "'x'"}},
            (
                "`stream_maps` of `issues`: there is no column `createdUser.mailAddress` "
                "yet, since maps come before flattening. To leave out or change "
                "`createdUser.mailAddress`, deselect it in the catalog, or map "
                "`createdUser`."
            ),
        ),
        (
            {"users": {"mailaddress": "md5('x')"}},
            "`stream_maps` of `users` adds a column `mailaddress` beside `mailAddress`.",
        ),
    ],
)
def test_a_map_without_effect_is_told(
    tmp_path: Path, config: Row, maps: Row, warning: str
) -> None:
    config["stream_maps"] = maps
    assert warnings_of(run_with(tmp_path, config, "space")) == [warning]


@pytest.mark.parametrize(
    "maps",
    [
        {"teams": {"name": "md5(name)"}},
        {"*": {"name": None}},
        {"*": {"name": "md5(name)", "loaded_by": "'backlog'"}},
        {"*s": {"summary": None}},
        {"issues": {"__key_properties__": ["issueKey"]}},
        {"tickets": {"__source__": "issues", "summary": None}},
        {"__else__": None, "space": {}},
    ],
)
@pytest.mark.parametrize("says", [{"selected": False}, {"inclusion": "available"}, None])
def test_a_map_of_a_stream_that_is_not_selected_does_no_harm(
    tmp_path: Path, config: Row, maps: Row, says: Row | None
) -> None:
    catalog = select("space")
    for one in catalog["streams"]:
        root = next(m for m in one["metadata"] if not m["breadcrumb"])
        if one["stream"] != "space" and says is not None:
            root["metadata"] = says
    if says is None:
        catalog["streams"] = [e for e in catalog["streams"] if e["stream"] == "space"]
    config["stream_maps"] = maps
    result = run_with(tmp_path, config, catalog=catalog)
    assert warnings_of(result) == []
    assert len(parse(result.stdout).by_stream["space"]) == 1


@pytest.mark.parametrize(
    "maps",
    [
        {"space": "x"},
        {"space": 5},
        {"space": []},
        {"space": {"name": 5}},
        {"space": {"name": {"x": 1}}},
        {"space": {"name": ["x"]}},
        {"space": {"name": ""}},
        {"space": {"name": "a b"}},
        {"space": {"name": "\0"}},
        {"space": {"name": "(" * 500 + ")" * 500}},
        {"space": {"spaceKey": None}},
        {"space": {"__else__": "x"}},
        {"space": {"__else__": {"x": 1}}},
        {"space": {"__filter__": 5}},
        {"space": {"__filter__": ""}},
        {"space": {"__key_properties__": "name"}},
        {"space": {"__key_properties__": ["nowhere"]}},
        {"space": {"__alias__": 5}},
        {"space": {"__alias__": "1x"}},
        {"copy": {"__source__": None}},
        {"copy": {"__source__": 5}},
        {"__other__": {}},
        {"__else__": "x"},
        [],
        "x",
    ],
)
def test_maps_that_cannot_be_used_are_told(
    tmp_path: Path, config: Row, maps: object
) -> None:
    config["stream_maps"] = maps
    error = error_of(run_with(tmp_path, config, "space"))
    assert "`stream_maps" in error
