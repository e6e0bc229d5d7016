"""How other programs read the same issues; some run in their own environments."""
