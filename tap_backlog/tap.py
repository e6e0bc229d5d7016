"""The tap: its settings, its streams, and what they share in one run."""

from __future__ import annotations

import copy
import os
import signal
import threading
from functools import cache, cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click
from singer_sdk import Tap
from singer_sdk.helpers._batch import BatchConfig
from singer_sdk.singerlib import Catalog

from tap_backlog import hosts
from tap_backlog.api.auth import KEY_AUTH_BY_PLACE
from tap_backlog.api.client import BacklogClient
from tap_backlog.api.connection import USER_AGENT, open_session
from tap_backlog.api.oauth import Application, TokenAuth, TokenEndpoint
from tap_backlog.api.rate_limit import Pacer
from tap_backlog.api.token_file import TokenFile, Tokens
from tap_backlog.cli.choice import Choice
from tap_backlog.cli.command import BacklogCommand
from tap_backlog.cli.inputs import ENVIRONMENT, read_configs, read_json
from tap_backlog.cli.modes import Mode
from tap_backlog.cli.options import completed
from tap_backlog.cli.progress import progress_of
from tap_backlog.errors import BacklogError, SettingsError
from tap_backlog.redaction import Redactor, guard_logs
from tap_backlog.scope import ProjectScope
from tap_backlog.settings import check as settings_check
from tap_backlog.settings import names as setting_names
from tap_backlog.settings import schema as settings
from tap_backlog.singer import batches
from tap_backlog.singer.batches import BatchWriter
from tap_backlog.singer.catalog_check import usable_catalog
from tap_backlog.singer.messages import MessageWriter
from tap_backlog.singer.selection import complaint_about, names_in, unknown_fields
from tap_backlog.singer.state_check import usable_state
from tap_backlog.singer.stream_maps import told_in_one_line, without_effect
from tap_backlog.state.coverage import KnownProjects
from tap_backlog.state.identity import SpaceIdentity
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.streams.facts import defaults, facts_of
from tap_backlog.streams.shapes import PERSONAL_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from requests import Session

    from tap_backlog.api.auth import BacklogAuth
    from tap_backlog.streams.base import BacklogStream

_FACTS = facts_of(STREAM_TYPES)


_MOST_SHOWN = 5
_BESIDE_BOOKMARKS = ("space", "projects")


class TapBacklog(Tap):
    """Singer tap for Backlog, Nulab's issue tracker."""

    name = "tap-backlog"
    message_writer_class = MessageWriter
    message_writer: MessageWriter
    config_jsonschema = copy.deepcopy(settings.SETTINGS_SCHEMA)  # the SDK adds its own

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        """Set the tap up; nothing is asked of Backlog yet.

        Args:
            options: As the SDK's ``Tap`` takes them: config, catalog, state, ...; and
                ``choice``, which streams are read.

        Raises:
            BacklogError: Settings, catalog, state or choice cannot be used.
        """
        self.failures: list[str] = []
        """What could not be read, each by stream and what it belongs to."""
        self.refused: dict[str, str] = {}
        """Streams that the key may not read, each with what Backlog said."""
        self.reading: BacklogStream | None = None
        """The stream that is being read."""
        self.shows_live = False
        """Whether somebody watches on a terminal."""
        self.tell_done: Callable[[str, int], None] = lambda _name, _rows: None
        """Tells whoever watches that a stream is through, and how many rows it had."""
        self.warns_of_refusals = True
        """Whether a refusal is told at once."""
        self._reads_environment = bool(options.get("parse_env_config"))
        self._choice: Choice = options.pop("choice", Choice())
        self._take_inputs(options)
        try:
            super().__init__(**options)
        except ValueError:
            if not self._reads_environment:
                raise
            # The SDK turns TAP_BACKLOG_... into numbers and objects.
            problems = setting_names.unreadable_variables(
                os.environ, self.config_jsonschema, self._env_var_prefix
            )
            if not problems:
                raise
            raise SettingsError(problems) from None

    def _take_inputs(self, options: dict[str, Any]) -> None:
        """Make catalog and state fit for the SDK, which looks at neither."""
        for name, take in (
            ("catalog", partial(usable_catalog, choice=self._choice)),
            ("state", usable_state),
        ):
            given = options.get(name)
            if given is None or isinstance(given, Catalog):
                continue
            if isinstance(given, (str, PurePath)):
                given = read_json(str(given), f"--{name}")
            options[name] = take(given, _FACTS, self.logger.warning)

    def setup_mapper(self) -> None:
        """Set the stream maps up, and tell what of them has no effect."""
        told_in_one_line(self._register_schemas)
        schemas = {name: facts.schema for name, facts in _FACTS.items()}
        separator = self.config.get("flattening_separator", "__")
        for sentence in (
            *without_effect(self.config.get("stream_maps", {}), schemas, separator),
            *unknown_fields(self.config.get("leave_out_fields") or [], _all_fields()),
        ):
            self.logger.warning(sentence)

    def _register_schemas(self) -> None:
        """Register what is sent of each stream, and all of those that are not selected.

        The SDK would register nothing of the latter, on which any map fails, and more
        of the former than is sent.
        """
        super(Tap, self).setup_mapper()
        for stream in self.all_streams:
            schema = stream.selection.schema if stream.selected else stream.schema
            self.mapper.register_raw_stream_schema(
                stream.name, schema, stream.primary_keys
            )

    def discover_streams(self) -> list[BacklogStream]:
        """Return one stream a report, selected as the choice says.

        Raises:
            ChoiceError: The choice names what does not exist, or leaves nothing.
        """
        streams = [stream_type(self) for stream_type in STREAM_TYPES]
        if self._choice.is_made and self.input_catalog is None:
            chosen = self._choice.among(defaults(_FACTS), _FACTS)
            for stream in streams:
                stream.selected = stream.name in chosen
        return streams

    def _reset_state_progress_markers(self) -> None:
        """Open the first stream before anything is written.

        ``sync_all``, which the SDK keeps final, begins with this and goes on to
        repeat the state on stdout.
        """
        if isinstance(self.message_writer, BatchWriter):
            config = BatchConfig.from_dict(self.config["batch_config"])
            self.message_writer.open(self.name, config)
        selected = [s for s in self.all_streams if s.selected]
        for stream in selected:
            stream.lead.check_replication_methods()
        keeps_state = any(s.lead.family and s.lead.keeps_bookmark for s in selected)
        if keeps_state:
            self.identity.check()
            self.identity.learn()
        self.scope.check()
        if selected:
            selected[0].open()
        _drop_empty_bookmarks(self.state)
        super()._reset_state_progress_markers()

    def _setup_signal_handlers(self) -> None:
        """Take SIGHUP as well, unless somebody has had it ignored (``nohup``)."""
        super()._setup_signal_handlers()
        if (
            hasattr(signal, "SIGHUP")
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        ):
            signal.signal(signal.SIGHUP, self._handle_termination)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop between two messages, where the SDK would write into one."""
        self.message_writer.interrupts.stop(signum)

    @cached_property
    def client(self) -> BacklogClient:
        """The one HTTP client of the run."""
        config = self.config
        return BacklogClient(
            hosts.base_url(config["host"]),
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
        base_url = hosts.base_url(self.config["host"])
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
                hosts.base_url(config["host"]),
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

    @cached_property
    def known_projects(self) -> KnownProjects:
        """The projects that the state knows of."""
        state: Any = self.state
        return KnownProjects(state)

    @cached_property
    def identity(self) -> SpaceIdentity:
        """Which space the state is of."""
        state: Any = self.state
        return SpaceIdentity(state, self.config["host"], self.scope)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over a state, with what it says besides bookmarks."""
        super().load_state(state)
        kept: Any = self.state
        kept.update({name: state[name] for name in _BESIDE_BOOKMARKS if name in state})

    def complete_state(self) -> None:
        """Let the state say which space and which projects its bookmarks speak of."""
        state: Any = self.state
        if self.identity.as_state:
            state["space"] = self.identity.as_state
        if self.known_projects.ids is not None:
            state["projects"] = self.known_projects.as_state

    @property
    def families_of_projects(self) -> frozenset[str]:
        """Names of the streams whose bookmarks speak of projects."""
        return frozenset(s.name for s in self.all_streams if s.covers_projects)

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
    def streams_to_test(self) -> list[BacklogStream]:
        """The streams that a choice or a catalog selects; without either, all."""
        is_chosen = self._choice.is_made or self.input_catalog is not None
        return self.selected_streams if is_chosen else self.all_streams

    def print_plan(self, form: str) -> None:
        """Print what a sync would cost.

        Args:
            form: ``table`` or ``json``.
        """
        from tap_backlog.cli.plan import Plan  # noqa: PLC0415 - a sync does without

        plan = Plan(self)
        click.echo(plan.as_json() if form == "json" else plan.as_table())

    def note_refusal(self, stream: str, reason: str) -> None:
        """Warn that the key may not read a report.

        Args:
            stream: Name of the stream.
            reason: What Backlog said.
        """
        self.refused[stream] = reason
        if self.warns_of_refusals:
            self.logger.warning(
                "`%s` is left out: this key may not read it (%s).",
                stream,
                reason,
            )

    def note_failure(self, stream: str, what: str, error: BacklogError) -> None:
        """Warn that a part of a report could not be read; the run ends with code 1.

        Args:
            stream: Name of the stream.
            what: What could not be read, in users' words.
            error: What happened, after all tries.
        """
        self.failures.append(f"`{stream}` of {what}")
        self.logger.warning(
            "`%s` is left out for %s: %s The next run asks again.", stream, what, error
        )

    def end(self) -> None:
        """Say at the end of a run what could not be read.

        Raises:
            BacklogError: Something could not.
        """
        self.client.confirm_end()
        if self.failures:
            shown = ", ".join(self.failures[:_MOST_SHOWN])
            more = " and others" if len(self.failures) > _MOST_SHOWN else ""
            message = (
                f"Could not be read: {shown}{more}. Everything else was, and the next "
                "run asks again for the rest; if it persists, please report it to Nulab."
            )
            raise BacklogError(message)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings in words of our own.

        The SDK's words repeat the value at fault, which may be the key.
        """
        self.append_builtin_config(self.config_jsonschema)
        given = settings.without_gaps(self._config)
        if self._reads_environment:
            given = settings.without_empty_texts(given)
        self._config = settings.with_defaults(
            settings.cleaned(given), self.config_jsonschema
        )
        self._redactor = Redactor(settings.secrets(given))
        self._redactor.add(*settings.secrets(self._config), *batches.secrets(given))
        guard_logs(self._redactor)
        problems = self._problems_by_name()
        problems += batches.problems(self._config)
        if self._config.get("batch_config"):
            self.message_writer_class = BatchWriter
        left_out = self._config.get("leave_out_fields")
        if left_out and (
            complaint := complaint_about(left_out, _indispensable(), _all_fields())
        ):
            problems.append(complaint)
        if problems and raise_errors:
            raise SettingsError(problems)
        for sentence in problems if given else ():  # --discover does without settings
            self.logger.warning("%s.", sentence)
        return problems

    def _problems_by_name(self) -> list[str]:
        """Return what is wrong with the settings, and warn of those that do not exist."""
        schema, prefix = self.config_jsonschema, self._env_var_prefix
        variables = {name for name, text in os.environ.items() if text}
        unknown = setting_names.unknown_settings(self._config, schema)
        if self._reads_environment:
            unknown += setting_names.unknown_variables(variables, schema, prefix)
        if sentence := setting_names.warning(unknown):
            self.logger.warning(sentence)
        misspelt = {one.meant for one in unknown if one.is_sure}
        unreadable = (
            setting_names.unreadable_variables(os.environ, schema, prefix)
            if self._reads_environment
            else []
        )
        return [
            *setting_names.complaints(unknown),
            *unreadable,
            *settings_check.problems(
                self._config,
                schema,
                {meant.removeprefix(prefix).lower() for meant in misspelt if meant},
                set() if self._reads_environment else variables,
            ),
        ]

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,
        param: click.Option,
        value: tuple[str, ...],
    ) -> Any:  # noqa: ANN401
        """Read the files of ``--config``."""
        # The SDK opens them itself, and some can be read only once.
        given = super().cb_config(ctx, param, ())
        given.config = read_configs(value)
        given.parse_env = ENVIRONMENT in value
        return given

    @classmethod
    def invoke(  # type: ignore[override]  # noqa: PLR0913
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,  # noqa: ANN401
        state: str | None = None,
        catalog: str | None = None,
        select: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        streams: bool = False,
        **modes: Any,  # noqa: ANN401
    ) -> None:
        """Run the tap as the command line says."""
        choice, mode = Choice.of(select, exclude), Mode(**modes)
        if about:
            cls.print_about(about_format)
            return
        if streams:
            from tap_backlog.cli.stream_list import stream_list  # noqa: PLC0415 - for this

            chosen = choice.among(defaults(_FACTS), _FACTS)
            click.echo(stream_list(_FACTS, chosen))
            return
        tap = cls(
            config=config.config if config else None,
            state=state,
            catalog=catalog,
            choice=choice,
            parse_env_config=bool(config and config.parse_env),
            validate_config=not mode.discover,
            setup_mapper=not mode.discover,
        )
        if mode.run(tap):
            return
        cls.print_version(print_fn=cls.logger.info)
        with progress_of(tap):
            tap.sync_all()
        tap.end()

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command, with failures in the users' words."""
        command = super().get_singer_command()
        command.params = completed(command.params)
        return BacklogCommand.of(command, logger=cls.logger)


@cache
def _all_fields() -> frozenset[str]:
    """Return the names of all fields, at every depth."""
    return frozenset(name for facts in _FACTS.values() for name in names_in(facts.schema))


def _indispensable() -> set[str]:
    """Return the names of the fields by which rows are identified and read on.

    The name of a user's own field is none of these, though a key may share it: the
    login id of a user, and the id of who watches an issue.
    """
    keys = {key for facts in _FACTS.values() for key in facts.key_fields}
    return keys - PERSONAL_FIELDS


def _drop_empty_bookmarks(state: Any) -> None:  # noqa: ANN401
    """Take out what the SDK puts in for a stream that looks for its bookmark."""
    bookmarks = {name: mark for name, mark in state.pop("bookmarks", {}).items() if mark}
    if bookmarks:
        state["bookmarks"] = bookmarks
