"""How streams are read: their base classes."""
