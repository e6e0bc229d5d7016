"""What the command line asks of a tap instead of a sync."""

from __future__ import annotations

from typing import NamedTuple

from singer_sdk.tap_base import CliTestOptionValue


class Mode(NamedTuple):
    """The options that stand for something else than a sync.

    Args:
        discover: Whether the catalog is written.
        test: ``schema`` to write schemas, ``disabled`` for no test; otherwise it is
            told whether a sync can run.
        plan: Whether it is told what a sync would cost.
        plan_format: ``table`` or ``json``.
    """

    discover: bool = False
    test: str = CliTestOptionValue.Disabled.value
    plan: bool = False
    plan_format: str = "table"

    @property
    def is_sync(self) -> bool:
        """Whether nothing else is asked for."""
        return not (self.discover or self.plan or self.is_test)

    @property
    def is_test(self) -> bool:
        """Whether the tap is tried out."""
        return self.test != CliTestOptionValue.Disabled.value

    @property
    def writes_schemas(self) -> bool:
        """Whether schemas are written."""
        return self.test == CliTestOptionValue.Schema.value
