"""Singer tap for Backlog, Nulab's issue tracker."""

from __future__ import annotations

__version__ = "0.1.0"
