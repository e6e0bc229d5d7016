"""A page and a workbook about a space: the command ``tap-backlog-report``.

A package of its own beside ``tap_backlog`` and ``tap_backlog_duckdb``, which do not know
it. It needs the extra ``tap-backlog[report]``.
"""
