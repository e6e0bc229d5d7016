"""Who made a row, and when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, stamp

if TYPE_CHECKING:
    import random

    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def authorship(rng: random.Random, home: ProjectData, hours: int) -> Row:
    """Return who made and changed a row, some hours after the first day."""
    created = FIRST_DAY + dt.timedelta(hours=hours)
    return {
        "createdUser": rng.choice(home.members),
        "created": stamp(created),
        "updatedUser": rng.choice([*home.members, None]),
        "updated": stamp(created + dt.timedelta(hours=rng.randrange(900))),
    }
