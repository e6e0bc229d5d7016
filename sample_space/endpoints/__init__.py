"""The paths of the API, one module per subject; the rest calls ``registry.ask``."""
