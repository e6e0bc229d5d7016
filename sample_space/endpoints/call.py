"""One request below ``/api/v2/``, and the endpoints that may answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_space.data.projects import ProjectData
    from sample_space.endpoints.parameters import Reader
    from sample_space.quota import Quota
    from sample_space.space import Space

Row = dict[str, Any]


@dataclass
class Call:
    """One request: who asks, and what for."""

    space: Space
    user: Row
    quota: Quota
    path: str
    arguments: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> ProjectData:
        """The project that the path names, by id or key."""
        for data in self.space.projects:
            if self.arguments[0] in {str(data.id), data.key}:
                return data
        raise ApiError(404, 6, "No project.")


@dataclass
class Endpoint:
    """A path with its parameters; ``for_admins`` if others are refused."""

    pattern: re.Pattern[str]
    handle: Callable[[Call], object]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    for_admins: bool = False


def at(
    template: str,
    handle: Callable[[Call], object],
    readers: Mapping[str, Reader] | None = None,
    *,
    for_admins: bool = False,
) -> Endpoint:
    """Return the endpoint at a path, in which ``*`` stands for an id or a key."""
    pattern = re.compile(re.sub(r"(?<![.)])\*", "([^/]+)", template))
    return Endpoint(pattern, handle, readers or {}, for_admins)
