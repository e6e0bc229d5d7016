"""Raw rows are written as they came: each value, with all its digits."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_backlog.rows import (
    RawRows,
    ShapeError,
    decode_row,
    decode_rows,
    is_stamp,
    plain,
    read,
)
from tap_backlog.singer.flattening import json_text
from tap_backlog.singer.messages import MessageWriter, mapped_lines

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "\u2028",
        "\u2029\u0085",
        "\x00\x1f\x7f",
        "👩‍💻",
        "日本語",
        '"\\/\b\f\n\r\t',
        "\ufeff",
    ]
)
numbers = st.sampled_from(
    [
        "0",
        "-0",
        "-0.0",
        "1e400",
        "-1E-400",
        "1.10",
        "0.1",
        str(2**63),
        str(-(2**64)),
        "9" * 60,
    ]
) | st.integers().map(str)
spaces = st.sampled_from(["", "", "", " ", "\n", "\r\n\t "])


def as_json(text: str, *, is_ascii: bool) -> str:
    return json.dumps(text, ensure_ascii=is_ascii)


strings = st.builds(as_json, texts, is_ascii=st.booleans())
surrogates = st.sampled_from(['"\\ud83d\\ude00"', '"\\uD83D\\uDE00x"', '"\\u0000"'])
leaves = st.sampled_from(["null", "true", "false"]) | numbers | strings | surrogates


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    space = draw(spaces)
    return f"[{space}{f'{space},'.join(draw(st.lists(inner, max_size=4)))}{space}]"


@st.composite
def objects(
    draw: st.DrawFn,
    inner: st.SearchStrategy[str],
    names: st.SearchStrategy[str] = strings,
) -> str:
    """Objects as text, sometimes with the same key twice."""
    space = draw(spaces)
    entries = draw(st.lists(st.tuples(names, inner), max_size=5))
    repeated = draw(st.booleans())
    entries += [(name, "1") for name, _ in entries[:1] if repeated]
    return (
        "{" + ",".join(f"{space}{name}:{space}{value}" for name, value in entries) + "}"
    )


values = st.recursive(leaves, lambda inner: lists(inner) | objects(inner), max_leaves=12)
fields = st.sampled_from(['"id"', '"updated"', '"\\u0069d"', '"日本"'])
bodies = st.lists(objects(values, fields), max_size=4).map(
    lambda rows: f"[{','.join(rows)}]"
)


def meaning(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def exactly(value: object) -> str:
    """Make -0.0 different from 0, and 1.10 from 1.1."""
    return repr(value)


def written_mapped(rows: list[Any]) -> list[Any]:
    return written(lambda writer: writer.write_rows("any", rows, None, mapped_lines))


def written(write: Any) -> list[Any]:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    writer = MessageWriter()
    with contextlib.redirect_stdout(stdout):
        write(writer)
        writer.flush()
    stdout.seek(0)
    lines = stdout.read().splitlines()  # every reader must see these lines and no others
    return [meaning(line)["record"] for line in lines]


@given(bodies)
def test_raw_rows_go_out_as_they_came(body: str) -> None:
    rows = decode_rows(body.encode())
    sent = written(lambda writer: writer.write_rows("any", rows, None))
    assert exactly(sent) == exactly(meaning(body))


@given(bodies)
def test_plain_rows_go_out_as_they_came(body: str) -> None:
    rows = [plain(row) for row in decode_rows(body.encode())]
    assert exactly(written_mapped(rows)) == exactly(meaning(body))


@given(bodies)
def test_each_field_can_be_read_alone(body: str) -> None:
    for row, expected in zip(decode_rows(body.encode()), meaning(body), strict=True):
        assert exactly({name: read(row, name) for name in row}) == exactly(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\ud83d", "\ufffd"),
        (r"\uDE00", "\ufffd"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"a\uDC00b", "a\ufffdb"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\ud83d\ude00\ude00", "😀\ufffd"),
        (r"\uD83D\n", "\ufffd\n"),
        (r"\ud83d\\ude00", "\ufffd\\ude00"),
        (r"\\ud83d", "\\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\\\\ud83d\ud83d\ude00", r"\\ud83d😀"),
        (r"\ud55c日本\ud83d", "\ud55c日本\ufffd"),
    ],
)
def test_half_of_a_surrogate_pair_becomes_the_replacement_character(
    text: str, expected: str
) -> None:
    body = f'[{{"a": "{text}", "n": 1.10, "o": ["{text}", 1e400]}}]'
    rows = decode_rows(body.encode(), RawRows(body.encode()))
    as_raw = written(lambda writer: writer.write_rows("any", rows, None))
    as_plain = written(
        lambda writer: writer.write_rows("any", [plain(rows[0])], None, mapped_lines)
    )
    wanted = {"a": expected, "n": Decimal("1.10"), "o": [expected, Decimal("1e400")]}
    assert as_raw == as_plain == [wanted]
    assert plain(decode_row(body[1:-1].encode())) == wanted


def test_half_of_a_surrogate_pair_in_a_key_is_replaced_too() -> None:
    (row,) = decode_rows(rb'[{"\ud83d": 1, "id": 2}]')
    assert plain(row) == {"\ufffd": 1, "id": 2}


def test_a_text_that_an_expression_cut_goes_out_whole() -> None:
    row = {"a": "x\ud83d", "b": ["\udc00"]}
    assert written(
        lambda writer: writer.write_rows("any", [row], None, mapped_lines)
    ) == [{"a": "x\ufffd", "b": ["\ufffd"]}]
    assert json_text(row) == '{"a":"x\ufffd","b":["\ufffd"]}'


@given(
    st.binary() | st.text().map(str.encode) | bodies.map(str.encode).map(lambda b: b[:-2])
)
def test_what_is_no_list_of_rows_is_a_value_error(body: bytes) -> None:
    try:
        expected = meaning(body.decode())
    except (ValueError, RecursionError):
        with pytest.raises(ValueError):
            decode_rows(body)
        return
    if not isinstance(expected, list) or not all(isinstance(r, dict) for r in expected):
        with pytest.raises(ShapeError):
            decode_rows(body)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a":"\xff"}]',
        b'[{"\xc3":1}]',
        b'[{"a":"\xed\xa0\x80"}]',
        b'[{"a":"\x01"}]',
        b'[{"a":"\n"}]',
        b'[{"a":"\\q"}]',
        b'[{"a":"\\u12g4"}]',
        b'[{"a":01}]',
        b'[{"a":1.}]',
        b'[{"a":.5}]',
        b'[{"a":NaN}]',
        b'[{"a":Infinity}]',
        b'[{"a":[1,]}]',
        b'[{"a":1,}]',
        b'[{"a":1}]]',
        b'[{"a":1}',
        b"\xef\xbb\xbf[]",
        b"[" * 100_000,
        b'[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        b'[{"a":' + b'{"b":' * 10_000 + b"1" + b"}" * 10_000 + b"}]",
    ],
)
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode_rows(body)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'[{"k":1},{"k":"\\"k\\":"}]', 2),
        (b'[{"k" : 1}, {"k" : 2}]', 2),
        (b"[]", 0),
    ],
)
def test_rows_are_counted_one_by_one(body: bytes, count: int) -> None:
    assert len(RawRows(body)) == count


def test_rows_that_were_cut_off_are_not_counted() -> None:
    with pytest.raises(ValueError):
        len(RawRows(b'[{"k":1},{"k":2'))


@pytest.mark.parametrize("day", ["02-30", "02-31", "04-31", "06-31", "09-31", "11-31"])
def test_a_day_that_no_month_has_is_no_moment(day: str) -> None:
    assert not is_stamp(f"2026-{day}T00:00:00Z")
    assert is_stamp("2026-02-28T00:00:00Z")
    assert is_stamp("2026-01-31T00:00:00Z")
