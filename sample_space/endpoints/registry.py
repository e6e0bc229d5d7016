"""All paths of the API, and what each returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.endpoints import (
    activities,
    documents,
    files,
    git,
    issues,
    own,
    people,
    projects,
    space,
    wikis,
)
from sample_space.endpoints.admission import check_doors, check_role
from sample_space.endpoints.call import Call, Endpoint
from sample_space.endpoints.parameters import read_parameters

if TYPE_CHECKING:
    from sample_space.endpoints.parameters import Query
    from sample_space.quota import Quota
    from sample_space.space import Space

Row = dict[str, Any]

ENDPOINTS = [
    *space.ENDPOINTS,
    *people.ENDPOINTS,
    *own.ENDPOINTS,
    *activities.ENDPOINTS,
    *projects.ENDPOINTS,
    *issues.ENDPOINTS,
    *wikis.ENDPOINTS,
    *documents.ENDPOINTS,
    *files.ENDPOINTS,
    *git.ENDPOINTS,
]


def ask(space: Space, user: Row, quota: Quota, path: str, query: Query) -> object:
    """Return what a path returns, ready for JSON.

    Args:
        space: The space.
        user: Who asks.
        quota: How many requests this user has left.
        path: The path below ``/api/v2/``.
        query: As ``urllib.parse.parse_qs`` returns it, without the key.

    Raises:
        ApiError: It is refused.
    """
    endpoint, arguments = _find(path)
    check_role(user, endpoint, space.options)
    parameters = read_parameters(query, endpoint.readers)
    call = Call(space, user, quota, path, arguments, parameters)
    check_doors(call)
    return endpoint.handle(call)


def _find(path: str) -> tuple[Endpoint, tuple[str, ...]]:
    for endpoint in ENDPOINTS:
        if match := endpoint.pattern.fullmatch(path):
            return endpoint, match.groups()
    raise ApiError(404, 6, "No such API.")
