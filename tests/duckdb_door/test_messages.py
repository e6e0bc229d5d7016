"""Messages of any tap, in any layout; and what is not right in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog_duckdb.errors import DoorError
from tap_backlog_duckdb.messages import Rows, read
from tests.duckdb_door.support import (
    door,
    load,
    query,
    record,
    saved_state,
    schema,
    state,
    table,
    types,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

RUN = (
    schema("issues", name="string"),
    record("issues", id=1, name="one"),
    state({"at": 1}),
    record("issues", id=2, name="two"),
)

BATCH = {"type": "BATCH", "stream": "issues", "manifest": []}
UNKNOWN_FORMAT = (
    "Batches of `issues` cannot be read: `format` must be jsonl (with `compression` gzip "
    "or none) or parquet."
)


def spaced(message: dict[str, Any]) -> str:
    return json.dumps(message)


def sorted_keys(message: dict[str, Any]) -> str:
    return json.dumps(message, sort_keys=True)


def record_first(message: dict[str, Any]) -> str:
    names = sorted(message, key=lambda name: (name != "record", name))
    return json.dumps({name: message[name] for name in names}, separators=(",", ":"))


def indented_begin(message: dict[str, Any]) -> str:
    return "  " + json.dumps(message, separators=(" ,\t", " : ")) + "  \r"


@pytest.mark.parametrize("layout", [spaced, sorted_keys, record_first, indented_begin])
def test_the_layout_does_not_matter(tmp_path: Path, layout: Any) -> None:
    messages = (
        schema('日本 "語"', name="string", nested="object"),
        record('日本 "語"', id=1, name='a "RECORD"', nested={"type": "STATE"}),
        record('日本 "語"', id=2, name=None, nested=None),
        state({"at": 1}),
    )
    raw = "".join(f"{layout(message)}\n\n" for message in messages).encode()
    load(tmp_path / "file", raw=raw)
    assert table(tmp_path / "file", '日本 ""語""') == [
        {"id": 1, "name": 'a "RECORD"', "nested": {"type": "STATE"}},
        {"id": 2, "name": None, "nested": None},
    ]


@given(stream=st.text(min_size=1), key=st.text())
def test_every_name_of_a_stream_is_read_as_json_has_it(stream: str, key: str) -> None:
    for ascii_only in (True, False):
        row = {"type": "RECORD", "stream": stream, "record": {key: 1}}
        line = json.dumps(row, ensure_ascii=ascii_only).encode(errors="replace") + b"\n"
        expected = json.loads(line)["stream"]
        assert list(read([line])) == [Rows(expected, [line])]


def test_a_state_is_kept_to_the_letter(tmp_path: Path) -> None:
    odd = '{ "b":1.10,\t"a" : [ {"ü":"\\u00fc"},null ],"a":12345678901234567890123 }'
    load(tmp_path / "file", raw=b'{"type":"STATE","value":' + odd.encode() + b"}\n")
    assert saved_state(tmp_path / "file") == odd


@pytest.mark.parametrize("value", [{}, None, [], "text", 0])
def test_any_json_can_be_a_state(tmp_path: Path, value: Any) -> None:
    load(tmp_path / "file", state(value))
    assert saved_state(tmp_path / "file") == json.dumps(value)


def test_the_last_state_replaces_those_before(tmp_path: Path) -> None:
    load(tmp_path / "file", state({"bookmarks": {"a": 1}}))
    load(tmp_path / "file", state({"bookmarks": {"b": 2}}), state({"c": 3}))
    assert saved_state(tmp_path / "file") == '{"c":3}'


def test_rows_without_any_state_are_loaded(tmp_path: Path) -> None:
    load(tmp_path / "file", *RUN[:2])
    assert len(table(tmp_path / "file", "issues")) == 1
    assert saved_state(tmp_path / "file") is None


def test_rows_after_the_last_state_are_left_out_and_told(tmp_path: Path) -> None:
    result = door(tmp_path / "file", stdin=written(*RUN))
    assert result.returncode == 1
    assert result.stderr == (
        "ERROR: The messages end before a STATE, so the run was cut off. Rows after the "
        "last STATE were not loaded; the next run brings them.\n"
    )
    assert [row["id"] for row in table(tmp_path / "file", "issues")] == [1]
    assert saved_state(tmp_path / "file") == '{"at":1}'


def test_an_end_within_a_line_is_told(tmp_path: Path) -> None:
    messages = written(*RUN)
    for cut in (3, 40):
        file = tmp_path / str(cut)
        result = door(file, stdin=messages[:-cut])
        assert result.returncode == 1
        assert result.stderr == (
            "ERROR: The messages end in the middle of a line: the run was cut off.\n"
        )
        assert [row["id"] for row in table(file, "issues")] == [1]


def test_a_last_line_without_its_line_break_counts(tmp_path: Path) -> None:
    raw = written(*RUN, state({"at": 2}))[:-1]
    load(tmp_path / "file", raw=raw)
    assert len(table(tmp_path / "file", "issues")) == 2
    assert saved_state(tmp_path / "file") == '{"at":2}'
    load(tmp_path / "other", raw=written(*RUN[:2])[:-1])
    assert len(table(tmp_path / "other", "issues")) == 1


def test_nothing_at_all_makes_an_empty_file(tmp_path: Path) -> None:
    result = door(tmp_path / "file")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{tmp_path / 'file'}: 0 rows loaded into 0 tables.\n"


def test_a_stream_without_rows_has_a_table(tmp_path: Path) -> None:
    load(tmp_path / "file", schema("issues", name="string"))
    assert table(tmp_path / "file", "issues") == []


def test_unknown_messages_are_skipped(tmp_path: Path) -> None:
    unknown = {"type": "SOMETHING", "stream": "issues", "value": 1}
    load(tmp_path / "file", RUN[0], unknown, RUN[1], {"type": "LOG"}, RUN[2])
    assert len(table(tmp_path / "file", "issues")) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"no json\n", "Line 2 is not a Singer message."),
        (b"[1]\n", "Line 2 is not a Singer message."),
        (b'{"stream":"issues"}\n', "Line 2 is not a Singer message."),
        (b'{"type":"RECORD","record":{}}\n', "Line 2 is a RECORD without a stream."),
        (b'{"type":"SCHEMA","schema":{}}\n', "Line 2 is a SCHEMA without a stream."),
        (b'{"type":"STATE"}\n', "Line 2 is a STATE without a value."),
        (
            b'{"type":"RECORD","stream":"other","record":{}}\n',
            "`other` has rows, but no SCHEMA came before them.",
        ),
        (
            b'{"type":"SCHEMA","stream":"other","schema":{}}\n',
            "The SCHEMA of `other` has no columns.",
        ),
        (
            written({**schema("other"), "key_properties": ["b"]}),
            "The SCHEMA of `other` has no column for its key `b`.",
        ),
        (
            written({**BATCH, "encoding": {"format": "xml"}}),
            UNKNOWN_FORMAT,
        ),
        (
            written({**BATCH, "encoding": {"format": "jsonl", "compression": "zip"}}),
            UNKNOWN_FORMAT,
        ),
        (b"\xff\xfe\n", "Line 2 is not a Singer message."),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, line: bytes, said: str
) -> None:
    with pytest.raises(DoorError) as error:
        load(tmp_path / "file", RUN[0], raw=line)
    assert str(error.value) == said


@pytest.mark.parametrize(
    "rest",
    [b'"record":{"id":1;}}\n', b'"record":{"id":1}\n', b'"record":[1]}\n', b'"x":1}\n'],
)
def test_a_record_that_is_broken_behind_its_beginning_is_told(
    tmp_path: Path, rest: bytes
) -> None:
    line = b'{"type":"RECORD","stream":"issues",' + rest
    result = door(tmp_path / "file", stdin=written(*RUN[:3]) + line + written(RUN[2]))
    assert result.returncode == 1
    assert result.stderr.startswith("ERROR: A row of `issues` cannot be read: ")
    assert result.stderr.count("\n") == 1


def test_a_schema_that_changes_within_a_run_counts_from_there(tmp_path: Path) -> None:
    load(
        tmp_path / "file",
        schema("issues", name="integer"),
        record("issues", id=1, name=5),
        schema("issues", name="string", extra="number"),
        record("issues", id=2, name="two", extra=1.5),
        record("issues", id=1, name="one"),
        schema("issues", name="string", extra="number"),
        state({}),
    )
    rows = query(tmp_path / "file", "SELECT id, name, extra FROM issues ORDER BY id")
    assert rows == [(1, "one", None), (2, "two", 1.5)]
    assert types(tmp_path / "file", "issues")["name"] == "VARCHAR"


@pytest.mark.parametrize("value", ['"a\\ud83db"', "[" * 1500 + "]" * 1500])
def test_a_first_row_that_json_readers_refuse_is_told_in_one_line(
    tmp_path: Path, value: str
) -> None:
    line = f'{{"type":"RECORD","stream":"rows","record":{{"id":1,"x":{value}}}}}\n'
    result = door(
        tmp_path / "file", stdin=written(schema("rows", x="any")) + line.encode()
    )
    assert result.returncode == 1
    assert result.stderr.startswith("ERROR: A row of `rows` cannot be read: ")
    assert result.stderr.count("\n") == 1
