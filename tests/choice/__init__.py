"""``--select`` and ``--exclude`` choose streams by name."""
