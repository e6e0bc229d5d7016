"""Ten bad minutes: ``make chaos``.

Random mixes of faults, on random lists at random places, for as long as is asked for.
After each mix a clean run must end with exactly the rows of the space.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections import Counter
from typing import Any

from sample_space import Options, SampleServer, make_space
from sample_space.faults import Fault
from tests.support import sync, sync_until_it_fails
from tests.test_faults import LASTING, PASSING

PLAYS = {**PASSING, **LASTING}
PATHS = {"issues": "issues", "teams": "teams", "recent_updates": "space/activities"}


def main() -> int:
    """Try mixes until the time is over; return 1 where a row was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    choices = parser.parse_args()
    logging.disable(logging.CRITICAL)
    deadline = time.monotonic() + 60 * choices.minutes
    time.sleep = lambda _: None
    seed, tried, failed = choices.seed, Counter[str](), Counter[str]()
    while time.monotonic() < deadline:
        mix, loss, has_failed = try_one(seed)
        tried.update(mix)
        failed.update(mix if has_failed else ())
        if loss:
            say(f"seed {seed}: {', '.join(mix)}: {loss}")
            return 1
        seed += 1
    say(f"{seed - choices.seed} mixes, seeds {choices.seed} to {seed - 1}: no row lost")
    say(f"{'fault':<28}{'mixes':>8}{'of them, first run failed':>28}")
    for name, count in tried.most_common():
        say(f"{name:<28}{count:>8}{failed[name]:>28}")
    return 0


def try_one(seed: int) -> tuple[list[str], str, bool]:
    """Return the faults of a mix, what was wrong then, and whether the run failed."""
    rng = random.Random(seed)  # noqa: S311
    space = make_space(
        Options(
            seed=seed,
            projects=3,
            users=4,
            teams=rng.randrange(300),
            issues=rng.randrange(700),
            activities=rng.randrange(400),
        )
    )
    mix = [rng.choice(sorted(PLAYS)) for _ in range(rng.randint(1, 5))]
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": space.options.admin_key}
        server.faults = [
            Fault(
                PLAYS[name],
                rng.choice([*PATHS.values(), None]),
                skip=rng.randrange(8),
                times=rng.randint(1, 5),
            )
            for name in mix
        ]
        retries = rng.randint(0, 3)
        first = sync_until_it_fails({**config, "max_retries": retries}, *PATHS)
        has_failed = not first.states or len(first.schemas) < len(PATHS)
        server.faults.clear()
        rest = sync(config, *PATHS, state=first.states[-1] if first.states else None)
    truths: dict[str, set[Any]] = {
        "issues": set(space.issues),
        "teams": {team["id"] for team in space.teams},
        "recent_updates": {activity["id"] for activity in space.activities},
    }
    for stream, truth in truths.items():
        sent = [row["id"] for row in first.by_stream[stream] + rest.by_stream[stream]]
        if set(sent) != truth:
            return mix, f"{stream}: {len(truth - set(sent))} rows missing", has_failed
    return mix, "", has_failed


def say(line: str) -> None:
    """Print a line of the report."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
