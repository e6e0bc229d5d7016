"""What is known about each stream before a tap is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_backlog.streams.base import BacklogStream


class StreamFacts(NamedTuple):
    """A stream as its class describes it.

    ``source`` is the name of the stream on whose rows it depends. ``is_default`` says
    whether it is read if the user does not choose streams. ``requests`` says in words
    what it costs.
    """

    name: str
    keys: tuple[str, ...]
    replication_key: str | None
    schema: dict[str, Any]
    source: str | None
    is_default: bool
    requests: str

    @property
    def key_fields(self) -> list[str]:
        """The fields that each row must have."""
        return [key for key in (*self.keys, self.replication_key) if key]


def facts_of(stream_types: Iterable[type[BacklogStream]]) -> dict[str, StreamFacts]:
    """Return the facts of streams by name.

    Args:
        stream_types: Their classes.
    """
    facts: dict[str, StreamFacts] = {}
    for stream_type in stream_types:
        facts[stream_type.name] = StreamFacts(
            stream_type.name,
            stream_type.primary_keys,
            stream_type.replication_key,
            stream_type.schema,
            stream_type.source,
            stream_type.selected_by_default,
            stream_type.requests_in_words,
        )
    return facts


def defaults(facts: Mapping[str, StreamFacts]) -> dict[str, bool]:
    """Return for each stream whether it is read if the user does not choose streams.

    Args:
        facts: The streams by name.
    """
    return {name: stream.is_default for name, stream in facts.items()}
