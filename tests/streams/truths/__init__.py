"""What must hold for each stream's rows, one module per subject.

``put_known_objects`` puts a few objects into the sample space. ``TRUTHS`` lists all rows
that must come from them, and the number of rows that come from the whole space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths import (
    comments,
    documents,
    git,
    issues,
    own,
    people,
    projects,
    wikis,
)

if TYPE_CHECKING:
    from sample_space import Space
    from tests.streams.truths.truth import Truth

_SUBJECTS = (projects, people, own, issues, comments, wikis, documents, git)

TRUTHS: dict[str, Truth] = {
    stream: truth for subject in _SUBJECTS for stream, truth in subject.TRUTHS.items()
}


def put_known_objects(space: Space) -> Space:
    """Put the objects that ``TRUTHS`` describes into a space."""
    for subject in _SUBJECTS:
        subject.put_into(space)
    return space
