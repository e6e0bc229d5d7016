"""``--streams``: which streams there are, as a list for people."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from tap_backlog.cli.words import in_japanese, is_japanese, phrase, without_report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_backlog.streams.facts import StreamFacts

_GAP = "  "
_INDENT = "    "
_LEAST_ROOM = 30
"""Width that a description needs beside the other columns; with less, it goes below."""


class _Line(NamedTuple):
    name: str
    what: str
    requests: str
    is_on: str


class _Widths(NamedTuple):
    name: int
    what: int
    requests: int
    is_on: int


_HEAD = _Line("stream", "what it is", "requests", "read")


def stream_list(streams: Mapping[str, StreamFacts], chosen: Collection[str]) -> str:
    """Return the list for stdout: in the user's language, as wide as the terminal.

    Args:
        streams: The streams by name.
        chosen: Names of the streams that are read.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text = "\n".join(lines(streams, chosen, width, japanese=is_japanese(os.environ)))
    encoding = sys.stdout.encoding
    return text.encode(encoding, errors="replace").decode(encoding)


def lines(
    streams: Mapping[str, StreamFacts],
    chosen: Collection[str],
    width: int | None,
    *,
    japanese: bool,
) -> list[str]:
    """Return the lines of the list.

    Args:
        streams: The streams by name.
        chosen: Names of the streams that are read.
        width: Most columns of a line; None for no limit.
        japanese: Whether the list is in Japanese.
    """
    say = functools.partial(phrase, japanese=japanese)
    table = [_Line(*map(say, _HEAD))]
    for name, stream in streams.items():
        is_on = say("on" if name in chosen else "off")
        what = _what(stream, japanese=japanese)
        table.append(_Line(name, what, say(stream.requests), is_on))
    widths = _Widths(*(max(map(cell_len, cells)) for cells in zip(*table, strict=True)))
    taken = sum(widths) - widths.what + 3 * len(_GAP)
    room = widths.what if width is None else min(widths.what, width - taken)
    if width is None or room >= _LEAST_ROOM:
        fitting = widths._replace(what=room)
        return [text for line in table for text in _row(line, fitting)]
    return [text for line in table for text in _stacked(line, widths, width)]


def _what(stream: StreamFacts, *, japanese: bool) -> str:
    """Return what a stream is, in a few words."""
    what, _ = without_report(stream.schema["description"])
    sentence, point, _ = what.partition(". ")
    sentence = sentence if point else sentence.removesuffix(".")
    return in_japanese(f"{sentence}.").removesuffix("。") if japanese else sentence


def _stacked(line: _Line, widths: _Widths, width: int) -> Iterator[str]:
    """Yield a line for a narrow terminal: the description goes below the rest."""
    beside = [line.name, line.requests, line.is_on]
    room = [widths.name, widths.requests, widths.is_on]
    if sum(room) + 2 * len(_GAP) <= width:
        yield from _row(beside, room)
    else:
        yield from _wrapped(_GAP.join(beside), width)
    for text in _wrapped(line.what, width - len(_INDENT)):
        yield _INDENT + text


def _row(cells: Iterable[str], widths: Iterable[int]) -> Iterator[str]:
    """Yield the lines of cells that are side by side."""
    wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for texts in itertools.zip_longest(*wrapped, fillvalue=""):
        padded = map(set_cell_size, texts, widths)
        yield _GAP.join(padded).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    lines = Text(text).wrap(Console(width=width), width)
    return [line.plain.rstrip() for line in lines]
