"""The file in which renewed OAuth tokens are kept from run to run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard

from tap_backlog.api.locked_file import KeptLockedError, LockedFile, locked
from tap_backlog.errors import SettingsError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave.

    Args:
        refresh_token: Gets the next tokens.
        access_token: Sent with each request; None if it has to be asked for.
        expires_at: When the access token expires, in epoch seconds; None if unknown.
    """

    refresh_token: str
    access_token: str | None = None
    expires_at: float | None = None


def is_token(text: object) -> TypeGuard[str]:
    """Whether something can be sent as a token."""
    return isinstance(text, str) and re.fullmatch(r"[!-~]+", text) is not None


class TokenFile:
    """A JSON file with the tokens, or a config file with them in it.

    A config file has ``oauth_credentials``: new tokens are written there, and the rest
    of the file stays unchanged. Any other file holds only the tokens, and which refresh
    token in the settings they come from: after a new login, the settings are used again.

    It is read and written while it is locked. So if several runs work at once, only one
    renews the tokens, and the others find them here.

    Args:
        path: The file; it does not have to exist yet.
        configured: The refresh token in the settings.
    """

    def __init__(self, path: str, configured: str) -> None:
        self._given_path = path
        self._origin = hashlib.sha256(configured.encode()).hexdigest()[:16]
        self._older_login: object = None
        self._has_been_read = False
        self._locked: LockedFile

    @contextlib.contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Keep other runs away from the file.

        Args:
            patience: Seconds to wait until another run releases it.

        Raises:
            SettingsError: The file cannot be written.
            TransientError: Another run has not released it in time.
        """
        with contextlib.ExitStack() as stack:
            try:
                self._locked = stack.enter_context(locked(self._path, patience))
            except OSError as error:
                _refuse(f"cannot be written ({error.strerror})")
            except KeptLockedError:
                message = (
                    "`oauth_credentials.token_file` has been kept locked by another run "
                    f"for {patience:.0f} seconds. See whether that run hangs."
                )
                raise TransientError(message) from None
            yield

    def read(self) -> Tokens | None:
        """Return the tokens of the file, if they are newer than the settings.

        Raises:
            SettingsError: The file cannot be read.
        """
        content = self._content()
        if "oauth_credentials" in content:
            content = content["oauth_credentials"]
        elif self._recognize_older_login(content.get("origin", self._origin)):
            return None
        refresh_token = content.get("refresh_token")
        if not is_token(refresh_token):
            return None
        access_token, expires_at = map(content.get, ("access_token", "expires_at"))
        return Tokens(
            refresh_token,
            access_token if is_token(access_token) else None,
            expires_at if isinstance(expires_at, (int, float)) else None,
        )

    def reserve(self) -> None:
        """Make sure that new tokens can be written; only while the file is locked.

        Raises:
            SettingsError: They cannot be written.
        """
        with _wording():
            self._locked.reserve()

    def write(self, tokens: Tokens) -> None:
        """Write the tokens to the file; only while it is locked.

        Args:
            tokens: The new tokens.

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
        with _wording():
            # JSON can hold half of a surrogate pair, and UTF-8 cannot. So it is written
            # as JSON does it: \\ud83d.
            self._locked.write(text.encode(errors="backslashreplace"))

    @property
    def _path(self) -> Path:
        """The file itself: a link is followed, so that it is not replaced."""
        return Path(os.path.realpath(os.path.expanduser(self._given_path)))  # noqa: PTH111

    def _recognize_older_login(self, origin: object) -> bool:
        """Return whether a login is older than the one in the settings.

        A login that is in the file at the first read is older. One that appears during
        the run is newer: it is used, and the file keeps its origin.
        """
        if not self._has_been_read and origin != self._origin:
            self._older_login = origin
        self._has_been_read = True
        if origin == self._older_login:
            return True
        self._origin = str(origin)
        return False

    def _content(self) -> dict[str, Any]:
        try:
            text = self._path.read_text(encoding="utf-8-sig")
            content = json.loads(text) if text.strip() else {}
        except FileNotFoundError:
            return {}
        except OSError as error:
            _refuse(f"cannot be read ({error.strerror})")
        except (ValueError, RecursionError):
            _refuse("names a file that is not JSON")
        is_object = isinstance(content, dict)
        if not is_object or not isinstance(content.get("oauth_credentials", {}), dict):
            _refuse("names a file that holds no tokens")
        return dict(content)


@contextlib.contextmanager
def _wording() -> Iterator[None]:
    """Explain errors while writing."""
    try:
        yield
    except OSError as error:
        _refuse(f"cannot be written ({error.strerror})")


def _refuse(words: str) -> NoReturn:
    raise SettingsError([f"`oauth_credentials.token_file` {words}"]) from None
