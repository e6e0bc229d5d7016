"""Nested objects as columns, equal to the SDK's own way at a fraction of its cost.

The SDK works out the name of every column anew for every row, and makes columns of
fields that the schema does not know, on which loaders fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson
from singer_sdk.helpers._flattening import flatten_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from singer_sdk.helpers._flattening import FlatteningOptions

_encode = simplejson.JSONEncoder(
    use_decimal=True, separators=(",", ":"), ignore_nan=True
).encode


class Flattener:
    """Flattens the rows of one stream.

    Args:
        columns: Names of the columns, from the flattened schema.
        options: The settings of flattening.
        tell_unknown: Told the names of columns that are left out, as no schema knows
            them.
    """

    def __init__(
        self,
        columns: Iterable[str],
        options: FlatteningOptions,
        tell_unknown: Callable[[Iterable[str]], None],
    ) -> None:
        """Know no name yet."""
        self._columns = frozenset(columns)
        self._options = options
        self._tell_unknown = tell_unknown
        self._names: dict[tuple[str, ...], dict[str, str]] = {}

    def flatten(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row by column; what is still nested as JSON text."""
        flat: dict[str, Any] = {}
        self._flatten(row, (), flat)
        return flat

    def _flatten(
        self,
        node: Mapping[str, Any],
        path: tuple[str, ...],
        flat: dict[str, Any],
    ) -> None:
        names = self._names.setdefault(path, {})
        for key, value in node.items():
            column = names.get(key)
            if column is None:
                column = names[key] = self._name(path, key)
            if column in self._columns:
                flat[column] = (
                    _encode(value) if isinstance(value, (dict, list)) else value
                )
            elif isinstance(value, dict) and len(path) < self._options.max_level:
                self._flatten(value, (*path, key), flat)
            elif value is not None:
                self._tell_unknown([column])

    def _name(self, path: tuple[str, ...], key: str) -> str:
        return flatten_key(
            key,
            list(path),
            self._options.separator,
            max_key_length=self._options.max_key_length,
        )
