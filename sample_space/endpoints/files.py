"""Shared files, folder by folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sample_space.answers import ApiError
from sample_space.endpoints.call import at
from sample_space.endpoints.parameters import Reader, one_of, whole_number

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_FILES: dict[str, Reader] = {
    "offset": whole_number(0),
    "count": whole_number(1, 1000),
    "order": one_of("asc", "desc"),
}


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


ENDPOINTS = [at("projects/*/files/metadata/(.*)", _files, _FILES)]
