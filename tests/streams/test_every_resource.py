"""Every stream beyond the nine brings every row of the space, with all its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.streams.truths import TRUTHS, put_known_objects
from tests.support import as_sent, sync

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sample_space import Options, SampleServer, Space

Row = dict[str, Any]


@pytest.fixture
def options(options: Options) -> Options:
    options.issues = 120
    options.limits = dict.fromkeys(options.limits, 10_000)
    return options


@pytest.fixture
def space(space: Space) -> Space:
    return put_known_objects(space)


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: repr(sorted(row.items())))


def by_place(rows: list[Row], names: tuple[str, ...]) -> dict[Any, list[Row]]:
    places: dict[Any, list[Row]] = {}
    for row in in_order(rows):
        place = tuple(row[name] for name in names)
        places.setdefault(place[0] if len(place) == 1 else place, []).append(row)
    return places


def without(rows: list[Row], names: tuple[str, ...]) -> list[Row]:
    return in_order({name: row[name] for name in row.keys() - names} for row in rows)


def assert_true_of(stream: str, rows: list[Row], space: Space) -> None:
    truth = TRUTHS[stream]
    found = by_place(rows, truth.place)
    written = by_place(truth.rows, truth.place)
    assert {place: found.get(place) for place in written} == written, stream
    if truth.lists:
        lists = truth.lists(space).items()
        own = {place: in_order(as_sent(some)) for place, some in lists if some}
        bare = {place: without(some, truth.added) for place, some in found.items()}
        assert bare == own, stream
    assert len(rows) == truth.count, stream


@pytest.mark.parametrize("stream", TRUTHS)
def test_every_row_comes_once_and_value_for_value(
    config: Row,
    space: Space,
    stream: str,
) -> None:
    assert_true_of(stream, sync(config, stream).by_stream[stream], space)


def test_all_streams_together_bring_the_same(config: Row, space: Space) -> None:
    output = sync(config, *TRUTHS)
    for stream in TRUTHS:
        assert_true_of(stream, output.by_stream[stream], space)
    schemas = [m["stream"] for m in output.messages if m["type"] == "SCHEMA"]
    assert sorted(schemas) == sorted(TRUTHS)


def test_singletons_bear_the_key_of_the_space(config: Row) -> None:
    output = sync(config, "licence", "space_disk_usage", "space_notification")
    for stream in ("licence", "space_disk_usage", "space_notification"):
        (row,) = output.by_stream[stream]
        assert row["spaceKey"] == "sample"
    usage = output.by_stream["space_disk_usage"][0]
    assert len(usage["details"]) == 4


def test_keys_are_unique(config: Row) -> None:
    output = sync(config, *TRUTHS)
    for stream in TRUTHS:
        keys = output.schemas[stream]["key_properties"]
        rows = output.by_stream[stream]
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows), stream
        assert all(row[key] is not None for row in rows for key in keys), stream


def test_a_feature_that_is_off_costs_no_request_and_one_line(
    config: Row,
    server: SampleServer,
    space: Space,
    caplog: pytest.LogCaptureFixture,
) -> None:
    off = space.projects[1]
    with caplog.at_level("INFO"):
        sync(config, "git_repositories", "wiki_tags", "document_tree", "shared_files")
    assert not [r for r in server.requests if f"projects/{off.id}/" in r.path]
    assert not [r for r in server.requests if str(off.id) in str(r.query)]
    for stream in ("git_repositories", "wiki_tags", "document_tree", "shared_files"):
        assert caplog.text.count(f"`{stream}`: off in 1 of 4 projects") == 1
