"""Files on the command line: each is read once, and errors name the file.

``--config <(...)`` and ``/dev/stdin`` give their content only once, so no other code may
open them.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from tap_backlog.errors import BacklogError
from tap_backlog.surrogates import replace_halves

ENVIRONMENT = "ENV"
"""The value of ``--config`` that reads the environment instead of a file."""


def read_object(path: str, option: str) -> dict[str, Any]:
    """Return the JSON object in a file.

    Args:
        path: The file; ``-`` for stdin.
        option: The option that named it, such as ``--state``.

    Raises:
        BacklogError: The file cannot be read, or does not hold a JSON object.
    """
    content = read_json(path, option)
    if isinstance(content, dict):
        return content
    raise _unusable(path, option, "is not a JSON object")


def read_json(path: str, option: str) -> Any:  # noqa: ANN401
    """Return any JSON value from a file; otherwise like :func:`read_object`.

    Args:
        path: The file; ``-`` for stdin.
        option: The option that named it, such as ``--state``.
    """
    try:
        return _parse(_read(path))
    except FileNotFoundError:
        complaint = f"was not found{_where_to_look(path, option)}"
    except OSError as error:
        complaint = f"cannot be read: {error.strerror}"
    except RecursionError:
        complaint = "is nested too deep"
    except ValueError as error:
        complaint = str(error)
    raise _unusable(path, option, complaint)


def read_configs(paths: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings of several files; later files override earlier ones.

    Args:
        paths: The files of ``--config``; ``ENV`` is skipped.

    Raises:
        BacklogError: One of them cannot be read, or is not a JSON object.
    """
    config: dict[str, Any] = {}
    for path in paths:
        if path != ENVIRONMENT:
            config |= read_object(path, "--config")
    return config


def _where_to_look(path: str, option: str) -> str:
    if option == "--config" and path.upper() == ENVIRONMENT:
        return f"; to read the environment, write --config={ENVIRONMENT} in capitals"
    if Path(path).is_absolute():
        return "; check the path"
    return f" in the folder {Path.cwd()}"


def _unusable(path: str, option: str, complaint: str) -> BacklogError:
    return BacklogError(f"The file {path} of {option} {complaint}.")


def _read(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def _parse(content: bytes) -> Any:  # noqa: ANN401
    """Return the value of JSON in UTF-8, with or without a byte order mark."""
    text = _decode(content).strip()
    if not text:
        message = "is empty"
        raise ValueError(message)
    try:
        return json.loads(
            replace_halves(text.encode()),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
        )
    except ValueError as error:
        message = _complaint(text, error)
    raise ValueError(message)


def _decode(content: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            message = f"is in {encoding}; save it as UTF-8"
            raise ValueError(message)
    if b"\0" in content[:4]:
        message = "is in UTF-16 or UTF-32; save it as UTF-8"
        raise ValueError(message)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not valid UTF-8 (byte {error.start}); save it as UTF-8"
        raise ValueError(message) from None


_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def _complaint(text: str, error: ValueError) -> str:
    if _YAML.match(text):
        return "is in YAML, not in JSON"
    if getattr(error, "msg", "") == "Extra data":
        return (
            "holds more than one JSON value; of a loader's states the last line is the "
            "one to keep (tail -n 1)"
        )
    return f"is not JSON: {error}"


_YAML = re.compile(
    r"""(\#[^\n]*(\n\s*|$))*(---\s|%YAML|-[ ]|["']?[\w.-]+["']?[ ]*:(\s|$))""",
    re.VERBOSE,
)
"""How YAML begins: JSON never begins like this."""


def _refuse_constant(constant: str) -> NoReturn:
    message = f"{constant} is not a number"
    raise ValueError(message)
