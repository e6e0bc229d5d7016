"""What the environment says of the way to the server: proxies, and whom to trust.

It is looked at before the first request, which would fail in words of a library, and
again with each try.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING
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


def ca_bundle(base_url: str) -> str | None:
    """Return the file of certificates to trust, if the environment names one.

    Args:
        base_url: Where the requests go.

    Raises:
        BacklogError: It names no file that can be read.
    """
    name = next(filter(os.environ.get, _BUNDLES), None)
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
        BacklogError: The one that counts has no form that a proxy has. Its value is
            not told, since it may hold a password.
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
