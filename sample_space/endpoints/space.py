"""The space itself: settings, limits and licence; and the priorities and resolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.data.issues import PRIORITIES, RESOLUTIONS
from sample_space.endpoints.call import at

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_NOTICE = {"content": "お知らせ", "updated": "2026-01-01T00:00:00Z"}
_CAPACITY = 107_374_182_400

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


def _rate_limit(call: Call) -> Row:
    return {"rateLimit": {kind: call.quota.state(kind) for kind in call.quota.limits}}


def _disk_usage(call: Call) -> Row:
    details = list(call.space.contents.usage.values())
    names = [name for name in details[0] if name != "projectId"] if details else []
    total = {name: sum(row[name] for row in details) for name in names}
    return {"capacity": _CAPACITY, **total, "details": details}


def _licence(_: Call) -> Row:
    return {
        **dict.fromkeys(_FEATURES, True),
        **dict.fromkeys(_LIMITS, 0),
        "storageLimit": _CAPACITY,
        "licenceTypeId": 11,
        "startedOn": "2025-01-01T00:00:00Z",
        "limitDate": None,
    }


ENDPOINTS = [
    at("space", lambda call: call.space.info),
    at("space/notification", lambda _: _NOTICE),
    at("space/diskUsage", _disk_usage, for_admins=True),
    at("space/licence", _licence),
    at("rateLimit", _rate_limit),
    at("priorities", lambda _: PRIORITIES),
    at("resolutions", lambda _: RESOLUTIONS),
]
