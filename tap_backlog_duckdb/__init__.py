"""Singer messages into a DuckDB file: the command ``tap-backlog-duckdb``.

A package of its own beside ``tap_backlog``. It imports nothing of the tap, and the tap
does not know it. It needs the extra ``tap-backlog[duckdb]``.
"""
