"""Which requests read a list that changes while it is read."""
