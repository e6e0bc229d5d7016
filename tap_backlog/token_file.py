"""The file in which renewed OAuth tokens are kept from run to run."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tap_backlog.errors import SettingsError


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave.

    Args:
        refresh_token: Asks for the next ones; None where none is known.
        access_token: Goes with each request; None where it has to be asked for.
        expires_at: When the access token runs out, in epoch seconds; None where
            nobody knows.
    """

    refresh_token: str
    access_token: str | None = None
    expires_at: float | None = None


class TokenFile:
    """A JSON file with the tokens, or a config file with them in it.

    A config file, which has ``oauth_credentials``, gets new tokens there and stays as
    it is otherwise. Any other file holds the tokens alone, and which refresh token of
    the settings they stem from: after a new login the settings count again.

    Args:
        path: The file; it need not exist yet.
        configured: The refresh token of the settings.
    """

    def __init__(self, path: str, configured: str) -> None:
        """Keep the path; links are followed, so that a link is not replaced."""
        self._path = Path(path).expanduser().resolve()
        self._origin = hashlib.sha256(configured.encode()).hexdigest()[:16]

    def read(self) -> Tokens | None:
        """Return the tokens of the file, if they are newer than the settings.

        Raises:
            SettingsError: The file cannot be read, or not be replaced later.
        """
        content = self._content()
        if not os.access(self._path.parent, os.W_OK):
            _refuse("is in a folder that cannot be written to")
        if "oauth_credentials" in content:
            content = content["oauth_credentials"]
        elif content.get("origin", self._origin) != self._origin:
            return None
        match content:
            case {"refresh_token": str(refresh_token)} if refresh_token:
                access_token, expires_at = map(
                    content.get, ("access_token", "expires_at")
                )
                return Tokens(
                    refresh_token,
                    access_token if isinstance(access_token, str) else None,
                    expires_at if isinstance(expires_at, (int, float)) else None,
                )
            case _:
                return None

    def write(self, tokens: Tokens) -> None:
        """Put the tokens into the file, for its owner's eyes alone.

        Raises:
            SettingsError: The file cannot be written.
        """
        content = self._content()
        renewed = {
            "refresh_token": tokens.refresh_token,
            "access_token": tokens.access_token,
        }
        if "oauth_credentials" in content:
            content["oauth_credentials"] |= renewed
        else:
            content = {**renewed, "expires_at": tokens.expires_at, "origin": self._origin}
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        try:
            _replace(self._path, text)
        except OSError as error:
            _refuse(f"cannot be written ({error.strerror})")

    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            _refuse(f"cannot be read ({error.strerror})")
        except ValueError:
            _refuse("names a file that is no JSON")
        is_object = isinstance(content, dict)
        if not is_object or not isinstance(content.get("oauth_credentials", {}), dict):
            _refuse("names a file that holds no tokens")
        return dict(content)


def _replace(path: Path, text: str) -> None:
    """Replace a file in one step: whoever reads it finds the old text or the new."""
    # mkstemp makes files that only their owner may read.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _refuse(words: str) -> NoReturn:
    raise SettingsError([f"`oauth_credentials.token_file` {words}"]) from None
