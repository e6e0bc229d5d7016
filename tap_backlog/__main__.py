"""Run the tap as ``python -m tap_backlog``."""

from __future__ import annotations

from tap_backlog.tap import TapBacklog

TapBacklog.cli()
