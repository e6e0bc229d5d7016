"""What a user can set, and what is wrong with it."""
