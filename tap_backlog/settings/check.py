"""What is wrong with the settings, in the tap's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from tap_backlog.hosts import host_complaint
from tap_backlog.settings.schema import is_placeholder
from tap_backlog.times import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jsonschema import ValidationError


def problems(
    config: dict[str, Any],
    schema: dict[str, Any],
    misspelt: Collection[str] = (),
    unread: Collection[str] = (),
) -> list[str]:
    """Return what is wrong with the settings, one sentence for each problem.

    No sentence repeats a value: it could be a secret in the wrong place.

    Args:
        config: The settings, cleaned and with defaults.
        schema: JSON schema of all settings, including the SDK's.
        misspelt: Names of settings that are there under another name.
        unread: Names of environment variables that are not read.

    Returns:
        The sentences; empty if there is no problem.
    """
    # The validator would crash on these problems, so they are reported first and alone.
    if complaints := list(_else_complaints(config.get("stream_maps"))):
        return complaints
    missing: list[str] = []
    found: list[str] = []
    for error in DEFAULT_JSONSCHEMA_VALIDATOR(schema).iter_errors(config):
        if error.validator == "required":
            missing += _missing(error)
        else:
            found.append(_wording(error))
    if not (config.get("oauth_credentials") or "api_key" in config):
        missing.append("api_key")
    if config.get("flattening_enabled") and "flattening_max_depth" not in config:
        missing.append("flattening_max_depth")
    absent = [
        _missing_in_words(name, unread)
        for name in dict.fromkeys(missing)
        if not {name, _INSTEAD.get(name)} & set(misspelt)
    ]
    return list(dict.fromkeys([*absent, *found, *_value_complaints(config)]))


_INSTEAD = {"api_key": "oauth_credentials"}


def _value_complaints(config: dict[str, Any]) -> Iterator[str]:
    host, key = config.get("host"), config.get("api_key")
    if isinstance(key, str) and is_placeholder(key):
        whose = "`host` and `api_key` are" if host == _EXAMPLE else "`api_key` is"
        yours = "name your own space, and make" if host == _EXAMPLE else "make"
        yield (
            f"{whose} still the example's; {yours} your own key in Backlog: "
            "Personal Settings > API"
        )
    yield from _credential_complaints(config.get("oauth_credentials"))
    for name, check in _CHECKS.items():
        value = config.get(name)
        if isinstance(value, str) and (complaint := check(value)):
            yield f"`{name}` {complaint}"
    depth = config.get("flattening_max_depth")
    if isinstance(depth, int) and depth < 0:
        yield "`flattening_max_depth` must be at least 0; 1 is right for CSV files"
    for name in ("readable_lists", "readable_times"):
        if config.get(name) is True and not config.get("flattening_enabled"):
            yield f"`{name}` needs `flattening_enabled`"
    keys = config.get("project_keys")
    if isinstance(keys, list) and not all(
        isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9_]+", key) for key in keys
    ):
        yield (
            '`project_keys` must be a list of project keys such as ["WEB", "OPS"] '
            "(letters, digits, underscore)"
        )


_EXAMPLE = "example.backlog.com"


def _missing(error: ValidationError) -> list[str]:
    """Return the names that are missing, each with the path to it."""
    wanted: Any = error.validator_value
    given: Any = error.instance
    steps = [str(step) for step in error.path]
    return [".".join([*steps, key]) for key in wanted if key not in given]


def _missing_in_words(name: str, unread: Collection[str]) -> str:
    variable = f"TAP_BACKLOG_{name.upper()}"
    if variable in unread:
        return (
            f"`{name}` is missing ({variable} is set, but the environment is read only "
            "with --config=ENV)"
        )
    return f"`{name}` is missing{_ON_MISSING.get(name, '')}"


_ON_MISSING = {
    "api_key": " (or `oauth_credentials` instead)",
    "flattening_max_depth": ", which flattening needs",
}


def _wording(error: ValidationError) -> str:
    name = ".".join(str(step) for step in error.path)
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            words = [_KINDS.get(kind, kind) for kind in kinds if kind != "null"]
            return f"`{name}` must be {' or '.join(words)}"
        case "enum":
            return f"`{name}` must be one of {', '.join(map(str, filter(None, wanted)))}"
        case "minimum":
            return f"`{name}` must be at least {wanted}"
        case "maximum":
            return f"`{name}` must be at most {wanted}"
        case _:
            return f"`{name}` does not have the right form ({error.validator})"


_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def _api_key_complaint(api_key: str) -> str | None:
    if is_placeholder(api_key):
        return None  # reported together with the host
    if not api_key:
        return "is empty"
    if not re.fullmatch(r"[!-~]+", api_key):
        return (
            "holds characters that no key has, such as a space, a line break or a "
            "full-width letter; copy it again from Personal Settings > API"
        )
    return None


def _credential_complaints(credentials: object) -> Iterator[str]:
    for name, value in credentials.items() if isinstance(credentials, dict) else ():
        if isinstance(value, str):
            allowed = r"[^\0\n]*" if name == "token_file" else r"[!-~]+"
            if not value:
                yield f"`oauth_credentials.{name}` is empty"
            elif not re.fullmatch(allowed, value):
                yield f"`oauth_credentials.{name}` holds characters that it never has"


def _else_complaints(stream_maps: object) -> Iterator[str]:
    """Yield what is wrong with any ``__else__``: of all maps together, and of each."""
    maps = {"stream_maps": stream_maps}
    if isinstance(stream_maps, dict):
        maps |= {f"stream_maps.{name}": inner for name, inner in stream_maps.items()}
    for name, content in maps.items():
        rest = content.get("__else__") if isinstance(content, dict) else None
        if rest not in _NOTHING:
            yield f"`{name}.__else__` can only be null, which leaves out all others"


_NOTHING = (None, "__NULL__")


def _start_date_complaint(start_date: str) -> str | None:
    try:
        moment(start_date)
    except ValueError:
        return "is not a date such as 2026-01-01 or 2026-01-01T09:00:00+09:00"
    return None


def _user_agent_complaint(user_agent: str) -> str | None:
    if not re.fullmatch(r"[ -~]*", user_agent):
        return "holds characters that no header can carry"
    return None


_CHECKS = {
    "host": host_complaint,
    "api_key": _api_key_complaint,
    "start_date": _start_date_complaint,
    "user_agent": _user_agent_complaint,
}
