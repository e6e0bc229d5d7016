"""The tap: its settings, its streams, and what they share in one run."""

from __future__ import annotations

import contextlib
import copy
import os
import signal
import threading
from functools import cache, cached_property, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click
from singer_sdk import Tap
from singer_sdk.singerlib import Catalog

from tap_backlog.budget import BudgetSpent
from tap_backlog.cli.choice import Choice
from tap_backlog.cli.command import BacklogCommand
from tap_backlog.cli.inputs import ENVIRONMENT, read_configs, read_json
from tap_backlog.cli.modes import Mode
from tap_backlog.cli.options import completed
from tap_backlog.cli.progress import progress_of
from tap_backlog.cli.verdict import print_verdict
from tap_backlog.connect import client_of
from tap_backlog.errors import SettingsError
from tap_backlog.redaction import Redactor, guard_logs
from tap_backlog.run import Run
from tap_backlog.settings import check as settings_check
from tap_backlog.settings import names as setting_names
from tap_backlog.settings import schema as settings
from tap_backlog.settings.values import Settings
from tap_backlog.singer.batches import config as batch_config
from tap_backlog.singer.batches.config import BatchOptions
from tap_backlog.singer.batches.writer import BatchWriter
from tap_backlog.singer.catalog_check import usable_catalog
from tap_backlog.singer.messages import MessageWriter
from tap_backlog.singer.selection import complaint_about, names_in, unknown_fields
from tap_backlog.singer.state_check import usable_state
from tap_backlog.singer.stream import SingerStream, Sync
from tap_backlog.singer.stream_maps import in_one_line, without_effect
from tap_backlog.streams import STREAM_TYPES, streams_of
from tap_backlog.streams.facts import defaults, facts_of
from tap_backlog.streams.shapes import PERSONAL_FIELDS

if TYPE_CHECKING:
    from types import FrameType

_FACTS = facts_of(STREAM_TYPES)
_BESIDE_BOOKMARKS = ("space", "projects", "refreshed", "round")


class TapBacklog(Tap):
    """Singer tap for Backlog, Nulab's issue tracker."""

    name = "tap-backlog"
    message_writer_class = MessageWriter
    message_writer: MessageWriter
    config_jsonschema = copy.deepcopy(settings.SETTINGS_SCHEMA)  # the SDK adds its own

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        """Set up the tap.

        Args:
            options: The options of the SDK's ``Tap``: config, catalog, state, ...; and
                ``choice``: which streams are read.

        Raises:
            BacklogError: Settings, catalog, state or choice cannot be used.
        """
        self._reads_environment = bool(options.get("parse_env_config"))
        self._choice: Choice = options.pop("choice", Choice())
        self._take_inputs(options)
        try:
            super().__init__(**options)
        except ValueError:
            if not self._reads_environment:
                raise
            # The SDK converts TAP_BACKLOG_... to numbers and objects.
            problems = setting_names.unreadable_variables(
                os.environ, self.config_jsonschema, self._env_var_prefix
            )
            if not problems:
                raise
            raise SettingsError(problems) from None

    def _take_inputs(self, options: dict[str, Any]) -> None:
        """Check and prepare catalog and state for the SDK, which checks neither."""
        for name, take in (
            ("catalog", partial(usable_catalog, choose=self._choice.among)),
            ("state", usable_state),
        ):
            given = options.get(name)
            if given is None or isinstance(given, Catalog):
                continue
            if isinstance(given, (str, PurePath)):
                given = read_json(str(given), f"--{name}")
            options[name] = take(given, _FACTS, self.logger.warning)

    def setup_mapper(self) -> None:
        """Set up the stream maps, and warn about parts that have no effect."""
        in_one_line(self._register_schemas)
        schemas = {name: facts.schema for name, facts in _FACTS.items()}
        separator = self.config.get("flattening_separator", "__")
        for sentence in (
            *without_effect(self.config.get("stream_maps", {}), schemas, separator),
            *unknown_fields(self.config.get("leave_out_fields") or [], _all_fields()),
        ):
            self.logger.warning(sentence)

    def _register_schemas(self) -> None:
        """Register the part of each schema that is sent; the whole one if not selected.

        For a stream that is not selected, the SDK would register nothing, and any map of
        it would fail. For a selected one, it would register more than is sent.
        """
        super(Tap, self).setup_mapper()
        for stream in self.all_streams:
            schema = stream.selection.schema if stream.selected else stream.schema
            self.mapper.register_raw_stream_schema(
                stream.name, schema, stream.primary_keys
            )

    def discover_streams(self) -> list[SingerStream]:
        """Return all streams; the choice, if there is one, selects some of them.

        Raises:
            ChoiceError: The choice names an unknown stream, or leaves no stream.
        """
        streams = [SingerStream(self, one, self.get_sync) for one in STREAM_TYPES]
        if self._choice.is_made and self.input_catalog is None:
            chosen = self._choice.among(defaults(_FACTS), _FACTS)
            for stream in streams:
                stream.selected = stream.name in chosen
        return streams

    def get_sync(self) -> Sync:
        """Return what the streams share; only after the catalog has been read."""
        return self._sync

    @cached_property
    def _sync(self) -> Sync:
        wanted = {stream.name: stream.wanted for stream in self.selected_streams}
        settings = Settings.of(self.config)
        state: Any = self.state
        run = Run(settings, client_of(settings, self._redactor), state, wanted)
        return Sync(run, streams_of(run))

    @property
    def run(self) -> Run:
        """What the run shares."""
        return self._sync.run

    def _reset_state_progress_markers(self) -> None:
        """Open the first stream before anything is written.

        ``sync_all`` is final in the SDK. It calls this first, and then writes the state
        to stdout.
        """
        if isinstance(self.message_writer, BatchWriter):
            options = BatchOptions.of(self.config["batch_config"])
            self.message_writer.open(self.name, options)
        run, origins = self._sync
        families = [origins[name].family for name in run.wanted]
        for family in families:
            family.check_replication_methods()
        if any(family.keeps_bookmark for family in families) or run.settings.refresh:
            run.identity.check()
            run.identity.learn()
        run.scope.check()
        self._leave_out()
        first = next((one for one in self.selected_streams if one.selected), None)
        if first:
            first.open()
        _drop_empty_bookmarks(self.state)
        super()._reset_state_progress_markers()

    def _leave_out(self) -> None:
        """Deselect what is new enough, or what earlier runs of the round have read."""
        run, origins = self._sync
        for stream in self.selected_streams:
            portion = origins[stream.name].family.portion
            if portion.is_fresh:
                run.fresh.add(stream.name)
            if portion.is_left_out:
                stream.selected = False
        run.tell_left_out()

    def _setup_signal_handlers(self) -> None:
        """Handle SIGHUP too, unless it is ignored (``nohup``)."""
        super()._setup_signal_handlers()
        if (
            hasattr(signal, "SIGHUP")
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        ):
            signal.signal(signal.SIGHUP, self._handle_termination)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop between two messages; the SDK would write into the middle of one."""
        self.message_writer.interrupts.stop(signum)

    def load_state(self, state: dict[str, Any]) -> None:
        """Load a state, including its entries besides bookmarks."""
        super().load_state(state)
        kept: Any = self.state
        kept.update({name: state[name] for name in _BESIDE_BOOKMARKS if name in state})

    @property
    def all_streams(self) -> list[SingerStream]:
        """Every stream, selected or not."""
        streams: list[Any] = list(self.streams.values())
        return streams

    @cached_property
    def selected_streams(self) -> list[SingerStream]:
        """The streams that are selected, and that no stream map removes."""
        return [s for s in self.all_streams if s.selected and not s.is_removed]

    @property
    def streams_to_test(self) -> list[SingerStream]:
        """The streams that a choice or a catalog selects; without both, all streams."""
        is_chosen = self._choice.is_made or self.input_catalog is not None
        return self.selected_streams if is_chosen else self.all_streams

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings, with the tap's own messages.

        The SDK's messages repeat the wrong value, which may be the key.
        """
        self.append_builtin_config(self.config_jsonschema)
        given = settings.without_gaps(self._config)
        if self._reads_environment:
            given = settings.without_empty_texts(given)
        self._config = settings.with_defaults(
            settings.cleaned(given), self.config_jsonschema
        )
        self._redactor = Redactor(settings.secrets(given))
        self._redactor.add(*settings.secrets(self._config), *batch_config.secrets(given))
        guard_logs(self._redactor)
        problems = self._problems_by_name()
        problems += batch_config.problems(self._config)
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
        """Return what is wrong with the settings, and warn about unknown settings."""
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
        if mode.is_sync:
            cls.print_version(print_fn=cls.logger.info)
            with (
                contextlib.suppress(BudgetSpent),
                progress_of(tap.run, tap.message_writer.interrupts),
            ):
                tap.sync_all()
            tap.run.end()
        else:
            tap.do_instead(mode)

    def do_instead(self, mode: Mode) -> None:
        """Do what the command line asks for instead of a sync.

        Args:
            mode: What it asks for.
        """
        if mode.discover:
            self.run_discovery()
        elif mode.writes_schemas:
            for stream in self.streams_to_test:
                stream.write_schema()
        elif mode.plan:
            from tap_backlog.cli.plan import print_plan  # noqa: PLC0415 - for this alone

            print_plan(*self.get_sync(), mode.plan_format)
        else:
            print_verdict(*self.get_sync())

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command, which reports failures in users' words."""
        command = super().get_singer_command()
        command.params = completed(command.params)
        return BacklogCommand.of(command, logger=cls.logger)


@cache
def _all_fields() -> frozenset[str]:
    """Return the names of all fields, at every depth."""
    return frozenset(name for facts in _FACTS.values() for name in names_in(facts.schema))


def _indispensable() -> set[str]:
    """Return the names of keys and replication keys, which cannot be left out.

    Names of a user's own fields are not among them, although a key may have the same
    name: ``userId`` is the login id of a user, and also the id of who watches an issue.
    """
    keys = {key for facts in _FACTS.values() for key in facts.key_fields}
    return keys - PERSONAL_FIELDS


def _drop_empty_bookmarks(state: Any) -> None:  # noqa: ANN401
    """Remove the empty entries that the SDK adds if a stream looks for its bookmark."""
    bookmarks = {name: mark for name, mark in state.pop("bookmarks", {}).items() if mark}
    if bookmarks:
        state["bookmarks"] = bookmarks
