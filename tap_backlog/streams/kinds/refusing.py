"""Finding the projects for which a list of several is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_backlog.api.refusals import RefusedError

_MOST_ROUNDS_WITHOUT_ANSWER = 3
"""If this many halvings bring no answer, it is the report that is not there."""


def find_refusing(
    project_ids: list[int],
    refusal: RefusedError,
    is_open: Callable[[list[int]], bool],
) -> set[int]:
    """Return the projects that have to be left out, by bisection.

    A project may have been deleted since the list of projects was read. A report that is
    closed to the key as a whole refuses both halves alike, and is told from that by two
    requests.

    Args:
        project_ids: The projects of the list.
        refusal: What was answered.
        is_open: Asks whether a list of some projects is answered.

    Returns:
        Their ids; none if the whole report is refused.
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
