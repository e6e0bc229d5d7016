"""``--select`` and ``--exclude``: which streams are read, by name."""

from __future__ import annotations

import difflib
import fnmatch
import re
from typing import TYPE_CHECKING, NamedTuple

from tap_backlog.errors import BacklogError
from tap_backlog.wording import either

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

DEFAULT = "default"
"""The name that stands for the streams that are read if the user chooses none."""

_MOST_NEAR = 3

_BETWEEN = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")
"""Separators between names: spaces and commas, including full-width ones."""


class ChoiceError(BacklogError):
    """A choice that cannot be followed."""


class Choice(NamedTuple):
    """What ``--select`` and ``--exclude`` say.

    Args:
        select: Names and patterns of the streams that are read; empty for the default.
        exclude: Names and patterns of streams to remove from these.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, select: Iterable[str], exclude: Iterable[str]) -> Choice:
        """Return the choice from the options.

        Args:
            select: The values of ``--select``, each with names between commas.
            exclude: The values of ``--exclude``.

        Raises:
            ChoiceError: An option is given, but holds no name.
        """
        return cls(_words("--select", select), _words("--exclude", exclude))

    @property
    def is_made(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.select or self.exclude)

    def among(self, offered: Mapping[str, bool], known: Collection[str]) -> set[str]:
        """Return the names of the streams that are read.

        Args:
            offered: The streams to choose from, each with whether it is read by default.
            known: All streams of the tap; those that are not offered are not in the
                catalog.

        Raises:
            ChoiceError: A name or pattern matches no stream, or no stream is left.
        """
        _check("--select", self.select, offered, known)
        _check("--exclude", self.exclude, offered, known)
        chosen = _meant(self.select or (DEFAULT,), offered)
        chosen -= _meant(self.exclude, offered)
        if self.is_made and not chosen:
            message = (
                "`--select` and `--exclude` leave no stream to read. `tap-backlog "
                "--streams` lists them all."
            )
            raise ChoiceError(message)
        return chosen


def _words(option: str, values: Iterable[str]) -> tuple[str, ...]:
    given = tuple(values)
    words = [word.lower() for value in given for word in _BETWEEN.split(value) if word]
    if given and not words:
        message = f"`{option}` is empty. Write names of streams, such as issues,users."
        raise ChoiceError(message)
    return tuple(words)


def _meant(words: Iterable[str], offered: Mapping[str, bool]) -> set[str]:
    """Return the offered streams that the words match."""
    meant = set()
    for word in words:
        if word == DEFAULT:
            meant |= {name for name, is_default in offered.items() if is_default}
        else:
            meant |= _matching(word, offered)
    return meant


def _matching(word: str, names: Iterable[str]) -> set[str]:
    return {name for name in names if fnmatch.fnmatchcase(name, word)}


def _check(
    option: str,
    words: Iterable[str],
    offered: Collection[str],
    known: Collection[str],
) -> None:
    """Check that each word matches a stream.

    Raises:
        ChoiceError: A word matches no stream.
    """
    named = [word for word in words if word != DEFAULT]
    if unknown := [word for word in named if not _matching(word, known)]:
        hint = _suggestion(unknown, known)
        message = (
            f"`{option}`: no stream matches {_listed(unknown)}.{hint} `tap-backlog "
            "--streams` lists them all."
        )
        raise ChoiceError(message)
    if absent := [word for word in named if not _matching(word, offered)]:
        message = (
            f"`{option}`: the catalog does not hold {_listed(absent)}. With `--catalog`, "
            "choose among the streams in it, or write a new one with `--discover`."
        )
        raise ChoiceError(message)


def _suggestion(unknown: Iterable[str], known: Collection[str]) -> str:
    if "all" in unknown:
        return " Write '*' for all streams."
    near: list[str] = []
    for word in unknown:
        found = difflib.get_close_matches(word, known, n=_MOST_NEAR)
        near += [name for name in found if name not in near]
    return f" Did you mean {_listed(near)}?" if near else ""


def _listed(names: Iterable[str]) -> str:
    return either([f"`{name}`" for name in names])
