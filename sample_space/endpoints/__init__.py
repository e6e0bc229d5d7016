"""The paths of the API, one module a subject; ``registry.find`` is the way in."""
