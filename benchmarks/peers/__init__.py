"""How others read the same issues; each runs in an environment of its own."""
