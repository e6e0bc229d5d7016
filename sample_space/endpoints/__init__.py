"""The paths of the API, one module a subject; ``registry.ask`` is the way in."""
