"""Random faults for ten minutes: ``make chaos``.

Each mix has faults, projects that come, go and refuse, rows that show up late, and ways
to write: messages, batches, a process whose stdout is unbuffered or non-blocking, and
whose reader pauses. A mix has several runs. What a loader would have committed at the end
must be the rows of the space, each in its last version.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sample_space import Options, SampleServer, make_space
from sample_space.wire.faults import Fault
from tests.chaos_runs import WAYS, committed
from tests.support import as_sent
from tests.test_faults import LASTING, PASSING

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]

PLAYS = {**PASSING, **LASTING}
PATHS = {
    "issues": "issues",
    "teams": "teams",
    "recent_updates": "space/activities",
    "documents": "documents",
    "wikis": "wikis",
    "issue_comments": None,
    "issue_milestones": None,
}
STREAMS = tuple(PATHS)
_CLOSED = ("issues/.*", "documents", "wikis.*", "projects/[0-9]+/activities", ".*")


def main() -> int:
    """Try mixes until the time is over; return 1 if a row was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    choices = parser.parse_args()
    logging.disable(logging.CRITICAL)
    deadline = time.monotonic() + 60 * choices.minutes
    time.sleep = lambda _: None
    seed, tried = choices.seed, Counter[str]()
    while time.monotonic() < deadline:
        mix, loss = Chaos(seed).run()
        tried.update(mix)
        if loss:
            say(f"seed {seed}: {', '.join(mix)}: {loss}")
            return 1
        seed += 1
    say(f"{seed - choices.seed} mixes, seeds {choices.seed} to {seed - 1}: no row lost")
    for name, count in tried.most_common():
        say(f"{name:<40}{count:>8}")
    return 0


class Chaos:
    """A space in which much goes wrong, and the runs that read it.

    Args:
        seed: The same seed gives the same mix.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311
        self.space: Space = make_space(
            Options(
                seed=seed,
                projects=self.rng.randint(2, 5),
                users=4,
                teams=self.rng.randrange(150),
                issues=self.rng.randrange(350),
                activities=self.rng.randrange(300),
                omits_unjoined=self.rng.random() < 0.5,
                limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
            )
        )
        self.mix: list[str] = []
        self.loaded: dict[str, dict[tuple[Any, ...], Row]] = {}
        self.state: Row | None = None

    def run(self) -> tuple[list[str], str]:
        """Return what went wrong, and what was lost."""
        with SampleServer(self.space) as server, tempfile.TemporaryDirectory() as name:
            self.server, self.folder = server, Path(name)
            for _ in range(self.rng.randint(1, 4)):
                self.change_the_world()
                self.sync(self.rng.choice(list(WAYS)))
            self.calm_down()
            for _ in range(2):
                self.sync("messages")
            return self.mix, self.loss()

    def change_the_world(self) -> None:
        """Let people work, projects come and go, rows show up late, and answers fail."""
        self.calm_down()
        space, rng = self.space, self.rng
        for _ in range(rng.randrange(4)):
            self.work()
        if rng.random() < 0.4:
            self.work_unseen()
        homes = [home.id for home in space.projects]
        if rng.random() < 0.4:
            space.leave(rng.choice(homes))
            self.mix.append("a project that is left")
        if rng.random() < 0.3:
            pattern, status = rng.choice(_CLOSED), rng.choice([403, 404])
            space.close(rng.choice(homes), pattern, status)
            self.mix.append(f"{status} for {pattern}")
        for name in rng.sample(sorted(PLAYS), rng.randrange(3)):
            path = rng.choice([*PATHS.values(), None])
            fault = Fault(PLAYS[name], path, rng.randrange(9), rng.randint(1, 4))
            self.server.faults.append(fault)
            self.mix.append(name)

    def calm_down(self) -> None:
        """Make everything available again."""
        self.server.faults.clear()
        self.space.reopen()
        self.space.doors.late.clear()
        self.space.doors.unjoined.clear()
        self.space.version += 1

    def work(self) -> None:
        """Let somebody edit, add and delete."""
        space, rng = self.space, self.rng
        space.wait(rng.choice([0, 1, 60, 86_400]))
        issues = list(space.issues)
        for issue_id in rng.sample(issues, min(len(issues), rng.choice([1, 3, 120]))):
            space.edit_issue(issue_id)
        space.add_issue()
        if len(issues) > 1:
            space.delete_issue(rng.choice(issues))

    def work_unseen(self) -> None:
        """Let somebody add an issue that lists show, and one that they do not."""
        space, rng = self.space, self.rng
        row = space.add_issue()
        space.hide(rng.choice([row, space.activities[-1]]))
        space.wait(rng.choice([0, 5, 500]))
        space.add_issue()
        self.mix.append("a row that comes late")

    def sync(self, way: str) -> None:
        """Run the tap, and keep what a loader would have committed."""
        if way != "messages":
            self.mix.append(way)
        if "stdout" in way:
            self.server.faults.clear()  # a process would really wait
        config: Row = {
            "host": self.server.url,
            "api_key": self.space.options.admin_key,
            "max_retries": self.rng.randint(0, 3),
        }
        output = WAYS[way](config, STREAMS, self.state, self.folder, self.rng)
        for stream, rows in committed(output, self.folder).items():
            keys = output.schemas[stream]["key_properties"]
            table = self.loaded.setdefault(stream, {})
            table.update({tuple(row[key] for key in keys): row for row in rows})
        self.state = output.states[-1] if output.states else self.state

    def loss(self) -> str:
        """Return what is missing, or not as it is in the space; "" if all is right."""
        space = self.space
        truths: dict[str, list[Row]] = {
            "issues": list(space.issues.values()),
            "teams": space.teams,
            "recent_updates": space.activities,
            "documents": list(space.contents.documents.values()),
            "wikis": list(space.contents.wikis.values()),
            "issue_comments": [
                comment
                for issue_id in space.issues
                for comment in space.contents.comments.get(issue_id, [])
            ],
        }
        for stream, truth in truths.items():
            table = self.loaded.get(stream, {})
            missing = [row["id"] for row in truth if (row["id"],) not in table]
            if missing:
                return f"{stream}: {len(missing)} rows missing, such as {missing[0]}"
            old = [
                row["id"]
                for row in truth
                if row.get("updated") != table[row["id"],].get("updated")
            ]
            if old:
                return f"{stream}: {len(old)} rows are old, such as {old[0]}"
        return self._false_parts()

    def _false_parts(self) -> str:
        """Return an issue whose parts, by the rule of docs/loaders.md, are wrong."""
        found: dict[int, set[int]] = {issue_id: set() for issue_id in self.space.issues}
        for (issue_id, milestone), row in self.loaded.get("issue_milestones", {}).items():
            issue = as_sent(self.space.issues.get(issue_id))
            if issue and row["issueUpdated"] == issue["updated"]:
                found[issue_id].add(milestone)
        for issue_id, milestones in found.items():
            if milestones != {m["id"] for m in self.space.issues[issue_id]["milestone"]}:
                return f"issue_milestones of {issue_id} are not as they are"
        return ""


def say(line: str) -> None:
    """Print a line of the report."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
