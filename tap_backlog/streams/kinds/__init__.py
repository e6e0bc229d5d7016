"""How reports are asked for: the base classes of the streams."""
