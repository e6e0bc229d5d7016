"""The private parts of the SDK that we use still exist, and are still called.

Each is overridden in one place. If a new SDK no longer calls one, a test here fails.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.contrib.batch_encoder_jsonl import JSONLinesBatcher
from singer_sdk.helpers._batch import StorageTarget
from singer_sdk.mapper import CustomStreamMap, PluginMapper, StreamMap
from singer_sdk.plugin_base import BaseSingerWriter, PluginBase, _ConfigInput

from tap_backlog.singer.expressions import expressions_of, schema_before_flattening
from tap_backlog.singer.records import RecordStream
from tap_backlog.singer.stream import SingerStream
from tap_backlog.tap import TapBacklog

OVERRIDDEN: list[tuple[type, str, type, str]] = [
    (TapBacklog, "_validate_config", PluginBase, "__init__"),
    (TapBacklog, "_reset_state_progress_markers", Tap, "sync_all"),
    (TapBacklog, "setup_mapper", Tap, "__init__"),
    (TapBacklog, "_handle_termination", PluginBase, "_setup_signal_handlers"),
    (TapBacklog, "_setup_signal_handlers", PluginBase, "__init__"),
    (SingerStream, "_sync_records", Stream, "sync"),
    (SingerStream, "_increment_stream_state", Stream, "_sync_records"),
    (SingerStream, "_write_activate_version_message", Stream, "sync"),
    (SingerStream, "_write_schema_message", Stream, "sync"),
    (SingerStream, "get_batch_config", Stream, "sync"),
    (SingerStream, "get_replication_key_signpost", Stream, "sync"),
]


@pytest.mark.parametrize(("ours", "name", "theirs", "caller"), OVERRIDDEN)
def test_what_is_overridden_is_there_and_called(
    ours: type,
    name: str,
    theirs: type,
    caller: str,
) -> None:
    assert name in vars(ours)
    mine, inherited = getattr(ours, name), getattr(theirs, name)
    assert f".{name}(" in inspect.getsource(getattr(theirs, caller)) or (
        f".{name}" in inspect.getsource(getattr(theirs, caller))
    )
    taken = set(inspect.signature(mine).parameters)
    assert taken == set(inspect.signature(inherited).parameters)


def test_the_first_thing_that_a_sync_does_is_the_one_that_opens_a_stream() -> None:
    source = inspect.getsource(Tap.sync_all)
    assert source.index("_reset_state_progress_markers") < source.index("write_state")


def test_each_stream_is_finalized_once_it_is_through() -> None:
    source = inspect.getsource(Tap.sync_all)
    name = "finalize_state_progress_markers"
    assert source.index("stream.sync()") < source.index(f"stream.{name}()")
    ours, theirs = getattr(SingerStream, name), getattr(Stream, name)
    assert set(inspect.signature(ours).parameters) == set(
        inspect.signature(theirs).parameters
    )


def test_the_command_takes_what_the_sdk_takes_and_its_own() -> None:
    taken = set(inspect.signature(TapBacklog.invoke).parameters)
    own = {"select", "exclude", "streams", "modes"}
    assert taken - own == set(inspect.signature(Tap.invoke).parameters)
    source = inspect.getsource(Tap.invoke)
    assert source.index("validate_config=True") < source.index("tap.sync_all()")


def test_discover_and_test_do_what_the_sdks_callbacks_do() -> None:
    """Our callbacks run after all options are parsed, so they know the choice."""
    sdks = super(TapBacklog, TapBacklog).get_singer_command()
    options = {option.name for option in sdks.params}
    assert {"discover", "test"} <= options
    discover, test = inspect.getsource(Tap.cb_discover), inspect.getsource(Tap.cb_test)
    assert "validate_config=cls.dynamic_catalog" in discover
    assert TapBacklog.dynamic_catalog is False
    assert "setup_mapper=False" in discover
    assert "tap.run_discovery()" in discover
    assert "tap.write_schemas()" in test
    assert "tap.run_connection_test()" in test
    assert "self.run_sync_dry_run(" in inspect.getsource(Tap.run_connection_test)


def test_the_schema_follows_the_signpost() -> None:
    source = inspect.getsource(Stream.sync)
    signpost = source.index("get_replication_key_signpost")
    assert signpost < source.index("_write_schema_message")


def test_stream_maps_flatten_by_a_method_of_their_own() -> None:
    assert "self.flatten_record(" in inspect.getsource(StreamMap.transform)


def test_without_a_batch_config_a_stream_syncs_its_records() -> None:
    source = inspect.getsource(Stream.sync)
    asked, otherwise = source.index("if batch_config:"), source.index("_sync_records(")
    assert source.index("self.get_batch_config(") < asked < otherwise


def test_the_writer_is_chosen_once_the_settings_are_checked() -> None:
    source = inspect.getsource(BaseSingerWriter.__init__)
    checked = source.index("super().__init__(")
    assert checked < source.index("self.message_writer_class")


def test_batch_files_lie_where_the_sdk_puts_them() -> None:
    assert "self._root_path.fs" in inspect.getsource(StorageTarget._fs)
    assert "self._root_path / filename" in inspect.getsource(StorageTarget.open)
    assert "prefix" in inspect.getsource(JSONLinesBatcher.get_batches)


def test_expressions_are_evaluated_by_a_method_of_their_own() -> None:
    source = inspect.getsource(CustomStreamMap._init_functions_and_schema)
    assert source.count("self._eval(") == 2
    taken = list(inspect.signature(CustomStreamMap._eval).parameters)
    assert taken == ["self", "expr", "expr_parsed", "record", "property_name"]


def test_a_map_keeps_its_parsed_expressions() -> None:
    """If not, rows would reach expressions raw."""
    columns = {"a": "md5(self)", "b": None, "c": "d", "__filter__": "e > 1"}
    schema = {"properties": {"a": {"type": "string"}, "d": {"type": "object"}}}
    made = CustomStreamMap("x", {}, {}, schema, None, columns, None)
    found = [(one.column, one.text, set(one.names)) for one in expressions_of(made)]
    assert found == [
        (None, "e > 1", {"e"}),
        ("a", "md5(self)", {"md5", "self", "a"}),
        ("c", "d", {"d"}),
    ]
    assert schema_before_flattening(made)["properties"]["c"]["type"] == [
        "object",
        "null",
    ]
    assert "self._transform_fn(record)" in inspect.getsource(CustomStreamMap.transform)


def test_the_command_is_given_settings_by_the_sdk() -> None:
    given = vars(_ConfigInput.from_cli_args("ENV"))
    assert given == {"config": {}, "parse_env": True}


def test_schemas_are_registered_anew_where_they_differ() -> None:
    source = inspect.getsource(PluginMapper.register_raw_stream_schema)
    assert "primary_mapper.raw_schema == schema" in source
    assert "self.stream_maps.pop(stream_name)" in source


def test_the_mask_follows_the_metadata() -> None:
    mask: Any = vars(Stream)["mask"]
    assert "self.metadata.resolve_selection()" in inspect.getsource(mask.fget)


def test_the_range_of_the_sdk_is_narrow() -> None:
    from importlib.metadata import requires  # noqa: PLC0415

    (sdk,) = [r for r in requires("tap-backlog") or [] if r.startswith("singer-sdk<")]
    assert "<0.55" in sdk


def overridden_privates(ours: Any, theirs: Any) -> set[str]:
    return {
        name
        for name in vars(ours)
        if name.startswith("_") and not name.startswith("__") and hasattr(theirs, name)
    } - {"_abc_impl"}


def test_nothing_else_of_the_inside_is_overridden() -> None:
    found = overridden_privates(SingerStream, Stream)
    found |= overridden_privates(RecordStream, Stream)
    found |= overridden_privates(TapBacklog, Tap)
    named = {name for _, name, _, _ in OVERRIDDEN if name.startswith("_")}
    assert found - {"_config", "_singer_catalog"} == named
