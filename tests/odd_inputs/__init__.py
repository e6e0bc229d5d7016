"""Inputs that are odd but real: they work, or one line says what is wrong."""
