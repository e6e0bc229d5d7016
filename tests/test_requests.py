"""The tables of streams are right: formulas, figures, names and keys."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import ROOT, sync

if TYPE_CHECKING:
    from sample_space import Options, SampleServer, Space
    from tap_backlog.streams.base import BacklogStream

Row = dict[str, Any]

LANGUAGES = [".md", ".ja.md"]


def rows_of(page: str) -> list[list[str]]:
    """Return the rows of a page's tables that start with the name of a stream."""
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", text, re.MULTILINE)
    return [[name, *rest.split(" | ")] for name, rest in rows]


TABLE = {
    name: (first, idle, int(measured_first), int(measured_idle))
    for name, first, idle, measured_first, measured_idle in rows_of("docs/requests.md")
}
NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
SHARED = {"projects", "space"}
FURTHER_PAGES = set("CMHSVX")
IN_WORDS = {
    "1": "1",
    "P": "1 per project",
    "F": "1 per project",
    "K": "1 per folder",
    "U": "1 per user",
    "Q": "1 or more per repository",
    "I": "1 per issue",
    "W": "1 per wiki page",
    "D": "1 per document",
    "R": "1 per pull request",
    "pages(T)": "1 per 100 teams",
    "pages(L)": "1 per 100 issues",
    "pages(I)": "1 per 100 issues",
    "pages(D)": "1 per 100 documents",
    "ids(N)": "1 per 100 notifications",
    "ids(A)": "1 per 100 updates",
    "ids(A4)": "1 per 100 deletions",
}
"""What `--streams` says for the largest part of a formula."""


@pytest.fixture
def options(options: Options) -> Options:
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


def pages(rows: int) -> int:
    return 1 + (rows - 1) // 99


def ids(rows: int) -> int:
    return 1 + rows // 100


def hundreds(lists: Any) -> int:
    return sum(len(rows) // 100 for rows in lists)


def at_bookmark(rows: Any) -> int:
    return max(Counter(row["updated"] for row in rows).items())[1]


def variables(space: Space, stream: str) -> dict[str, Any]:
    """Return the values of the letters in the formulas."""
    contents = space.contents
    pull_requests = [r for rows in contents.pull_requests.values() for r in rows]
    changing = {
        "wiki": contents.wikis.values(),
        "documents": contents.documents.values(),
        "document_comments": contents.documents.values(),
        "pull": pull_requests,
    }
    prefix = next((name for name in changing if stream.startswith(name)), None)
    folders = [r for rows in contents.files.values() for r in rows if not r["size"]]
    return {
        "pages": pages,
        "ids": ids,
        "P": len(space.projects),
        "F": sum(home.project["useGit"] for home in space.projects),
        "I": len(space.issues),
        "D": len(contents.documents),
        "W": len(contents.wikis),
        "R": len(pull_requests),
        "U": len(space.users),
        "T": len(space.teams),
        "N": len(contents.notifications),
        "L": len(contents.viewed_issues),
        "A": len(space.activities),
        "A4": sum(row["type"] == 4 for row in space.activities),
        "C": hundreds(contents.comments.values()),
        "M": hundreds(contents.pull_request_comments.values()),
        "H": hundreds(contents.wiki_history.values()),
        "S": hundreds(contents.stars.values()),
        "V": sum(pages(len(rows)) - 1 for rows in contents.watchings.values()),
        "K": len(folders),
        "X": 1,
        "Q": sum(pages(len(rows)) for rows in contents.pull_requests.values()),
        "B": at_bookmark(changing[prefix] if prefix else space.issues.values()),
    }


@pytest.mark.parametrize("stream", NAMES)
def test_a_stream_costs_what_is_documented(
    config: Row,
    server: SampleServer,
    space: Space,
    stream: str,
) -> None:
    state, measured = None, []
    for _ in range(2):
        server.requests.clear()
        states = sync(config, stream, state=state).states
        state = states[-1] if states else None
        shared = SHARED - {stream}
        measured.append(sum(r.path not in shared for r in server.requests))
    first, idle, *documented = TABLE[stream]
    known = variables(space, stream)
    assert [eval(formula, known) for formula in (first, idle)] == measured  # noqa: S307
    assert documented == measured


@pytest.mark.parametrize("ending", LANGUAGES)
def test_the_tables_name_every_stream_in_the_order_of_the_registry(ending: str) -> None:
    for page in ("requests", "streams"):
        assert [name for name, *_ in rows_of(f"docs/{page}{ending}")] == NAMES, page


def test_both_languages_have_the_same_formulas_and_figures() -> None:
    assert rows_of("docs/requests.ja.md") == rows_of("docs/requests.md")


@pytest.mark.parametrize("ending", LANGUAGES)
def test_the_table_of_streams_says_what_the_registry_says(ending: str) -> None:
    off = {".md": "*off*", ".ja.md": "*標準では読まない*"}[ending]
    streams = TapBacklog(config={}, validate_config=False).streams
    for name, *_, keys, read, requests, _who in rows_of(f"docs/streams{ending}"):
        stream = streams[name]
        assert keys == ", ".join(f"`{key}`" for key in stream.primary_keys), name
        assert (off in read) != stream.selected_by_default, name
        if stream.replication_key:
            assert f"`{stream.replication_key}`" in read, name
        if stream.replication_method == "FULL_TABLE":
            assert read.startswith({".md": "in full", ".ja.md": "全件"}[ending]), name
        assert requests == TABLE[name][0], name


@pytest.mark.parametrize("stream_type", STREAM_TYPES, ids=NAMES)
def test_the_list_of_streams_says_what_weighs_most_in_the_formula(
    stream_type: type[BacklogStream],
) -> None:
    formula, *_ = TABLE[str(vars(stream_type)["name"])]
    *_, last = [part for part in formula.split(" + ") if part not in FURTHER_PAGES]
    assert stream_type.requests_in_words == IN_WORDS[last]


def test_meltano_selects_what_is_read_by_default() -> None:
    entry = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["extractors"][0]
    on = [vars(t)["name"] for t in STREAM_TYPES if t.selected_by_default]
    assert sorted(entry["select"]) == sorted(f"{name}.*" for name in on)
