"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. How requests are sent is the client's
business, which of them are needed to read a list is that of ``reading``, and what becomes
of the rows is nobody's in this room.
"""

from __future__ import annotations

import abc
import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_backlog.reading.pagination import PAGE_SIZE, STEP
from tap_backlog.rows import fix_keys, is_integer, is_stamp, is_text
from tap_backlog.streams.relative import Relative
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_backlog.api.refusals import RefusedError
    from tap_backlog.errors import BacklogError
    from tap_backlog.forecast.census import Census
    from tap_backlog.forecast.costs import Forecast
    from tap_backlog.request import Following, Params, Request
    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.streams.bookmark import Bookmark
    from tap_backlog.streams.family import Family
    from tap_backlog.streams.page import Page


class BacklogStream(Relative, abc.ABC):
    """One report of Backlog.

    Args:
        run: What the run shares.
        peers: All streams of the run by name, this one included.
    """

    schema: ClassVar[dict[str, Any]]
    """JSON schema of its rows."""

    path: ClassVar[str]
    """Path below the root of the API."""

    primary_keys: ClassVar[tuple[str, ...]]
    """Fields by which a row is identified."""

    added_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that Backlog's rows lack, so that they are added here."""

    selected_by_default: ClassVar[bool] = True
    """Whether it is read without a choice."""

    follows_changes: ClassVar[bool] = False
    """Whether the source is read by what has changed, so that this table is never to
    be emptied, though it has no bookmark of its own."""

    wants_administrator: ClassVar[bool] = False
    """Whether only an administrator's key may read it."""

    requests_in_words: ClassVar[str] = "1"
    """What it costs on a first run, alone: docs/requests.md in a few words."""

    family: Family
    """The streams that one reading serves, of which this is one."""

    def __init__(self, run: Run, peers: Mapping[str, BacklogStream]) -> None:
        super().__init__()
        self.run = run
        self.peers = peers
        self.logger = logging.getLogger(f"tap-backlog.{self.name}")

    @property
    def bookmark(self) -> Bookmark:
        """Where the reading of its family begins."""
        return self.family.bookmark

    # --- What it costs

    @property
    def forecast_rank(self) -> int:
        """When its turn in a forecast comes, which has few requests to spend.

        0 for lists that are long, or whose rows cost a request each; 1 and 2 for what is
        estimated from samples, with and without requests for each row; 3 for lists that
        may have a second page; 4 where a request tells of rows alone.
        """
        return 4

    @abc.abstractmethod
    def forecast(self, census: Census) -> Forecast:
        """Return what this stream will cost.

        Args:
            census: Counts what there is.
        """

    # --- Asking

    def ask_one(self, path: str, params: Params | None = None) -> Row:
        """Return one object; otherwise like :meth:`ask`.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
        """
        row = self.run.client.get_object(path, params)
        self.check([row])
        return row

    def ask_one_if_any(self, path: str, params: Params | None = None) -> list[Row]:
        """Return one object in a list, or an empty one if Backlog says it has none.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
        """
        row = self.run.client.find_object(path, params)
        rows = [] if row is None else [row]
        self.check(rows)
        return rows

    def ask(self, request: Request, following: Following | None = None) -> list[Row]:
        """Return a list of rows, each with its keys in place, and plain.

        Args:
            request: What is asked for.
            following: What is asked for next, see :meth:`BacklogClient.get_list`.

        Raises:
            RefusedError: Backlog says no.
            BacklogError: No usable answer, or a row that lacks a key.
        """
        look_ahead = following if self.family.may_look_ahead(self) else None
        rows = self.run.client.get_list(*request, look_ahead)
        self.check(rows)
        return rows

    def check(self, rows: list[Row]) -> None:
        """See that rows of Backlog have their keys.

        Args:
            rows: The rows, whose keys are plain afterwards.

        Raises:
            BacklogError: One lacks a key.
        """
        self.has_been_answered = True
        fix_keys(rows, self.required_fields, self.name)

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """Fields without which a row of Backlog is of no use, and what each must be."""
        keys = dict.fromkeys([*self.primary_keys, self.replication_key])
        return {
            name: _fitness(self.schema["properties"][name])
            for name in keys
            if name and name not in self.added_keys
        }

    # --- What cannot be read

    def tell_gone(self, what: str, refusal: RefusedError) -> None:
        """Log that something has vanished between its list and now.

        Whoever has left a project gets the same answer, so no table is emptied on it.

        Args:
            what: What it was, in users' words.
            refusal: Backlog's answer.
        """
        self.is_complete = False
        self.logger.info(
            "`%s` skips %s: it no longer exists (%s).", self.name, what, refusal.reason
        )

    def pass_over_failed(self, row: Row, label: str, error: BacklogError) -> None:
        """Leave out a row whose parts cannot be read, as long as the server is there.

        The state keeps the row, so that the next run asks again.

        Args:
            row: A row of the head of the family.
            label: How it is called in messages.
            error: What happened, after all tries.

        Raises:
            BacklogError: The server is gone altogether, or too many rows fail.
        """
        self.family.failed.check_limit(error)
        self.run.client.confirm_server(error)
        self.family.failed.add(self.name, row)
        self.is_complete = False
        self.run.record_failure(self.name, label, error)

    # --- How far it is

    def advance(self, page: Page) -> None:
        """Tell how far a page of a list brings the reading.

        Here, where nobody knows how long the list is, one more page is expected after a
        full one.

        Args:
            page: The page, which counts as passed.
        """
        may_go_on = len(page.rows) >= STEP  # the first row may be one of the page before
        share = self.rows_passed / (self.rows_passed + PAGE_SIZE) if may_go_on else 1.0
        self.steps.page_to(share, counted(self.rows_passed, "row"), is_guess=may_go_on)


def _fitness(schema: dict[str, Any]) -> Callable[[object], bool]:
    if "integer" in schema["type"]:
        return is_integer
    return is_stamp if schema.get("format") == "date-time" else is_text
