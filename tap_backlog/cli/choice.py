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
"""The name that stands for what is read without a choice."""

_MOST_NEAR = 3

_BETWEEN = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")
"""What may stand between names: blanks and commas too, those of Japanese keyboards."""


class ChoiceError(BacklogError):
    """A choice that cannot be followed."""


class Choice(NamedTuple):
    """What ``--select`` and ``--exclude`` say.

    Args:
        select: Names and patterns of the streams that are read; empty for the default.
        exclude: Names and patterns of those that are not read nevertheless.
    """

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, select: Iterable[str], exclude: Iterable[str]) -> Choice:
        """Return the choice that the options make.

        Args:
            select: The values of ``--select``, each with names between commas.
            exclude: The values of ``--exclude``.

        Raises:
            ChoiceError: An option is given, and holds no name.
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
            ChoiceError: A name or pattern stands for no stream, or none is left.
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
    """Return the offered streams that words stand for."""
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
    """See that each word stands for something.

    Raises:
        ChoiceError: One does not.
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
