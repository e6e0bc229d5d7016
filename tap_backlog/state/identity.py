"""Which space a state belongs to, so that it is not used for another space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.hosts import address_of

if TYPE_CHECKING:
    from tap_backlog.scope import ProjectScope


class SpaceIdentity:
    """The host and the key of the space, as the state holds them (``space``).

    Args:
        state: The tap's state.
        host: The setting ``host``.
        scope: Asks Backlog for the space, at most once.
    """

    def __init__(self, state: dict[str, Any], host: str, scope: ProjectScope) -> None:
        self._scope = scope
        self._host = _plain_host(host)
        known = state.get("space")
        self._known: dict[str, Any] = known if isinstance(known, dict) else {}

    @property
    def as_state(self) -> dict[str, Any]:
        """Its form in the state."""
        return self._known

    def check(self) -> None:
        """Ask for the space, if the host differs from the one in the state.

        Raises:
            BacklogError: It is another space.
        """
        key = self._known.get("spaceKey")
        if not key or self._known.get("host") == self._host:
            return
        found = self._scope.space["spaceKey"]
        if found != key:
            message = (
                f"The state is of the space {key} ({self._known.get('host')}), and "
                f"`host` is the space {found} ({self._host}). Use the state of this "
                "space, or start without a state, into tables of its own."
            )
            raise BacklogError(message)
        self._known = {"host": self._host, "spaceKey": key}

    def learn(self) -> None:
        """Ask for the space if the state does not know it yet."""
        if self._known.get("spaceKey"):
            return
        try:
            key = self._scope.space["spaceKey"]
        except RefusedError:
            # Every key may read the space, so this is an unusual server. The state stays
            # without the space.
            return
        self._known = {"host": self._host, "spaceKey": key}


def _plain_host(host: str) -> str:
    """Return host, port and context path in one normal form."""
    name, slash, path = address_of(host).partition("/")
    return f"{name.lower()}{slash}{path}"
