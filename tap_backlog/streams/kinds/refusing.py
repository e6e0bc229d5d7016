"""Finding the projects because of which a list of several projects is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_backlog.api.refusals import RefusedError

_MOST_ROUNDS_WITHOUT_ANSWER = 3
"""If this many rounds of bisection bring no answer, the stream itself does not exist."""


def find_refusing(
    project_ids: list[int],
    refusal: RefusedError,
    is_open: Callable[[list[int]], bool],
) -> set[int]:
    """Return the projects that have to be skipped, by bisection.

    A project may have been deleted since the list of projects was read. If the whole
    stream is closed to the key, both halves are refused alike, so two requests are enough
    to find that out.

    Args:
        project_ids: The projects of the list.
        refusal: Backlog's answer.
        is_open: Asks Backlog, and returns whether it answers for a list of projects.

    Returns:
        Their ids; none if the whole stream is refused.
    """
    is_gone = refusal.names_nothing
    if not refusal.may_concern_projects:
        return set()
    if len(project_ids) == 1:
        return set(project_ids) if is_gone else set()
    refusing: set[int] = set()
    groups, has_answer, rounds = [project_ids], False, 0
    while groups:
        rounds += 1
        halves = [half for group in groups for half in _halves(group)]
        closed = [half for half in halves if not is_open(half)]
        has_answer |= len(closed) < len(halves)
        if not has_answer and (not is_gone or rounds == _MOST_ROUNDS_WITHOUT_ANSWER):
            return set()
        refusing.update(half[0] for half in closed if len(half) == 1)
        groups = [half for half in closed if len(half) > 1]
    return refusing


def _halves(ids: list[int]) -> tuple[list[int], list[int]]:
    middle = len(ids) // 2
    return ids[:middle], ids[middle:]
