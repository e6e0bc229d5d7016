"""The code cites facts about Backlog by heading, and agrees with them."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options
from sample_space import quota as sample_quota
from sample_space.answers import ApiError
from sample_space.endpoints.parameters import BY_ID, BY_OFFSET, read_parameters
from sample_space.endpoints.registry import ask
from sample_space.wire import oauth as sample_oauth
from tap_backlog import hosts
from tap_backlog.api import auth, oauth, rate_limit
from tap_backlog.api.refusals import RefusedError
from tap_backlog.reading import pagination
from tap_backlog.reading.lists import IdList
from tap_backlog.settings.schema import SETTINGS_SCHEMA
from tap_backlog.streams import shapes as schemas
from tap_backlog.streams.kinds.unfinished import PROJECTS_PER_LIST
from tap_backlog.streams.updates import DeletedIssues
from tap_backlog.tap import TapBacklog
from tests.support import ROOT, sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sample_space import SampleServer, Space

PAGE = "docs/api-facts.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
FOLDERS = ("tap_backlog", "sample_space", "tests", "scripts", "benchmarks", "orchestrate")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))

CITATION = re.compile(rf'{PAGE}(?:, "([^"]+)")?')
WITHOUT_HEADING = re.compile(
    r"API's facts|\bfacts (say|list|leave|do not)\b|\bof the facts\b", re.IGNORECASE
)
DEFAULTS = {
    name: one.get("default") for name, one in SETTINGS_SCHEMA["properties"].items()
}


def flat(text: str) -> str:
    return " ".join(text.split())


def sections() -> dict[str, str]:
    """Return the text below each heading of the page, in one line."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)[1:]
    return {
        heading: flat(text) for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


SECTIONS = sections()


def words_of(source: str) -> Iterator[str]:
    """Return the docstrings and the comments of some code, each in one line.

    A comment of several lines counts as one.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield flat(text)
    block: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            block.append(token.string.removeprefix("#"))
        elif token.type != tokenize.NL:
            yield flat(" ".join(block))
            block.clear()


def faults_of(source: str) -> list[str]:
    """Return what some code cites that does not exist, or cites without a heading."""
    found = []
    for words in words_of(source):
        found += [one[0] for one in CITATION.finditer(words) if one[1] not in SECTIONS]
        found += [one[0] for one in WITHOUT_HEADING.finditer(words)]
    return found


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        (f'"""See {PAGE}, "Lists by offset"."""', []),
        (f'"""See {PAGE}, "Lists\nby id" and more."""', []),
        (f'"""See {PAGE}, "Lists by luck"."""', [f'{PAGE}, "Lists by luck"']),
        (f'"""See {PAGE}."""', [PAGE]),
        (f'x = 1\n"""See {PAGE}."""', [PAGE]),
        (f'x = 1  # {PAGE}, "Errors"\n', []),
        (f'# {PAGE}, "Lists by\n# offset"\n', []),
        (f"x = 1  # {PAGE}\n", [PAGE]),
        ('"""Section 4 of the API\'s\nfacts."""', ["API's facts"]),
        ("# as the facts say\n", ["facts say"]),
        (f'x = "{PAGE}"', []),
        ('"""Return the facts of streams."""', []),
    ],
)
def test_a_wrong_citation_is_seen(source: str, faults: list[str]) -> None:
    assert faults_of(source) == faults


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_citations_name_a_heading_that_exists(file: Path) -> None:
    assert faults_of(file.read_text(encoding="utf-8")) == []


def test_a_rule_stands_on_what_is_below_each_heading() -> None:
    cited = {
        one[1]
        for file in FILES
        if not file.is_relative_to(ROOT / "tests")
        for words in words_of(file.read_text(encoding="utf-8"))
        for one in CITATION.finditer(words)
    }
    assert set(SECTIONS) - cited == set()


def test_what_nobody_has_verified_comes_with_what_the_tap_does() -> None:
    blocks = re.split(r"\n(?=- |\n)", TEXT.partition("\n## ")[2])
    marked = [flat(block) for block in blocks if "*(unverified)*" in block]
    prose = [block for block in marked if not block.startswith("|")]
    assert len(prose) > 30
    for block in prose:
        # In the next sentence, or later in a row of a table.
        assert re.search(r"\*\(unverified\)\* (The|After) .*\btap\b", block), block


# --- Figures


def figure(heading: str, words: str) -> None:
    """Fail if the page does not say so below a heading."""
    assert words in SECTIONS[heading]


def test_addresses() -> None:
    figure("Addresses", "`backlog.com`, `backlog.jp` or `backlogtool.com`")
    assert hosts.DOMAINS == ("backlog.com", "backlog.jp", "backlogtool.com")
    figure("Addresses", "`https://<space>.<domain>/api/v2`")
    assert hosts.base_url("space.backlog.jp") == "https://space.backlog.jp/api/v2"


def test_keys_and_tokens() -> None:
    figure("API keys", "header `Backlog-API-Key`, or into the parameter `apiKey`")
    assert (auth.HEADER, auth.QUERY_PARAMETER) == ("Backlog-API-Key", "apiKey")
    figure("API keys", "`api_key_in` is `query`")
    assert DEFAULTS["api_key_in"] == "header"
    figure("OAuth 2.0", "`POST oauth2/token`, below `/api/v2`")
    assert oauth.TOKEN_PATH == sample_oauth.TOKEN_PATH == "oauth2/token"
    figure("OAuth 2.0", "`/OAuth2AccessRequest.action`, at the root of the host")
    assert sample_oauth.AUTHORIZE_PATH == "/OAuth2AccessRequest.action"
    figure("OAuth 2.0", "valid for 3600 seconds")
    assert Options().token_lifetime == 3600


def test_rate_limits() -> None:
    figure("Rate limits", "| read | every GET that is in no other class | 600 |")
    figure("Rate limits", "`issues`, `issues/count`, `wikis`, `wikis/count` | 150 |")
    figure("Rate limits", "| update | POST, PATCH, DELETE | 150 |")
    figure("Rate limits", "| icon | pictures of the space, users, projects, teams | 60 |")
    assert Options().limits == {"read": 600, "search": 150, "update": 150, "icon": 60}
    paths = ["issues", "issues/count", "wikis", "wikis/count"]
    for class_of in (rate_limit.request_class, sample_quota.class_of):
        assert [class_of(path) for path in paths] == ["search"] * 4
        assert class_of("issues/1/comments") == class_of("rateLimit") == "read"
    assert sample_quota.class_of("space/image") == "icon"
    figure("Rate limits", "ends 60 seconds later")
    assert rate_limit.WINDOW == sample_quota.WINDOW == 60
    figure("Rate limits", "waits for the reset, but at least 1 and at most 60 seconds")
    for reset, wait in (("1000", 60), ("-1000", 1)):
        now = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT", "X-RateLimit-Reset": reset}
        assert rate_limit.seconds_until_reset(now) == wait


def test_error_codes() -> None:
    rows = dict(
        re.findall(r"^\| (\d+) \| ([^|]+) \| [^|]*\| [^|]+ \|$", TEXT, re.MULTILINE)
    )
    assert rows == {
        "1": "internal error",
        "2": "not in the plan",
        "3": "licence has expired",
        "4": "address not allowed",
        "5": "no permission",
        "6": "does not exist",
        "7": "wrong parameter",
        "11": "wrong key",
        "12": "two-factor authentication is missing",
        "13": "too many requests",
    }

    def codes(kind: str) -> list[int]:
        refusals = {code: RefusedError("", 403, code, "") for code in map(int, rows)}
        return [code for code, one in refusals.items() if getattr(one, kind)]

    assert codes("is_off") == [2]
    assert codes("is_fatal") == [3, 4, 12]
    assert codes("names_nothing") == [6]
    figure("Errors", "of code 6 is 404, of 7 it is 400, of 11 it is 401")
    assert RefusedError("", 404, 6, "").is_gone
    assert RefusedError("", 400, 7, "").is_malformed
    assert RefusedError("", 401, 11, "").may_concern_key


def test_pages_of_lists(space: Space, options: Options) -> None:
    for heading in ("Lists by offset", "Lists by id"):
        figure(heading, "`count` is from 1 to 100, and 20 if it is not given")
    assert pagination.PAGE_SIZE == 100
    assert IdList("x").first.params["count"] == 100
    for readers in (BY_OFFSET, BY_ID):
        for count in ("1", "100"):
            assert read_parameters({"count": [count]}, readers) == {"count": int(count)}
        for count in ("0", "101"):
            with pytest.raises(ApiError):
                read_parameters({"count": [count]}, readers)
    for path in ("issues", "space/activities"):
        quota = sample_quota.Quota(options.limits)
        rows: Any = ask(space, space.users[0], quota, path, {})
        assert len(rows) == 20
    figure("Projects", "at most 250 in one request")
    assert PROJECTS_PER_LIST == 250


def test_pages_of_shared_files(config: dict[str, Any], server: SampleServer) -> None:
    figure("Shared files", "`count` is from 1 to 1000, and 1000 if it is not given")
    sync(config, "shared_files")
    counts = {r.query["count"][0] for r in server.requests if "metadata" in r.path}
    assert counts == {"1000"}


def test_days_to_which_issues_go_back(config: dict[str, Any]) -> None:
    figure("Issues", "the day two days before the time it needs")
    issues: Any = TapBacklog(config=config).get_sync().origins["issues"]
    assert issues.filters("2026-10-10T00:00:00Z") == {"updatedSince": "2026-10-08"}
    figure("What changes an issue", "`comments_lookback_days` (0 unless set)")
    assert DEFAULTS["comments_lookback_days"] == 0


def test_ids_with_a_meaning() -> None:
    figure("Ids and names", "1 open, 2 in progress, 3 resolved and 4 closed")
    assert "1 open, 2 in progress, 3 resolved, 4 closed" in schemas.STATUS_ID
    ids = "0 fixed, 1 will not fix, 2 invalid, 3 duplicate, 4 cannot reproduce."
    figure("Ids and names", ids)
    assert ids == schemas.RESOLUTION_ID
    figure("Ids and names", "Priorities: 2 high, 3 normal, 4 low.")
    assert schemas.PRIORITY_ID == "2 high, 3 normal, 4 low."
    figure("Ids and names", "up to 64 bits")
    assert schemas.INT64.type_dict["maximum"] == 2**63 - 1


def described(stream: str, name: str) -> str:
    """Return what the schema of a stream says about a field."""
    schema: Any = TapBacklog(config={}, validate_config=False).streams[stream].schema
    description: str = schema["properties"][name]["description"]
    return description


def test_kinds_of_custom_fields_and_pull_requests() -> None:
    kinds = (
        "1 text, 2 text area, 3 number, 4 date, 5 single list, 6 multiple list, "
        "7 checkbox, 8 radio."
    )
    figure("Custom fields", kinds)
    assert described("custom_fields", "typeId") == kinds
    assert described("issue_custom_field_values", "fieldTypeId") == kinds
    figure("Git and pull requests", "1 open, 2 closed, 3 merged")


def test_types_of_updates() -> None:
    table = SECTIONS["Updates"].partition("|---|---|")[2].partition("- ")[0]
    ours = {int(number) for number in re.findall(r"\d+", table)}
    told = described("recent_updates", "type")
    told = told.replace("40 to 45", "40 41 42 43 44 45")
    assert ours == {int(number) for number in re.findall(r"\d+", told)}
    assert len(ours) == 42
    figure("What changes an issue", "shows them (type 4)")
    deleted = DeletedIssues
    assert deleted.activity_types == [4]


def test_roles() -> None:
    table = re.findall(r"\| (\d) \| ([^|]*)\| ([^|]+) \|", SECTIONS["Who may read what"])
    assert [(number, now.strip(), classic) for number, now, classic in table] == [
        ("1", "administrator", "administrator"),
        ("2", "member or guest", "user"),
        ("3", "may only add issues", "reporter"),
        ("4", "may only view issues", "viewer"),
        ("5", "", "guest reporter"),
        ("6", "", "guest viewer"),
    ]
    told = described("users", "roleType")
    assert all(f"{number} {classic}" in told for number, _, classic in table)
