"""From rows to Singer messages: the only package that knows the SDK's Stream."""
