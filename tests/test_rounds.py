"""Several runs with a budget bring what one run brings, whatever happens in between."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, make_space
from sample_space.wire import faults
from tests.support import Output, command, select, sync_within_budget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = dict[str, Any]

LIMITS = dict.fromkeys(("read", "update", "search", "icon"), 10**6)
COMMENTS = ("issues", "issue_comments")
PULLS = ("pull_requests", "pull_request_comments", "pull_request_attachments")


def nothing() -> None:
    pass


class Rounds:
    """Runs the tap again and again, each time from the state of before."""

    def __init__(self, server: SampleServer, *streams: str, **settings: object) -> None:
        options = server.space.options
        self.config = {"host": server.url, "api_key": options.admin_key, **settings}
        self.server = server
        self.catalog = select(*streams)
        self.state: Row | None = None
        self.outputs: list[Output] = []
        self.spent: list[int] = []

    def run(self, **settings: object) -> bool:
        """Run once, and return whether nothing is left of the round."""
        before = self.server.count()
        output = sync_within_budget(
            {**self.config, **settings}, catalog=self.catalog, state=self.state
        )
        self.outputs.append(output)
        self.spent.append(self.server.count() - before)
        self.state = output.states[-1]
        return "round" not in self.state

    def finish(self, between: Callable[[], object] = nothing, most: int = 60) -> None:
        """Run until nothing is left."""
        for _ in range(most):
            if self.run():
                return
            between()
        pytest.fail(f"not done after {most} runs: {self.spent}")

    def table(self, stream: str) -> dict[tuple[Any, ...], Row]:
        """Return the last version of each row of a stream."""
        rows: dict[tuple[Any, ...], Row] = {}
        for output in self.outputs:
            if stream in output.schemas:
                keys = output.schemas[stream]["key_properties"]
                for row in output.by_stream[stream]:
                    rows[tuple(row[key] for key in keys)] = row
        return rows

    def stamps(self, stream: str) -> dict[int, str]:
        return {key[0]: row["updated"] for key, row in self.table(stream).items()}


def stamps_in(space: Space) -> dict[int, str]:
    return {issue_id: issue["updated"] for issue_id, issue in space.issues.items()}


def serve(**more: Any) -> SampleServer:
    base: Row = {
        "projects": 6,
        "users": 9,
        "teams": 5,
        "issues": 260,
        "activities": 330,
        "limits": LIMITS,
        "tells_time_of_space": True,
    }
    return SampleServer(make_space(Options(**{**base, **more})))


# --- Nothing is lost


def test_what_is_edited_while_a_new_project_is_read_in_two_runs_comes() -> None:
    with serve() as server:
        space = server.space
        new = space.projects[0].id
        space.leave(new)
        rounds = Rounds(server, *COMMENTS, max_requests=20)
        rounds.finish()
        space.join(new)
        space.wait(3600)
        assert not rounds.run()
        space.wait(3600)
        inside = [i for i, row in space.issues.items() if row["projectId"] == new]
        outside = [i for i, row in space.issues.items() if row["projectId"] != new]
        space.edit_issues([inside[0], inside[-1]])
        space.edit_issues(outside[:2])
        space.wait(3600)
        rounds.finish()
        rounds.run(max_requests=0)
        assert rounds.stamps("issues") == stamps_in(space)


def test_what_is_edited_comes_in_a_space_of_two_lists_of_projects() -> None:
    with serve(projects=260, issues=600) as server:
        space = server.space
        rounds = Rounds(server, "issues", max_requests=4)
        assert not rounds.run()
        space.wait(3600)
        space.edit_issues(list(space.issues)[::40])
        space.wait(3600)
        rounds.finish()
        rounds.run(max_requests=0)
        assert rounds.stamps("issues") == stamps_in(space)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("budget", [0, 60])
def test_a_project_that_refuses_owes_all_although_another_new_one_is_read(
    status: int, budget: int
) -> None:
    with serve() as server:
        space = server.space
        first, second = space.projects[0].id, space.projects[1].id
        space.leave(first)
        space.leave(second)
        rounds = Rounds(server, "issues", max_requests=budget)
        rounds.finish()
        space.join(first)
        space.join(second)
        space.wait(3600)
        space.close(second, "issues", status)
        rounds.run()
        space.reopen()
        rounds.finish()
        rounds.run()
        assert rounds.stamps("issues") == stamps_in(space)


def test_parts_that_were_refused_come_once_they_are_open() -> None:
    with serve() as server:
        space = server.space
        project = next(iter(space.contents.pull_requests.values()))[0]["projectId"]
        rounds = Rounds(server, *PULLS, max_requests=40)
        for what in ("comments", "attachments"):
            space.close(project, rf"projects/{project}/git/.*/{what}")
        rounds.finish()
        space.reopen()
        space.wait(3600)
        rounds.finish()
        whole = Rounds(server, *PULLS)
        whole.run()
        assert rounds.table(PULLS[1]).keys() == whole.table(PULLS[1]).keys()
        assert rounds.table(PULLS[2]).keys() == whole.table(PULLS[2]).keys()


def test_a_project_that_fails_once_is_asked_by_the_next_run() -> None:
    with serve(projects=8) as server:
        project = server.space.projects[1].id
        path = f"projects/{project}/statuses"
        fault = faults.Fault(faults.error(500, 1, "Internal"), path=path, times=None)
        server.faults.append(fault)
        rounds = Rounds(server, "categories", "statuses", max_requests=8, max_retries=1)
        while not server.count(path):
            assert not rounds.run()
        server.faults.clear()
        rounds.finish()
        assert project in {row["projectId"] for row in rounds.table("statuses").values()}


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_whatever_people_do_between_the_runs(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    with serve(seed=seed, projects=4, issues=130, activities=150) as server:
        space = server.space
        rounds = Rounds(
            server, *COMMENTS, "recent_updates", lookback_minutes=rng.choice([0, 10])
        )

        def live() -> None:
            ids = list(space.issues)
            space.wait(rng.choice([0, 30, 3600]))
            space.edit_issues(rng.sample(ids, rng.choice([1, 5, 40])))
            space.comment(rng.choice(ids))
            space.add_issue()
            space.delete_issue(rng.choice(list(space.issues)))
            space.wait(rng.choice([0, 30, 3600]))

        for _ in range(5):
            rounds.run(max_requests=rng.choice([7, 30, 60, 200]))
            live()
        rounds.finish(most=2)
        rounds.run()
        ours, theirs = rounds.stamps("issues"), stamps_in(space)
        assert {i: ours.get(i) for i in theirs} == theirs
        assert {key[0] for key in rounds.table("recent_updates")} == {
            row["id"] for row in space.activities
        }
        living = [c for i in space.issues for c in space.contents.comments.get(i, [])]
        assert {c["id"] for c in living} <= {
            key[0] for key in rounds.table("issue_comments")
        }


# --- Each run gets further


def many_updates(space: Space) -> None:
    space.wait(86_400)
    for _ in range(700):
        space.add_issue()


def many_issues_at_once(space: Space) -> None:
    space.wait(86_400)
    space.edit_issues(list(space.issues))


def wiki_pages_of_one_second(space: Space) -> None:
    pages = space.contents.wikis
    one = next(iter(pages.values()))
    for wiki_id in range(900_000, 900_120):
        pages[wiki_id] = {**one, "id": wiki_id, "updated": "2026-09-01T00:00:00Z"}


def nothing_new(space: Space) -> None:
    pass


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
@pytest.mark.parametrize(
    ("streams", "budget", "happens"),
    [
        (COMMENTS, 60, many_issues_at_once),
        (("recent_updates",), 4, many_updates),
        (("wikis",), 30, wiki_pages_of_one_second),
        (("documents", "document_comments"), 40, nothing_new),
        (PULLS, 60, nothing_new),
        (("shared_files",), 6, nothing_new),
        (("git_repositories", "pull_requests"), 5, nothing_new),
        (("issues",), 2, nothing_new),
        (("users", "user_stars", "watchings"), 5, nothing_new),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_run_gets_further_and_stops_at_its_budget(
    streams: tuple[str, ...],
    budget: int,
    happens: Callable[[Space], None],
    method: str,
) -> None:
    with serve() as server:
        happens(server.space)
        whole = Rounds(server, *streams)
        rounds = Rounds(server, *streams, max_requests=budget)
        for one in (whole, rounds):
            for entry in one.catalog["streams"]:
                if method == "FULL_TABLE" and entry["stream"] in streams:
                    entry["replication_method"] = method
        assert whole.run()
        rounds.finish(most=whole.spent[0])
        assert len(rounds.spent) > 1
        assert max(rounds.spent) <= budget + 4
        for stream in streams:
            assert rounds.table(stream) == whole.table(stream)


def test_pull_requests_that_change_between_the_runs_are_read_once_more() -> None:
    with serve() as server:
        pulls = [p for some in server.space.contents.pull_requests.values() for p in some]
        rounds = Rounds(server, *PULLS[:2], max_requests=60, lookback_minutes=0)
        assert not rounds.run()
        server.space.wait(3600)
        for pull in pulls[-60:]:
            server.space.touch(pull)
        rounds.finish(lambda: server.space.wait(3600), most=6)
        assert len(rounds.stamps("pull_requests")) == len(pulls)


def test_streams_that_were_read_are_read_again_if_no_others_are_wanted() -> None:
    with serve() as server:
        rounds = Rounds(server, "categories", "statuses", *COMMENTS, max_requests=20)
        assert not rounds.run()
        rounds.catalog = select("categories")
        assert rounds.run()
        assert rounds.outputs[-1].by_stream["categories"]


# --- What a round costs, and says


@pytest.mark.parametrize(
    ("streams", "budget", "alone", "together"),
    [
        (COMMENTS, 100, 267, 271),
        (("wikis", "wiki_history", *COMMENTS), 200, 347, 351),
        (PULLS, 200, 366, 371),
    ],
    ids=["comments", "wikis", "pulls"],
)
def test_several_runs_cost_hardly_more_than_one(
    streams: tuple[str, ...], budget: int, alone: int, together: int
) -> None:
    with serve() as server:
        whole, rounds = Rounds(server, *streams), Rounds(server, *streams)
        whole.run()
        rounds.config["max_requests"] = budget
        rounds.finish()
        assert (whole.spent, sum(rounds.spent)) == ([alone], together)


def test_the_plan_and_each_run_say_how_many_runs_it_takes(tmp_path: Path) -> None:
    with serve() as server:
        rounds = Rounds(server, *COMMENTS, max_requests=60)
        file, catalog = tmp_path / "config.json", tmp_path / "catalog.json"
        file.write_text(json.dumps(rounds.config))
        catalog.write_text(json.dumps(rounds.catalog))
        arguments = (f"--config={file}", f"--catalog={catalog}")
        plan = command(*arguments, "--plan")
        assert "With the budget of the settings, about 5 runs." in plan.stdout
        first = command(*arguments)
        assert "0 of 2 streams read, 2 left, about 4 more runs. Pass" in first.stderr
        rounds.finish()
        assert len(rounds.spent) == 5
