"""How Backlog is asked: one session, one request in flight."""
