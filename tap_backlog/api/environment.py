"""What the environment says about the way to the server: proxies and trusted CAs.

It is checked before the first request, which would otherwise fail with a library's
message, and again after each failure.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from requests.exceptions import InvalidProxyURL
from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from tap_backlog.errors import BacklogError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SOCKS = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
_SCHEMES = frozenset({"http", "https"}) | _SOCKS


class Proxy(NamedTuple):
    """A proxy as messages show it: its address and what names it, without password."""

    address: str
    variable: str
    has_password: bool

    def __str__(self) -> str:
        """Return its address, and what names it."""
        return f"{self.address} ({self.variable})"


def proxy_of(base_url: str) -> Proxy | None:
    """Return the proxy through which requests go, if there is one.

    Args:
        base_url: Where the requests go.
    """
    value = select_proxy(base_url, get_environ_proxies(base_url))
    if not value:
        return None
    url = parse_url(prepend_scheme_if_needed(value, "http"))  # type: ignore[no-untyped-call]
    named = (f"{urlsplit(base_url).scheme}_proxy", "all_proxy")
    spellings = [spelling for name in named for spelling in (name, name.upper())]
    variable = next(filter(os.environ.get, spellings), "the settings of the system")
    return Proxy(url.netloc or "", variable, bool(url.auth))


def bundle_variable() -> str | None:
    """Return the variable that names a file of certificates to trust, if one does."""
    return next(filter(os.environ.get, _BUNDLES), None)


def ca_bundle(base_url: str) -> str | None:
    """Return the file of certificates to trust, if the environment names one.

    Args:
        base_url: Where the requests go.

    Raises:
        BacklogError: The environment names a file that cannot be read.
    """
    name = bundle_variable()
    if name is None:
        return None
    path = os.environ[name]
    if urlsplit(base_url).scheme == "https" and not os.access(path, os.R_OK):
        is_there = "cannot be read" if Path(path).exists() else "does not exist"
        message = (
            f"{name} names {path}, which {is_there}. Correct it, or unset it to trust "
            "what comes with this program."
        )
        raise BacklogError(message)
    return path


def proxies(base_url: str) -> Mapping[str, str]:
    """Return the proxies that the environment names.

    Args:
        base_url: Where the requests go.

    Raises:
        BacklogError: The proxy for this URL is not a valid proxy address. Its value is
            not shown, since it may hold a password.
    """
    found: dict[str, str] = get_environ_proxies(base_url)
    proxy = select_proxy(base_url, found)
    if proxy and (complaint := _complaint(proxy)):
        scheme = urlsplit(base_url).scheme.upper()
        message = (
            f"The proxy in the environment ({scheme}_PROXY or ALL_PROXY) {complaint}. "
            "Correct it, or list the host in NO_PROXY."
        )
        raise BacklogError(message)
    return found


def _complaint(proxy: str) -> str | None:
    wrong = "is not an address such as http://proxy.example.com:3128"
    try:
        url = parse_url(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
    except (HTTPError, InvalidProxyURL, TypeError, ValueError):
        return wrong
    if url.scheme not in _SCHEMES or not url.host or (url.path or "/") != "/":
        return wrong
    if url.scheme in _SOCKS and importlib.util.find_spec("socks") is None:
        return (
            "is a SOCKS proxy, for which PySocks must be installed (pip install PySocks)"
        )
    return None
