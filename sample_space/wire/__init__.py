"""The HTTP side of a sample space: who may read it, and what goes wrong on the way."""
