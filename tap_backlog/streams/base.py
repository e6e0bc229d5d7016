"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. The client knows how requests are sent.
``reading`` knows which requests read a list. No module in ``streams`` knows what happens
to the rows later.
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
    """One stream: a list or an object of Backlog.

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
    """Keys that Backlog's rows lack, so they are added here."""

    selected_by_default: ClassVar[bool] = True
    """Whether it is read if the user does not choose streams."""

    follows_changes: ClassVar[bool] = False
    """Whether only changed rows of the source are read. Then this stream's table must
    never be emptied, although the stream has no bookmark of its own."""

    requests_in_words: ClassVar[str] = "1"
    """What it costs on a first run, alone: docs/requests.md in a few words."""

    count_path: ClassVar[str] = ""
    """Path that counts the rows of its list for the same filters, if there is one."""

    family: Family
    """The streams that share one reading; this stream is one of them."""

    def __init__(self, run: Run, peers: Mapping[str, BacklogStream]) -> None:
        super().__init__()
        self.run = run
        self.peers = peers
        self.logger = logging.getLogger(f"tap-backlog.{self.name}")

    @property
    def bookmark(self) -> Bookmark:
        """The bookmark of its family: where reading begins."""
        return self.family.bookmark

    # --- What it costs

    @property
    def forecast_rank(self) -> int:
        """Its rank in a forecast, which has few requests to spend: 0 comes first.

        0 is for lists that are long, or whose rows cost a request each. 1 and 2 are for
        streams that are estimated from samples, with and without requests per row. 3 is
        for lists that may have a second page. 4 is for streams of which a request can
        show only the number of rows.
        """
        return 4

    @abc.abstractmethod
    def forecast(self, census: Census) -> Forecast:
        """Return what this stream will cost.

        Args:
            census: Counts rows.
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
        """Return one object in a list, or an empty list if Backlog says it has none.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
        """
        row = self.run.client.find_object(path, params)
        rows = [] if row is None else [row]
        self.check(rows)
        return rows

    def ask(self, request: Request, following: Following | None = None) -> list[Row]:
        """Return a list of rows; the keys of each are there, with plain values.

        Args:
            request: The request.
            following: Returns the next request, see :meth:`BacklogClient.get_list`.

        Raises:
            RefusedError: Backlog says no.
            BacklogError: No usable answer, or a row that lacks a key.
        """
        look_ahead = following if self.family.may_look_ahead(self) else None
        rows = self.run.client.get_list(*request, look_ahead)
        self.check(rows)
        return rows

    def check(self, rows: list[Row]) -> None:
        """Check that rows from Backlog have their keys.

        Args:
            rows: The rows; afterwards their keys have plain values.

        Raises:
            BacklogError: One lacks a key.
        """
        self.has_been_answered = True
        fix_keys(rows, self.required_fields, self.name)

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """Fields that every row from Backlog must have, and what each must be."""
        keys = dict.fromkeys([*self.primary_keys, self.replication_key])
        return {
            name: _fitness(self.schema["properties"][name])
            for name in keys
            if name and name not in self.added_keys
        }

    # --- What cannot be read

    def log_gone(self, what: str, refusal: RefusedError) -> None:
        """Log that something was in its list, but no longer exists.

        A user who has left a project gets the same answer, so no table is emptied.

        Args:
            what: What it was, in users' words.
            refusal: Backlog's answer.
        """
        self.is_complete = False
        self.logger.info(
            "`%s` skips %s: it no longer exists (%s).", self.name, what, refusal.reason
        )

    def skip_failed(self, row: Row, label: str, error: BacklogError) -> None:
        """Skip a row whose parts cannot be read, if the server is up.

        The state keeps the row, so that the next run asks again.

        Args:
            row: A row of the head of the family.
            label: Its name in messages.
            error: What happened, after all tries.

        Raises:
            BacklogError: The server is down, or too many rows fail.
        """
        self.family.failed.check_limit(error)
        self.run.client.confirm_server(error)
        self.family.failed.add(self.name, row)
        self.is_complete = False
        self.run.record_failure(self.name, label, error)

    # --- How far it is

    def advance(self, page: Page) -> None:
        """Update the progress after a page of a list.

        Here nothing knows how long the list is, so one more page is expected after a
        full one.

        Args:
            page: The page; its rows are already counted.
        """
        may_go_on = len(page.rows) >= STEP  # the first row may be from the page before
        share = self.rows_passed / (self.rows_passed + PAGE_SIZE) if may_go_on else 1.0
        self.steps.page_to(share, counted(self.rows_passed, "row"), is_guess=may_go_on)


def _fitness(schema: dict[str, Any]) -> Callable[[object], bool]:
    if "integer" in schema["type"]:
        return is_integer
    return is_stamp if schema.get("format") == "date-time" else is_text
