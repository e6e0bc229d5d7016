"""What it means when a connection fails, in the words of the person who must act."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from tap_backlog.api import environment
from tap_backlog.errors import TransientError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_backlog.api.environment import Proxy

_SPEAKS_PLAIN = ("wrong version number", "unknown protocol", "record layer failure")
"""What OpenSSL says if the other side does not speak TLS, by its versions."""

_ASKS_FOR_PASSWORD, _FORBIDS, _CANNOT_REACH = 407, 403, (500, 502, 503, 504)


def connection_error(
    asked: str,
    base_url: str,
    error: Exception,
    clean: Callable[[str], str],
) -> TransientError:
    """Return an error that explains a network failure.

    If a wrong setting is certainly the cause, the error is final: asking again cannot
    help.

    Args:
        asked: The request, such as ``GET /api/v2/issues``.
        base_url: Root of the API.
        error: What was raised; see ``connection.FAILURES``.
        clean: Makes text from outside safe to show.
    """
    where = urlsplit(base_url).netloc
    causes = _causes(error)
    reason = clean(_reason(causes))
    # Not isinstance: if a server hangs up, a subclass of BadStatusLine is raised.
    speaks_other = any(type(cause) is http.client.BadStatusLine for cause in causes)
    proxy = environment.proxy_of(base_url)
    if proxy and (isinstance(error, requests.exceptions.ProxyError) or speaks_other):
        return _proxy_error(proxy, where, causes, reason)
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_error(where, causes, reason)
    if speaks_other:
        return UnreachableError(
            f"{where} does not speak HTTP ({reason}). Check `host` and its port.",
            final=True,
        )
    if _holds(causes, urllib3.exceptions.NameResolutionError):
        return UnreachableError(
            f"No host {where} is known ({reason}). Check `host`, and the network.",
        )
    if _cannot_connect(causes):
        return UnreachableError(
            f"Cannot connect to {where} ({reason}). Check `host`, its port, and the "
            "network.",
        )
    by_way_of = f" or the proxy {proxy}" if proxy else ""
    return TransientError(
        f"{asked} at {where} was cut off ({reason}). Check the network{by_way_of}, or "
        "raise `request_timeout`.",
    )


def _tls_error(where: str, causes: list[BaseException], reason: str) -> UnreachableError:
    failed = f"TLS failed at {where}"
    if _speaks_plain(causes):
        return UnreachableError(
            f"{failed}: it speaks plain http at this port. Check the port in `host`; for "
            "a server on this machine, write `http://` before it.",
            final=True,
        )
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            advice = _certificate_advice(cause.verify_message)
            return UnreachableError(f"{failed}: {advice}", final=True)
    return UnreachableError(
        f"{failed} ({reason}). Check `host`, the clock of this machine and its "
        "certificates.",
    )


def _certificate_advice(said: str) -> str:
    """Return what is wrong with a certificate, from what OpenSSL says, and what to do."""
    if "mismatch" in said:
        return "its certificate is for another host. Check `host`."
    if "expired" in said or "not yet valid" in said:
        return (
            f"{said}. Check the clock of this machine; if it is right, the owner of the "
            "server has to renew the certificate."
        )
    bundle = environment.bundle_variable()
    advice = (
        f"Add its authority to the file that {bundle} names"
        if bundle
        else "If a proxy or a server of your own made it, name the file of its authority "
        "in REQUESTS_CA_BUNDLE"
    )
    return (
        "its certificate comes from an authority that is not trusted here "
        f"({said}). {advice}."
    )


def _proxy_error(
    proxy: Proxy, where: str, causes: list[BaseException], reason: str
) -> UnreachableError:
    said = " ".join(map(str, causes))
    tunnel = re.search(r"Tunnel connection failed: (\d+)", said)
    status = int(tunnel.group(1)) if tunnel else None
    if status in _CANNOT_REACH:
        return UnreachableError(
            f"The proxy {proxy} cannot reach {where} ({reason}). Check `host`, and the "
            "network behind the proxy.",
        )
    if status == _ASKS_FOR_PASSWORD:
        what = "another user name or password" if proxy.has_password else "a password"
        fault = (
            f"asks for {what} ({reason}). Write it into {proxy.variable}, as "
            "http://USER:PASSWORD@HOST:PORT."
        )
    elif status == _FORBIDS:
        fault = f"does not allow {where} ({reason}). Ask its administrator to allow it."
    else:
        fault = (
            f"{_fault_of_proxy(causes, reason, answers=bool(tunnel))}. Correct "
            f"{proxy.variable}, or list the host in NO_PROXY."
        )
    return UnreachableError(f"The proxy {proxy} {fault}", final=not _may_pass(causes))


def _fault_of_proxy(causes: list[BaseException], reason: str, *, answers: bool) -> str:
    if answers or _holds(causes, http.client.BadStatusLine):
        return f"is not a proxy ({reason})"
    if _holds(causes, urllib3.exceptions.NameResolutionError):
        return f"is not known ({reason})"
    if _speaks_plain(causes):
        return "speaks plain http, so it must begin with `http://`"
    if _holds(causes, ssl.SSLError):
        return f"cannot be trusted: TLS failed ({reason})"
    return f"cannot be reached ({reason})"


def _speaks_plain(causes: list[BaseException]) -> bool:
    said = " ".join(map(str, causes)).lower().replace("_", " ")
    return any(words in said for words in _SPEAKS_PLAIN)


def _may_pass(causes: list[BaseException]) -> bool:
    """Return whether it may pass: no answer in time, or no name server right now."""
    return any(
        isinstance(cause, (TimeoutError, urllib3.exceptions.ReadTimeoutError))
        or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN)
        or type(cause) is urllib3.exceptions.ConnectTimeoutError
        for cause in causes
    )


def _cannot_connect(causes: list[BaseException]) -> bool:
    return _holds(
        causes,
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all errors that it wraps, outermost first."""
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        current = queue.pop(0)
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            queue += [*current.args, getattr(current, "reason", None)]
            queue += [current.__cause__, current.__context__]
    return found


def _holds(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _reason(causes: list[BaseException]) -> str:
    """Return the simplest text: no URL, no memory address of an object."""
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
    text = re.sub(r"<[^>]*>:? ?|\S*://\S+|/\S*\?\S*", "", str(causes[-1])).strip()
    return text or type(causes[-1]).__name__
