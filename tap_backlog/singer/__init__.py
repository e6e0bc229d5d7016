"""From rows to Singer messages: the only room that knows the SDK's Stream."""
