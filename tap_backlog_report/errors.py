"""What ends the command with one line instead of a traceback."""

from __future__ import annotations


class ReportError(Exception):
    """Something that the user can act on; its text is the line that is shown."""
