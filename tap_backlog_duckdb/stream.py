"""A stream as its SCHEMA describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog_duckdb.column_types import type_of
from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from tap_backlog_duckdb.messages import Message


class Stream(NamedTuple):
    """What a SCHEMA says.

    Args:
        name: Name of the stream.
        properties: JSON Schema of each column.
        keys: The primary key; without one, rows are added and never replaced.
    """

    name: str
    properties: dict[str, Any]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, message: Message) -> Stream:
        """Return the stream of a SCHEMA.

        Args:
            message: The message.

        Raises:
            DoorError: It has no columns, or the key is not among them.
        """
        name = str(message.stream)
        properties = (message.schema or {}).get("properties")
        if not isinstance(properties, dict) or not properties:
            problem = f"The SCHEMA of `{name}` has no columns."
            raise DoorError(problem)
        keys = tuple(message.key_properties or ())
        for key in keys:
            if key not in properties:
                problem = f"The SCHEMA of `{name}` has no column for its key `{key}`."
                raise DoorError(problem)
        return cls(name, properties, keys)

    def type_of(self, column: str) -> str:
        """Return the type that a column should have.

        Args:
            column: Name of the property.
        """
        return type_of(self.properties[column])
