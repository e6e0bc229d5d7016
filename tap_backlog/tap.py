"""The tap: its settings, its streams, and what they share in one run."""

from __future__ import annotations

import copy
from functools import cached_property
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

import click
from singer_sdk import Tap

from tap_backlog import settings
from tap_backlog.auth import KEY_AUTH_BY_PLACE
from tap_backlog.client import BacklogClient
from tap_backlog.command import PLAN_OPTIONS, BacklogCommand, read_object
from tap_backlog.connection import USER_AGENT, open_session
from tap_backlog.errors import SettingsError
from tap_backlog.messages import MessageWriter
from tap_backlog.oauth import Application, TokenAuth, TokenEndpoint
from tap_backlog.progress import progress_of
from tap_backlog.rate_limit import Pacer
from tap_backlog.redaction import Redactor, guard_logs
from tap_backlog.schemas import PERSONAL_FIELDS
from tap_backlog.scope import ProjectScope
from tap_backlog.selection import complaint_about, names_in, nearest
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.token_file import TokenFile, Tokens

if TYPE_CHECKING:
    from types import FrameType

    from requests import Session

    from tap_backlog.auth import BacklogAuth
    from tap_backlog.streams.base import BacklogStream


class TapBacklog(Tap):
    """Singer tap for Backlog, Nulab's issue tracker."""

    name = "tap-backlog"
    message_writer_class = MessageWriter
    message_writer: MessageWriter
    config_jsonschema = copy.deepcopy(settings.SETTINGS_SCHEMA)  # the SDK adds its own

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        """Set the tap up; nothing is asked of Backlog yet.

        Args:
            options: As the SDK's ``Tap`` takes them: config, catalog, state, ...

        Raises:
            SettingsError: The settings cannot be used.
        """
        self.refused: dict[str, str] = {}
        """Streams that the key may not read, each with what Backlog said."""
        self.reading: BacklogStream | None = None
        """The stream that is being read."""
        self.shows_live = False
        """Whether somebody watches on a terminal."""
        if isinstance(catalog := options.get("catalog"), (str, PurePath)):
            options["catalog"] = catalog = read_object(str(catalog), "--catalog")
        if isinstance(catalog, dict):
            options["catalog"] = _without_deselected(catalog)
        try:
            super().__init__(**options)
        except ValueError:
            if not options.get("parse_env_config"):
                raise
            # The SDK turns TAP_BACKLOG_... into numbers, lists and objects.
            problem = (
                "an environment variable TAP_BACKLOG_... holds neither the number nor "
                "the JSON that its setting wants"
            )
            raise SettingsError([problem]) from None

    def setup_mapper(self) -> None:
        """Register what is sent of each schema, where the SDK would register more."""
        super().setup_mapper()
        names = self.config.get("leave_out_fields") or []
        for stream in self.all_streams:
            if stream.selected and (names or stream.selection.looks_inside):
                keys = stream.primary_keys
                self.mapper.register_raw_stream_schema(
                    stream.name, stream.selection.schema, keys
                )
        known = {name for one in self.all_streams for name in names_in(one.schema)}
        for name in (name for name in names if name not in known):
            near = nearest(name, known)
            self.logger.warning(
                "`leave_out_fields` names `%s`, which no report is known to hold%s",
                name,
                f"; did you mean `{near}`?" if near else ".",
            )

    def discover_streams(self) -> list[BacklogStream]:
        """Return one stream a report."""
        return [stream_type(self) for stream_type in STREAM_TYPES]

    def _reset_state_progress_markers(self) -> None:
        """Open the first stream before anything is written.

        ``sync_all``, which the SDK keeps final, begins with this and goes on to
        repeat the state on stdout.
        """
        self.scope.check()
        selected: Any = (s for s in self.streams.values() if s.selected)
        if first := next(selected, None):
            first.open()
        _drop_empty_bookmarks(self.state)
        super()._reset_state_progress_markers()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop between two messages, where the SDK would write into one."""
        self.message_writer.interrupts.stop(signum)

    @cached_property
    def client(self) -> BacklogClient:
        """The one HTTP client of the run."""
        config = self.config
        return BacklogClient(
            settings.base_url(config["host"]),
            self._open_session(),
            self._auth(),
            self._redactor,
            pacer=Pacer(
                float(config["rate_limit_reserve"]),
                float(config.get("requests_per_minute") or 0),
            ),
            timeout=config["request_timeout"],
            max_retries=config["max_retries"],
        )

    def _open_session(self) -> Session:
        base_url = settings.base_url(self.config["host"])
        return open_session(base_url, self.config.get("user_agent") or USER_AGENT)

    def _auth(self) -> BacklogAuth:
        """Return the key if there is one, else OAuth."""
        config = self.config
        if api_key := config.get("api_key"):
            return KEY_AUTH_BY_PLACE[config["api_key_in"]](api_key)
        given = config["oauth_credentials"]
        refresh_token, path = given["refresh_token"], given.get("token_file")
        return TokenAuth(
            TokenEndpoint(
                settings.base_url(config["host"]),
                self._open_session(),
                Application(given["client_id"], given["client_secret"]),
                self._redactor,
                config["request_timeout"],
            ),
            Tokens(refresh_token, given.get("access_token")),
            TokenFile(path, refresh_token) if path else None,
            self._redactor,
        )

    @cached_property
    def scope(self) -> ProjectScope:
        """The projects of the run."""
        return ProjectScope(self.client, self.config)

    @property
    def all_streams(self) -> list[BacklogStream]:
        """Every stream, selected or not."""
        streams: list[Any] = list(self.streams.values())
        return streams

    @cached_property
    def selected_streams(self) -> list[BacklogStream]:
        """The streams that are selected, and of which the stream maps leave something."""
        return [s for s in self.all_streams if s.selected and not s.is_removed]

    def stream(self, name: str) -> BacklogStream:
        """Return a stream by its name."""
        return next(stream for stream in self.all_streams if stream.name == name)

    @property
    def goes_in_batches(self) -> bool:
        """Whether rows go into files, and messages only name them."""
        return bool(self.config.get("batch_config"))

    def print_plan(self, form: str) -> None:
        """Print what a sync would cost.

        Args:
            form: ``table`` or ``json``.
        """
        from tap_backlog.plan import Plan  # noqa: PLC0415 - a sync does without

        plan = Plan(self)
        click.echo(plan.as_json() if form == "json" else plan.as_table())

    def note_refusal(self, stream: str, reason: str) -> None:
        """Warn that the key may not read a report.

        Args:
            stream: Name of the stream.
            reason: What Backlog said.
        """
        self.refused[stream] = reason
        self.logger.warning(
            "`%s` is left out: this key may not read it (%s).",
            stream,
            reason,
        )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings in words of our own.

        The SDK's words repeat the value at fault, which may be the key.
        """
        self.append_builtin_config(self.config_jsonschema)
        self._config = settings.without_gaps(self._config)
        self._redactor = Redactor(settings.secrets(self._config))
        guard_logs(self._redactor)
        problems = settings.problems(self._config, self.config_jsonschema)
        left_out = self._config.get("leave_out_fields")
        if complaint := complaint_about(left_out, _indispensable()):
            problems.append(complaint)
        if problems and raise_errors:
            raise SettingsError(problems)
        return problems

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,
        param: click.Option,
        value: tuple[str, ...],
    ) -> Any:  # noqa: ANN401
        """Read the files of ``--config``."""
        for path in value:
            if path != "ENV":
                read_object(path, "--config")
        return super().cb_config(ctx, param, value)

    @classmethod
    def invoke(  # type: ignore[override]  # noqa: PLR0913
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,  # noqa: ANN401
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
        plan: bool = False,
        plan_format: str = "table",
    ) -> None:
        """Run the tap as the command line says."""
        if about:
            cls.print_about(about_format)
            return
        files = ((state, "--state"), (catalog, "--catalog"))
        given = {option: read_object(f.name, option) for f, option in files if f}
        tap = cls(
            config=config.config if config else None,
            state=given.get("--state"),
            catalog=given.get("--catalog"),
            parse_env_config=bool(config and config.parse_env),
            validate_config=True,
        )
        if plan:
            tap.print_plan(plan_format)
            return
        cls.print_version(print_fn=cls.logger.info)
        with progress_of(tap):
            tap.sync_all()

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command, with failures in the users' words."""
        command = super().get_singer_command()
        command.params += PLAN_OPTIONS
        return BacklogCommand.of(command, logger=cls.logger)


def _indispensable() -> set[str]:
    """Return the names of the fields by which rows are told apart and read on.

    The name of a user's own field is none of these, though a key may share it: the
    login id of a user, and the id of who watches an issue.
    """
    types: list[Any] = list(STREAM_TYPES)
    keys = {key for one in types for key in (*one.primary_keys, one.replication_key)}
    return {key for key in keys if isinstance(key, str)} - PERSONAL_FIELDS


def _without_deselected(catalog: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not to be read, with which the SDK would take its time.

    It counts what a catalog does not name as not selected.
    """
    kept = [
        entry
        for entry in catalog.get("streams", [])
        if not any(
            metadata.get("breadcrumb") == []
            and metadata.get("metadata", {}).get("selected") is False
            for metadata in entry.get("metadata", [])
        )
    ]
    return {**catalog, "streams": kept}


def _drop_empty_bookmarks(state: Any) -> None:  # noqa: ANN401
    """Take out what the SDK puts in for a stream that looks for its bookmark."""
    bookmarks = {name: mark for name, mark in state.pop("bookmarks", {}).items() if mark}
    if bookmarks:
        state["bookmarks"] = bookmarks
