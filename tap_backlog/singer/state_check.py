"""States as they come back: unwrapped, and checked before the first request.

An invalid state never counts as empty: the run would read everything again without any
message. Null means that nothing is kept.

An unknown entry is refused only if a STATE message could not hold it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_backlog.errors import BacklogError
from tap_backlog.names import suggestion
from tap_backlog.rows import is_integer, is_object, is_stamp, is_text
from tap_backlog.times import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_backlog.streams.facts import StreamFacts

    Warn: TypeAlias = Callable[[str], None]
    Check: TypeAlias = Callable[[object], bool]

_MOST = 2**63 - 1
_DEEPEST = 30
_WRAPPINGS = 5

_OF_THE_SDK = (
    "partitions",
    "progress_markers",
    "replication_key_signpost",
    "starting_replication_value",
)
"""What the SDK may keep for other taps, but never for this one."""


class StateError(BacklogError):
    """A state that cannot be used.

    Args:
        problem: What is wrong with it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The state cannot be used: {problem}. Correct it, or start without a state "
            "to read everything again."
        )


def usable_state(
    state: object,
    streams: Mapping[str, StreamFacts],
    warn: Warn,
) -> dict[str, Any]:
    """Return a state in which every known entry is of its type.

    Args:
        state: The state as given, wrapped or not.
        streams: The streams of the tap, by name.
        warn: Gets a sentence about what has no effect.

    Raises:
        StateError: The state cannot be used.
    """
    content = _unwrapped(state)
    if not content:
        return {}
    _check_values(content, "", 0)
    _check_top(content, streams)
    bookmarks = content.get("bookmarks") or {}
    for name in bookmarks:
        if name not in streams:
            hint = suggestion(name, streams)
            warn(f"The state has a bookmark of `{name}`, which does not exist.{hint}")
    kept = {
        name: _bookmark(name, entry, streams.get(name))
        for name, entry in bookmarks.items()
        if entry is not None
    }
    return {**content, "bookmarks": kept}


def _unwrapped(state: object) -> dict[str, Any]:
    """Return the state inside a STATE message, or inside what Meltano keeps."""
    for _ in range(_WRAPPINGS):
        if state is None:
            return {}
        if not isinstance(state, dict):
            message = "it must be an object"
            raise StateError(message)
        if state.get("type") == "STATE" and "value" in state:
            state = state["value"]
        elif "singer_state" in state:
            state = state["singer_state"]
        elif "completed" in state and "bookmarks" not in state:
            state = _completed(state)
        else:
            return state
    message = "it is wrapped too often"
    raise StateError(message)


def _completed(state: Mapping[str, Any]) -> object:
    """Return the state of Meltano's last complete run."""
    if state.get("partial") or state.get("partial_state"):
        message = (
            "it holds the state of an interrupted run beside that of a complete one, "
            "which Meltano merges (`meltano state get`)"
        )
        raise StateError(message)
    return state["completed"]


def _check_top(state: Mapping[str, Any], streams: Mapping[str, Any]) -> None:
    bookmarks = state.get("bookmarks")
    if bookmarks is not None and not isinstance(bookmarks, dict):
        message = "`bookmarks` must be an object"
        raise StateError(message)
    if "bookmarks" in state:
        return
    if "type" in state or "streams" in state:
        message = "it is another kind of file (a message, or a catalog)"
        raise StateError(message)
    for name in state:
        if name in streams and streams[name].replication_key:
            message = f"`{name}` must stand in `bookmarks`"
            raise StateError(message)
        if suggestion(name, ["bookmarks"]):
            message = f"it has no `bookmarks`, but `{name}`"
            raise StateError(message)


def _check_values(value: object, path: str, depth: int) -> None:
    """Refuse values that a STATE message cannot hold, at any depth."""
    if depth > _DEEPEST:
        message = f"`{path[:60]}...` is nested too deep"
        raise StateError(message)
    if _is_beyond_range(value):
        message = f"the number at `{path}` is beyond range"
        raise StateError(message)
    for step, below in _parts(value):
        _check_values(below, f"{path}.{step}".strip("."), depth + 1)


def _parts(value: object) -> Iterator[tuple[object, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _is_beyond_range(value: object) -> bool:
    if not isinstance(value, (int, float, Decimal)):
        return False
    return not -_MOST <= value <= _MOST


def _bookmark(
    name: str,
    entry: object,
    stream: StreamFacts | None,
) -> dict[str, Any]:
    """Return the entry of a stream, without parts that have no meaning."""
    if not isinstance(entry, dict):
        message = f"`bookmarks.{name}` must be an object"
        raise StateError(message)
    if entry.get("partitions"):
        message = f"`bookmarks.{name}` has `partitions`, which only other taps write"
        raise StateError(message)
    kept = {
        key: value
        for key, value in entry.items()
        if value is not None and key not in _OF_THE_SDK
    }
    if stream is None or not stream.replication_key:
        return kept
    _check_key(name, kept, stream)
    if "unfinished" in kept:
        _check_parts(kept["unfinished"], _UNFINISHED, f"bookmarks.{name}.unfinished")
    return kept


def _check_key(
    name: str,
    entry: dict[str, Any],
    stream: StreamFacts,
) -> None:
    """Check that a bookmark is readable, and is of the stream's replication key."""
    key = entry.get("replication_key", stream.replication_key)
    if key != stream.replication_key:
        message = (
            f"the bookmark of `{name}` is one of `{key}`, but `{name}` is read by "
            f"`{stream.replication_key}`"
        )
        raise StateError(message)
    _check(entry.get("streams", []), _is_names, f"bookmarks.{name}.streams")
    if "replication_key_value" not in entry:
        return
    value = entry["replication_key_value"]
    try:
        is_id = "integer" in stream.schema["properties"][key]["type"]
        entry["replication_key_value"] = _id(value) if is_id else _stamp(value)
    except (TypeError, ValueError):
        message = f"the bookmark of `{name}` cannot be read: {value!r}"
        raise StateError(message) from None


def _id(value: object) -> int:
    """Return an id; some stores keep it as text, or with a decimal point."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise TypeError
    number = int(value)
    is_same = number == value or str(number) == value
    if not is_same or not 0 <= number <= _MOST:
        raise ValueError
    return number


def _stamp(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    moment(value)
    return value


def _check_parts(value: object, checks: Mapping[str, Check], path: str) -> None:
    """Check the parts that are there; code that needs them all reports missing ones."""
    _check(value, is_object, path)
    for name, part in value.items() if isinstance(value, dict) else ():
        if name == "read" and _check(part, _is_list, f"{path}.read"):
            for place, stretch in enumerate(part):
                _check_parts(stretch, _STRETCH, f"{path}.read.{place}")
        elif name in checks:
            _check(part, checks[name], f"{path}.{name}")


def _check(value: object, is_fit: Check, path: str) -> bool:
    """Return True, or raise an error about the wrong type.

    Raises:
        StateError: The value is not valid.
    """
    if not is_fit(value):
        message = f"`{path}` must be {_KINDS[is_fit]}"
        raise StateError(message)
    return True


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_place(value: object) -> bool:
    return is_integer(value) and isinstance(value, int) and value >= 0


def _is_id(value: object) -> bool:
    return is_integer(value) or is_text(value)


def _is_stamp_or_nothing(value: object) -> bool:
    return value == "" or is_stamp(value)


_KINDS: dict[Check, str] = {
    is_object: "an object",
    _is_list: "a list",
    _is_names: "a list of names",
    _is_place: "a whole number from 0 on",
    _is_id: "an id",
    is_stamp: "a moment such as 2026-01-31T09:00:00Z",
    _is_stamp_or_nothing: "a moment such as 2026-01-31T09:00:00Z",
}

_UNFINISHED: dict[str, Check] = {
    "list": _is_place,
    "of": _is_place,
    "bookmark": _is_stamp_or_nothing,
    "read": _is_list,
}
_STRETCH: dict[str, Check] = {
    "newest": is_stamp,
    "oldest": is_stamp,
    "id": _is_id,
    "offset": _is_place,
}
