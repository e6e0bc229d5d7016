"""Settings that do not exist: those that are misspelt, and those of somebody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.names import near_miss, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_PARTED = ("oauth_credentials",)
"""Settings whose parts are looked through too; `batch_config` has a check of its own."""

_NO_SETTINGS = frozenset({"LOGLEVEL", "CLIENT_SECRET"})
"""Variables that are no settings: the log's, and that of tap-backlog-login."""


class Unknown(NamedTuple):
    """A name that is no setting's.

    ``meant`` is the nearest setting, if one is near, and ``is_sure`` whether nothing
    else can be meant.
    """

    given: str
    meant: str | None
    is_sure: bool


def unknown_settings(
    config: Mapping[str, Any], schema: Mapping[str, Any]
) -> list[Unknown]:
    """Return the names in the config that are no settings.

    Names that begin with a sign, such as ``_comment`` and ``//``, are taken for remarks,
    unless they are misspelt.

    Args:
        config: The settings as given.
        schema: JSON schema of all settings, the SDK's included.
    """
    found = _unknown(config, schema["properties"])
    for name in _PARTED:
        parts = config.get(name)
        if isinstance(parts, dict):
            found += _unknown(parts, schema["properties"][name]["properties"], f"{name}.")
    return found


def unknown_variables(
    environment: Iterable[str], schema: Mapping[str, Any], prefix: str
) -> list[Unknown]:
    """Return the environment variables that are meant for this program, and no settings.

    Args:
        environment: Names of all variables that hold something.
        schema: JSON schema of all settings, the SDK's included.
        prefix: How the variables of this program begin, such as ``TAP_BACKLOG_``.
    """
    ours = [name[len(prefix) :] for name in environment if name.startswith(prefix)]
    known = {name.upper() for name in schema["properties"]} | _NO_SETTINGS
    return _unknown(sorted(ours), known, prefix)


def unreadable_variables(
    environment: Mapping[str, str], schema: Mapping[str, Any], prefix: str
) -> list[str]:
    """Return a sentence for each variable that the SDK cannot turn into its setting.

    Args:
        environment: All variables.
        schema: JSON schema of all settings, the SDK's included.
        prefix: How the variables of this program begin, such as ``TAP_BACKLOG_``.
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
    """Return what a text means; the SDK takes all that it does not know for false."""
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
    """Return a sentence for each name that is misspelt, which says what to write.

    Args:
        unknown: Names that are no settings.
    """
    return [
        f"`{one.given}` is not a setting, write `{one.meant}`"
        for one in unknown
        if one.is_sure
    ]


def warning(unknown: Iterable[Unknown]) -> str | None:
    """Return a sentence that names all that has no effect, if anything.

    Other tools' settings may stand in the same file, so these are no errors.

    Args:
        unknown: Names that are no settings.
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
