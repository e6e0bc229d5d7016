"""Which requests a list takes that moves while it is read."""
