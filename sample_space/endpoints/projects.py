"""The paths below projects, issues, people, wikis, documents and repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sample_space.answers import ApiError
from sample_space.data.issues import PRIORITIES, RESOLUTIONS
from sample_space.endpoints import issue_list
from sample_space.endpoints.parameters import (
    BY_ID,
    BY_OFFSET,
    Reader,
    numbers,
    one_of,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from sample_space.endpoints.registry import Call

    Handler: TypeAlias = Callable[[Call], object]

Row = dict[str, Any]


def by_id(call: Call, rows: list[Row], key: str = "id") -> list[Row]:
    """Return a page of a list by ``minId``, ``maxId`` and ``order``."""
    given = call.parameters
    rows = call.space.doors.shown(rows)
    low, high = given.get("minId"), given.get("maxId")
    edge = 0 if call.space.options.ids_inclusive else 1
    if low is not None:
        rows = [row for row in rows if row[key] >= low + edge]
    if high is not None:
        rows = [row for row in rows if row[key] <= high - edge]
    if given.get("order", "desc") == "desc":
        rows = rows[::-1]
    return rows[: given.get("count", 20)]


def _by_offset(call: Call, rows: list[Row], key: str) -> list[Row]:
    ascends = call.parameters.get("order", "desc") == "asc"
    rows = call.space.doors.shown(rows)
    rows.sort(key=lambda row: row[key], reverse=not ascends)
    return issue_list.page(rows, call.parameters)


def _found(table: Any, key: Any) -> Any:  # noqa: ANN401
    try:
        return table[key]
    except KeyError:
        raise ApiError(404, 6, "No resource.") from None


def _issue_id(call: Call) -> int:
    for issue in call.space.issues.values():
        if call.arguments[0] in {str(issue["id"]), issue["issueKey"]}:
            return int(issue["id"])
    raise ApiError(404, 6, "No issue.")


def _of_issue(name: str) -> Handler:
    def handle(call: Call) -> list[Row]:
        return getattr(call.space.contents, name).get(_issue_id(call), [])  # type: ignore[no-any-return]

    return handle


def _comments(call: Call) -> list[Row]:
    return by_id(call, call.space.contents.comments.get(_issue_id(call), []))


def _of_project(name: str, flag: str = "") -> Handler:
    def handle(call: Call) -> object:
        if flag and not call.project.project[flag]:
            raise ApiError(403, 5, "It is off in this project.")
        return getattr(call.space.contents, name).get(call.project.id, [])

    return handle


def _named_project(call: Call, flag: str) -> int:
    wanted = str(call.parameters.get("projectIdOrKey", ""))
    for data in call.space.projects:
        if wanted in {str(data.id), data.key}:
            if not data.project[flag]:
                raise ApiError(403, 5, "It is off in this project.")
            return data.id
    raise ApiError(404, 6, "No project.")


def _wikis(call: Call) -> list[Row]:
    home = _named_project(call, "useWiki")
    left_out = {"content", "attachments", "sharedFiles", "stars"}
    return [
        {name: value for name, value in wiki.items() if name not in left_out}
        for wiki in call.space.doors.shown(call.space.contents.wikis.values())
        if wiki["projectId"] == home
    ]


def _wiki_tags(call: Call) -> object:
    return call.space.contents.wiki_tags.get(_named_project(call, "useWiki"), [])


def _wiki_history(call: Call) -> list[Row]:
    pages = call.space.contents.wiki_history
    return by_id(call, _found(pages, int(call.arguments[0])), "version")


def _documents(call: Call) -> list[Row]:
    if "offset" not in call.parameters:
        raise ApiError(400, 7, "offset is required.")
    wanted = call.parameters.get("projectId[]")
    rows = [
        row
        for row in call.space.contents.documents.values()
        if not wanted or row["projectId"] in wanted
        if row["projectId"] not in call.space.doors.unjoined
    ]
    return _by_offset(call, rows, call.parameters.get("sort", "created"))


def _document_tree(call: Call) -> object:
    return _found(call.space.contents.trees, _named_project(call, "useDocument"))


def _repository(call: Call) -> int:
    for row in call.space.contents.repositories.get(call.project.id, []):
        if call.arguments[1] in {str(row["id"]), row["name"]}:
            return int(row["id"])
    raise ApiError(404, 6, "No repository.")


def _pull_requests(call: Call) -> list[Row]:
    rows = call.space.contents.pull_requests[_repository(call)]
    rows = call.space.doors.shown(rows)
    return issue_list.page(rows, call.parameters)


def _pull_request_count(call: Call) -> Row:
    return {"count": len(call.space.contents.pull_requests[_repository(call)])}


def _of_pull_request(name: str) -> Handler:
    def handle(call: Call) -> list[Row]:
        place = _repository(call), int(call.arguments[2])
        rows: list[Row] = _found(getattr(call.space.contents, name), place)
        return by_id(call, rows) if name == "pull_request_comments" else rows

    return handle


def _files(call: Call) -> list[Row]:
    if not call.project.project["useFileSharing"]:
        raise ApiError(403, 5, "It is off in this project.")
    folder = f"/{unquote(call.arguments[1])}/".replace("//", "/").replace("//", "/")
    rows = [
        row for row in call.space.contents.files[call.project.id] if row["dir"] == folder
    ]
    if not rows and folder != "/":
        names = {
            f"{row['dir']}{row['name']}/"
            for row in call.space.contents.files[call.project.id]
            if row["type"] == "directory"
        }
        if folder not in names:
            raise ApiError(404, 6, "No such folder.")
    if call.parameters.get("order", "desc") == "desc":
        rows.reverse()
    start = call.parameters.get("offset", 0)
    return rows[start : start + call.parameters.get("count", 1000)]


def _disk_usage(call: Call) -> Row:
    details = list(call.space.contents.usage.values())
    names = [name for name in details[0] if name != "projectId"] if details else []
    total = {name: sum(row[name] for row in details) for name in names}
    return {"capacity": 107_374_182_400, **total, "details": details}


_LIMITS = (
    *("attachmentLimit", "attachmentLimitPerFile", "attachmentNumLimit"),
    *("attributeLimit", "commentLimit", "componentLimit", "issueLimit", "projectLimit"),
    *("pullRequestAttachmentLimitPerFile", "pullRequestAttachmentNumLimit"),
    *("remoteAddressLimit", "userLimit", "versionLimit"),
    *("wikiAttachmentLimitPerFile", "wikiAttachmentNumLimit"),
)
_FEATURES = (
    *("active", "attribute", "burndown", "fileSharing", "gantt", "git", "nulabAccount"),
    *("parentChildIssue", "grandchildIssueEnabled", "postIssueByMail", "remoteAddress"),
    *("subversion", "subversionExternal", "wikiAttachment"),
)


def _licence(_: Call) -> Row:
    return {
        **dict.fromkeys(_FEATURES, True),
        **dict.fromkeys(_LIMITS, 0),
        "storageLimit": 107_374_182_400,
        "licenceTypeId": 11,
        "startedOn": "2025-01-01T00:00:00Z",
        "limitDate": None,
    }


def _of_user(name: str) -> Handler:
    def handle(call: Call) -> list[Row]:
        rows = _found(getattr(call.space.contents, name), int(call.arguments[0]))
        return by_id(call, rows) if name == "stars" else _by_offset(call, rows, "created")

    return handle


def _own(name: str) -> Handler:
    def handle(call: Call) -> list[Row]:
        rows: list[Row] = getattr(call.space.contents, name)
        return issue_list.page(rows, call.parameters)

    return handle


_SORT = one_of("created", "updated", "issueUpdated")
_WATCHINGS: dict[str, Reader] = {**BY_OFFSET, "sort": _SORT}
_DOCUMENTS: dict[str, Reader] = {**BY_OFFSET, "sort": _SORT, "projectId[]": numbers}
_FILES: dict[str, Reader] = {
    "offset": whole_number(0),
    "count": whole_number(1, 1000),
    "order": one_of("asc", "desc"),
}
_PROJECT: dict[str, Reader] = {"projectIdOrKey": lambda values: values[-1]}
_REPOSITORIES = "projects/*/git/repositories"

PATHS: list[tuple[str, Handler, dict[str, Reader], bool]] = [
    (
        "space/notification",
        lambda _: {"content": "お知らせ", "updated": "2026-01-01T00:00:00Z"},
        {},
        False,
    ),
    ("space/diskUsage", _disk_usage, {}, True),
    ("space/licence", _licence, {}, False),
    ("priorities", lambda _: PRIORITIES, {}, False),
    ("resolutions", lambda _: RESOLUTIONS, {}, False),
    ("projects/*/administrators", lambda call: call.project.members[:1], {}, False),
    ("projects/*/teams", lambda call: call.space.teams[: call.project.id % 4], {}, False),
    ("projects/*/customFields", _of_project("custom_fields"), {}, False),
    ("projects/*/webhooks", _of_project("webhooks"), {}, True),
    ("projects/*/diskUsage", _of_project("usage"), {}, True),
    ("projects/*/files/metadata/(.*)", _files, _FILES, False),
    (_REPOSITORIES, _of_project("repositories", "useGit"), {}, False),
    (f"{_REPOSITORIES}/*/pullRequests", _pull_requests, BY_OFFSET, False),
    (f"{_REPOSITORIES}/*/pullRequests/count", _pull_request_count, {}, False),
    (
        f"{_REPOSITORIES}/*/pullRequests/*/comments",
        _of_pull_request("pull_request_comments"),
        BY_ID,
        False,
    ),
    (
        f"{_REPOSITORIES}/*/pullRequests/*/attachments",
        _of_pull_request("pull_request_attachments"),
        {},
        False,
    ),
    ("users/*/stars", _of_user("stars"), BY_ID, False),
    ("users/*/watchings", _of_user("watchings"), _WATCHINGS, False),
    ("users/myself/recentlyViewedIssues", _own("viewed_issues"), BY_OFFSET, False),
    ("users/myself/recentlyViewedProjects", _own("viewed_projects"), BY_OFFSET, False),
    ("users/myself/recentlyViewedWikis", _own("viewed_wikis"), BY_OFFSET, False),
    (
        "notifications",
        lambda call: by_id(call, call.space.contents.notifications),
        BY_ID,
        False,
    ),
    (
        "notifications/count",
        lambda call: {"count": len(call.space.contents.notifications)},
        {},
        False,
    ),
    ("issues/*/comments", _comments, BY_ID, False),
    ("issues/*/participants", _of_issue("participants"), {}, False),
    ("issues/*/relatedIssues", _of_issue("related"), {}, False),
    ("wikis", _wikis, _PROJECT, False),
    ("wikis/tags", _wiki_tags, _PROJECT, False),
    (
        "wikis/(\\d+)",
        lambda call: _found(call.space.contents.wikis, int(call.arguments[0])),
        {},
        False,
    ),
    ("wikis/(\\d+)/history", _wiki_history, BY_ID, False),
    ("documents", _documents, _DOCUMENTS, False),
    ("documents/tree", _document_tree, _PROJECT, False),
    (
        "documents/*/comments",
        lambda call: _found(call.space.contents.document_comments, call.arguments[0]),
        {},
        False,
    ),
]
