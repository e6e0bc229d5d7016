"""Unusual answers: half of a character, nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_space import SampleServer, faults
from sample_space.answers import Answer
from tests.odd_inputs.runs import error_of, run_with, success_of

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

HALF = "cut \\ud83d"


def test_half_of_a_surrogate_pair_is_replaced_in_every_way_out(
    tmp_path: Path, config: Row, server: SampleServer
) -> None:
    body = b'{"spaceKey": "S", "name": "cut \\ud83d", "x": {"y": "\\uDE00"}}'
    fault = faults.Fault(faults.instead(Answer(200, body)), "space", times=None)
    server.faults = [fault]
    ways: list[Row] = [
        {},
        {"stream_maps": {"space": {"lang": "name", "ownerId": "md5(name)"}}},
        {"flattening_enabled": True, "flattening_max_depth": 2},
        {"stream_maps": {"space": {"name": "json.loads('\"cut \\\\ud83d\"')"}}},
    ]
    for way in ways:
        result = run_with(tmp_path, {**config, **way}, "space")
        (row,) = success_of(result).by_stream["space"]
        assert row["name"] == "cut \ufffd"
        assert "\\ud83d" not in result.stdout


NOTHING = [Answer(204, b""), Answer(200, b"null"), Answer(200, b" null\n")]


@pytest.mark.parametrize("answer", NOTHING)
@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("space_notification", "space/notification"),
        ("licence", "space/licence"),
        ("space_disk_usage", "space/diskUsage"),
        ("rate_limit", "rateLimit"),
    ],
)
def test_an_object_that_the_space_has_not_is_no_row(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    stream: str,
    path: str,
    answer: Answer,
) -> None:
    server.faults = [faults.Fault(faults.instead(answer), path, times=None)]
    output = success_of(run_with(tmp_path, config, stream, "priorities"))
    assert output.by_stream.keys() == {"priorities"}
    assert stream in output.schemas
    assert server.count(path) == 1


@pytest.mark.parametrize("answer", NOTHING)
@pytest.mark.parametrize(
    ("stream", "path"),
    [
        ("project_disk_usage", "projects/{}/diskUsage"),
        ("document_tree", "documents/tree"),
    ],
)
def test_an_object_that_a_project_has_not_is_no_row(
    tmp_path: Path,
    config: Row,
    server: SampleServer,
    stream: str,
    path: str,
    answer: Answer,
) -> None:
    whole = success_of(run_with(tmp_path, config, stream)).by_stream[stream]
    first = whole[0]["projectId"]
    fault = faults.Fault(faults.instead(answer), path.format(first))
    server.faults = [fault]
    rest = success_of(run_with(tmp_path, config, stream)).by_stream[stream]
    assert {row["projectId"] for row in whole} - {row["projectId"] for row in rest} == {
        first
    }


@pytest.mark.parametrize("answer", NOTHING)
def test_the_space_itself_is_needed(
    tmp_path: Path, config: Row, server: SampleServer, answer: Answer
) -> None:
    server.faults = [faults.Fault(faults.instead(answer), "space", times=None)]
    config["max_retries"] = 0
    assert "GET /api/v2/space" in error_of(run_with(tmp_path, config, "licence"))
