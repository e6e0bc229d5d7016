"""The HTTP side of a sample space: who is let in, and what goes wrong on the way."""
