"""What a user may set, and what is wrong with it."""
