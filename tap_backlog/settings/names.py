"""Names that are not settings: misspelt settings, and settings of other programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.names import near_miss, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_NESTED = ("oauth_credentials",)
"""Settings whose parts are checked too; `batch_config` has its own check."""

_NO_SETTINGS = frozenset({"LOGLEVEL", "CLIENT_SECRET"})
"""Variables that are not settings: one is for the log, one for tap-backlog-login."""


class Unknown(NamedTuple):
    """A name that is not a setting.

    ``meant`` is the most similar setting, if there is one. ``is_sure`` says whether
    nothing else can be meant.
    """

    given: str
    meant: str | None
    is_sure: bool


def unknown_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any]
) -> list[Unknown]:
    """Return the names in the config that are not settings.

    Names that begin with a symbol, such as ``_comment`` and ``//``, are treated as
    comments, unless they are misspelt settings.

    Args:
        config: The settings as given.
        schema: JSON schema of all settings, including the SDK's.
    """
    found = _unknown(config, schema["properties"])
    for name in _NESTED:
        parts = config.get(name)
        if isinstance(parts, dict):
            found += _unknown(parts, schema["properties"][name]["properties"], f"{name}.")
    return found


def unknown_variables(
    environment: Iterable[str], schema: Mapping[str, Any], prefix: str
) -> list[Unknown]:
    """Return environment variables that are for this program, but are not settings.

    Args:
        environment: Names of all variables that are not empty.
        schema: JSON schema of all settings, including the SDK's.
        prefix: Prefix of this program's variables, such as ``TAP_BACKLOG_``.
    """
    ours = [name[len(prefix) :] for name in environment if name.startswith(prefix)]
    known = {name.upper() for name in schema["properties"]} | _NO_SETTINGS
    return _unknown(sorted(ours), known, prefix)


def unreadable_variables(
    environment: Mapping[str, str], schema: Mapping[str, Any], prefix: str
) -> list[str]:
    """Return a sentence for each variable that the SDK cannot convert to its setting.

    Args:
        environment: All variables.
        schema: JSON schema of all settings, including the SDK's.
        prefix: Prefix of this program's variables, such as ``TAP_BACKLOG_``.
    """
    found = []
    for name, declared in schema["properties"].items():
        variable = f"{prefix}{name.upper()}"
        for kind, read, words in _READERS:
            if variable in environment and kind in declared.get("type", ()):
                try:
                    read(environment[variable])
                except ValueError:
                    found.append(f"the environment variable `{variable}` must be {words}")
    return found


def _read_boolean(text: str) -> bool:
    """Return the boolean of a text; the SDK treats every unknown text as false."""
    if text.strip().lower() not in _BOOLEANS:
        raise ValueError(text)
    return _BOOLEANS[text.strip().lower()]


_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}

_READERS: tuple[tuple[str, Callable[[str], object], str], ...] = (
    ("integer", int, "a whole number"),
    ("boolean", _read_boolean, "true or false"),
    ("object", json.loads, "JSON, an object in braces"),
)


def complaints(unknown: Iterable[Unknown]) -> list[str]:
    """Return a sentence for each misspelt name, which says what to write instead.

    Args:
        unknown: Names that are not settings.
    """
    return [
        f"`{one.given}` is not a setting, write `{one.meant}`"
        for one in unknown
        if one.is_sure
    ]


def warning(unknown: Iterable[Unknown]) -> str | None:
    """Return a sentence that names all settings without effect, if there are any.

    The same file may hold settings of other tools, so these are not errors.

    Args:
        unknown: Names that are not settings.
    """
    names = [
        f"`{one.given}`" + (f" (did you mean `{one.meant}`?)" if one.meant else "")
        for one in unknown
        if not one.is_sure
    ]
    return f"Unknown settings have no effect: {', '.join(names)}." if names else None


def _unknown(
    names: Iterable[str], known: Collection[str], prefix: str = ""
) -> list[Unknown]:
    found = []
    for name in names:
        if name in known:
            continue
        meant = near_miss(name, known)
        if meant or name[:1].isalnum():
            near = meant or nearest(name, known)
            found.append(
                Unknown(
                    f"{prefix}{name}", near and f"{prefix}{near}", is_sure=bool(meant)
                )
            )
    return found
