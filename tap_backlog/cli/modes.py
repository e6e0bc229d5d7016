"""What the command line asks the tap to do instead of a sync."""

from __future__ import annotations

from typing import NamedTuple

from singer_sdk.tap_base import CliTestOptionValue


class Mode(NamedTuple):
    """The options that do something else instead of a sync.

    Args:
        discover: Whether to write the catalog.
        test: ``schema`` to write schemas, ``disabled`` for no test; any other value
            checks whether a sync can run.
        plan: Whether to show what a sync would cost.
        plan_format: ``table`` or ``json``.
    """

    discover: bool = False
    test: str = CliTestOptionValue.Disabled.value
    plan: bool = False
    plan_format: str = "table"

    @property
    def is_sync(self) -> bool:
        """Whether this is a sync."""
        return not (self.discover or self.plan or self.is_test)

    @property
    def is_test(self) -> bool:
        """Whether the tap is tested."""
        return self.test != CliTestOptionValue.Disabled.value

    @property
    def writes_schemas(self) -> bool:
        """Whether schemas are written."""
        return self.test == CliTestOptionValue.Schema.value
