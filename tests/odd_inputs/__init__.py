"""Unusual but real inputs: they work, or one line says what is wrong."""
