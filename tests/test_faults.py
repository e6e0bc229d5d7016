"""Each fault at each position of a run: all rows, or one clear error and a state.

In any case, a run without faults from the last state completes the rows.
"""

from __future__ import annotations

import functools
import math
import re
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import urllib3.util.connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample_space import Options, SampleServer, Space, faults, make_space
from sample_space.answers import Answer
from tests.support import ROOT, sync, sync_until_it_fails

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]

PASSING: dict[str, faults.Play] = {
    "500": faults.error(500, 1, "Internal error."),
    "502 with HTML": faults.maintenance(502),
    "503 with HTML": faults.maintenance(503),
    "504 with HTML": faults.maintenance(504),
    "200 with HTML": faults.maintenance(200),
    "200 with nothing": faults.instead(Answer(200, b"")),
    "429": faults.too_many(),
    "a cut body": faults.cut,
    "cut headers": faults.cut_headers,
    "a reset": faults.drop,
    "gzip that breaks off": faults.break_gzip,
    "gzip that is none": faults.send_no_gzip,
    "a length too large": faults.misstate_length(50),
    "a length too small": faults.misstate_length(-50),
    "no UTF-8": faults.instead(Answer(200, b'[{"id":1,"updated":"\xff"}]')),
    "an object for a list": faults.instead(Answer(200, b"{}")),
    "a null row": faults.instead(Answer(200, b"[null]")),
}
LASTING: dict[str, faults.Play] = {
    "a row without its key": faults.instead(Answer(200, b'[{"summary":"x"}]')),
    "a revoked key": faults.error(401, 11, "Authentication failure."),
    "an expired licence": faults.error(402, 3, "Licence expired."),
    "a closed address": faults.error(403, 4, "Access denied."),
    "a project that is gone": faults.error(404, 6, "No project."),
    "a login page": faults.redirect("/LoginDisplay.action"),
    "another host": faults.redirect("http://127.0.0.2:9/"),
}
NETWORK: dict[str, OSError] = {
    "DNS that fails": socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name"),
    "a refused connection": ConnectionRefusedError(111, "Connection refused"),
    "a network that is down": OSError(101, "Network is unreachable"),
    "a connection that times out": TimeoutError(110, "Connection timed out"),
    "TLS that fails": ssl.SSLError(1, "[SSL: TLSV1_ALERT] tlsv1 alert internal error"),
}
SLOW = {"a slow answer": faults.stall(1.5), "a drip": faults.drip(10)}
STAYING = {**PASSING, **LASTING}
del STAYING["429"]  # the tap waits for it, for as long as it takes
POSITIONS = {"first": 0, "middle": 2, "last": 5}
PAGES = 6


@functools.cache
def still_space() -> Space:
    """Return the space of these tests, in which nobody works."""
    return make_space(Options(projects=3, users=4, teams=250, issues=560, activities=250))


@pytest.fixture
def space() -> Space:
    return still_space()


def complete(
    config: Row,
    server: SampleServer,
    space: Space,
    first: Any,
    most_doubles: int = 100,
) -> None:
    """Run once more without a fault, and compare both runs with the space."""
    server.faults.clear()
    state = first.states[-1] if first.states else None
    rest = sync(config, "issues", state=state)
    sent = [row["id"] for row in first.by_stream["issues"] + rest.by_stream["issues"]]
    assert set(sent) == set(space.issues)
    assert len(sent) - len(set(sent)) <= most_doubles


@pytest.mark.parametrize("skip", POSITIONS.values(), ids=POSITIONS.keys())
@pytest.mark.parametrize("play", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_passes_costs_no_row(
    config: Row,
    server: SampleServer,
    space: Space,
    waits: list[float],
    play: faults.Play,
    skip: int,
) -> None:
    server.faults = [faults.Fault(play, "issues", skip=skip, times=3)]
    ids = [row["id"] for row in sync(config, "issues").by_stream["issues"]]
    assert sorted(ids) == sorted(space.issues)
    assert server.count("issues") == PAGES + 3
    assert sum(waits) < 600


@pytest.mark.parametrize("skip", POSITIONS.values(), ids=POSITIONS.keys())
@pytest.mark.parametrize("fault", [*STAYING])
def test_a_fault_that_stays_leaves_a_state_to_go_on_from(
    config: Row,
    server: SampleServer,
    space: Space,
    waits: list[float],
    fault: str,
    skip: int,
) -> None:
    play = STAYING[fault]
    server.faults = [faults.Fault(play, "issues", skip=skip, times=None)]
    first = sync_until_it_fails({**config, "max_retries": 2}, "issues")
    assert len(first.by_stream["issues"]) < len(space.issues)
    # Deleted projects, here all of them, are read from the start if they come back.
    is_gone = fault == "a project that is gone"
    complete(config, server, space, first, len(space.issues) if is_gone else 100)
    assert len(waits) < 50


@pytest.mark.parametrize("play", PASSING.values(), ids=PASSING.keys())
@pytest.mark.parametrize(
    ("stream", "path"),
    [("teams", "teams"), ("recent_updates", "space/activities")],
)
def test_a_fault_that_passes_costs_no_row_of_other_lists(
    config: Row,
    server: SampleServer,
    waits: list[float],
    stream: str,
    path: str,
    play: faults.Play,
) -> None:
    truth = sync(config, stream).by_stream[stream]
    pages = server.count(path)
    server.faults = [faults.Fault(play, path, skip=1, times=2)]
    assert sync(config, stream).by_stream[stream] == truth
    assert server.count(path) == 2 * pages + 2
    assert sum(waits) < 600


@pytest.fixture
def no_network(
    server: SampleServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[OSError, int, float], None]:
    """Let connections fail some times, after some pages of issues without a fault."""

    def fail(error: OSError, pages: int, times: float) -> None:
        left = times
        connect = urllib3.util.connection.create_connection

        def refuse(*args: Any, **kwargs: Any) -> socket.socket:
            nonlocal left
            if server.count("issues") < pages or left <= 0:
                return connect(*args, **kwargs)
            left -= 1
            raise error

        monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse)
        if pages:
            server.faults = [faults.Fault(faults.drop, "issues", skip=pages - 1)]

    return fail


@pytest.mark.parametrize("pages", [0, 3, 6], ids=["first", "middle", "last"])
@pytest.mark.parametrize("error", NETWORK.values(), ids=NETWORK.keys())
def test_a_network_that_comes_back_costs_no_row(
    config: Row,
    space: Space,
    no_network: Callable[[OSError, int, float], None],
    waits: list[float],
    error: OSError,
    pages: int,
) -> None:
    no_network(error, pages, 2)
    ids = [row["id"] for row in sync(config, "issues").by_stream["issues"]]
    assert sorted(ids) == sorted(space.issues)
    assert len(waits) >= 2


@pytest.mark.parametrize("pages", [0, 3, 6], ids=["first", "middle", "last"])
@pytest.mark.parametrize("error", NETWORK.values(), ids=NETWORK.keys())
def test_a_network_that_stays_away_leaves_a_state_to_go_on_from(
    config: Row,
    server: SampleServer,
    space: Space,
    no_network: Callable[[OSError, int, float], None],
    monkeypatch: pytest.MonkeyPatch,
    waits: list[float],
    error: OSError,
    pages: int,
) -> None:
    with monkeypatch.context():
        no_network(error, pages, math.inf)
        first = sync_until_it_fails({**config, "max_retries": 4}, "issues")
        assert len(first.by_stream["issues"]) < len(space.issues)
        no_network(error, 10**9, 0)
    monkeypatch.undo()
    monkeypatch.setattr(time, "sleep", waits.append)
    complete(config, server, space, first)
    assert len(waits) < 20


@pytest.mark.parametrize("skip", POSITIONS.values(), ids=POSITIONS.keys())
@pytest.mark.parametrize("play", SLOW.values(), ids=SLOW.keys())
def test_an_answer_beyond_the_timeout_costs_no_row(
    config: Row,
    server: SampleServer,
    space: Space,
    play: faults.Play,
    skip: int,
) -> None:
    server.faults = [faults.Fault(play, "issues", skip=skip)]
    output = sync({**config, "request_timeout": 1}, "issues")
    ids = [row["id"] for row in output.by_stream["issues"]]
    assert sorted(ids) == sorted(space.issues)


@pytest.mark.parametrize("play", SLOW.values(), ids=SLOW.keys())
def test_answers_that_stay_slow_leave_a_state_to_go_on_from(
    config: Row,
    server: SampleServer,
    space: Space,
    play: faults.Play,
) -> None:
    server.faults = [faults.Fault(play, "issues", skip=2, times=None)]
    settings = {**config, "request_timeout": 1, "max_retries": 1}
    first = sync_until_it_fails(settings, "issues")
    assert 0 < len(first.by_stream["issues"]) < len(space.issues)
    complete(config, server, space, first)


@given(
    mix=st.lists(
        st.tuples(
            st.sampled_from(sorted({**PASSING, **LASTING})),
            st.integers(0, PAGES),
            st.integers(1, 5),
        ),
        max_size=4,
    ),
    retries=st.integers(0, 3),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_any_mix_of_faults_and_a_clean_run_bring_every_row(
    waits: list[float],
    mix: list[tuple[str, int, int]],
    retries: int,
) -> None:
    space = still_space()
    plays = {**PASSING, **LASTING}
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": space.options.admin_key}
        server.faults = [
            faults.Fault(plays[name], "issues", skip=skip, times=times)
            for name, skip, times in mix
        ]
        first = sync_until_it_fails({**config, "max_retries": retries}, "issues")
        complete(config, server, space, first)
    assert sum(waits) >= 0


def test_the_matrix_is_documented() -> None:
    text = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    matrix = text.partition("## Fault matrix")[2]
    documented = set(re.findall(r"^\| ([^|]+?) \| ", matrix, re.MULTILINE)) - {"Fault"}
    assert documented == {*PASSING, *LASTING, *NETWORK, *SLOW}
