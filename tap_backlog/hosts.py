"""The setting `host`: what it may be, and where the API of that host is."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

API_PATH = "/api/v2"

DOMAINS = ("backlog.com", "backlog.jp", "backlogtool.com")
"""The domains of Nulab's cloud; each space is in one of them.

See docs/api-facts.md, "Addresses".
"""

BLANKS = " \t\r\n\v\f\xa0\u200b\ufeff"
"""Invisible characters that may be around text that was copied, or read from a file."""

_PAGES = re.compile(
    r"/(dashboard|(projects|find|wiki)/[A-Z][A-Z0-9_]*(/.*)?|view/[A-Z][A-Z0-9_]*-\d+)/?$"
)
"""Paths of Backlog's own screens, below any context path."""

_SPACE_KEY = re.compile(r"[a-z0-9](-?[a-z0-9]){2,9}", re.IGNORECASE)

_FULL_WIDTH = re.compile("[\u3001\u3002\uff01-\uff5e]")


def base_url(host: str) -> str:
    """Return the root of the API for a valid ``host`` setting.

    See docs/api-facts.md, "Addresses" and docs/api-facts.md, "Backlog Enterprise".

    Args:
        host: A host name, or a URL with port and context path.

    Returns:
        Such as ``https://example.backlog.com/api/v2``, without a slash at the end.
    """
    url = _split(host)
    path = url.path.rstrip("/").removesuffix(API_PATH)
    return f"{url.scheme}://{url.netloc}{path}{API_PATH}"


def without_page(host: str) -> str:
    """Return a host without the path of a screen that was copied with it from a browser.

    In Nulab's cloud, every path is the path of a screen. On other servers a path may be a
    context path, so only the path of a known Backlog screen is removed.

    Args:
        host: The setting ``host`` as given, usable or not.
    """
    host = host.strip(BLANKS)
    try:
        url = _split(host)
        name = url.hostname or ""
    except ValueError:
        return host
    root = f"{url.scheme}://{url.netloc}" if "://" in host else url.netloc
    if domain_of(name):
        return root
    page = _PAGES.search(url.path)
    return root + url.path[: page.start()] if page else host


def address_of(host: str) -> str:
    """Return host, port and context path of a valid ``host`` setting, without a scheme.

    Args:
        host: A host name, or a URL with port and context path.
    """
    url = urlsplit(base_url(host))
    return f"{url.netloc}{url.path.removesuffix(API_PATH)}"


def domain_of(name: str) -> str | None:
    """Return the domain of Nulab's cloud that a host is in; None if it is in none.

    Args:
        name: Name of the host, without a port.
    """
    found = (domain for domain in DOMAINS if name.lower().endswith(f".{domain}"))
    return next(found, None)


def other_domains(name: str) -> list[str]:
    """Return other hosts in Nulab's cloud that a space of this name may have.

    Args:
        name: Name of a host, without a port.
    """
    if not (own := domain_of(name)):
        return []
    space = name[: -len(own)]
    return [f"{space}{domain}" for domain in DOMAINS if domain != own]


def host_complaint(host: str) -> str | None:
    """Return what is wrong with a cleaned ``host``; None if it is valid.

    The value is not repeated, because it could be a secret in the wrong place; only a
    part that must be the name of a space is shown.

    Args:
        host: The setting.
    """
    if complaint := _complaint_about_letters(host):
        return complaint
    if not _is_url(host):
        return (
            "is not a host name such as example.backlog.com, nor a URL such as "
            "https://example.co.jp:8443/backlog"
        )
    url = _split(host)
    name = url.hostname or ""
    if url.scheme == "http" and not _is_loopback(name):
        return (
            "must be reached by https, since plain http would show the key to the "
            "network: drop `http://`, or write `https://`"
        )
    if name in DOMAINS:
        return f"lacks the name of the space, such as example.{name}"
    is_part = _PART_OF_NAME.fullmatch(host) and name != "localhost"
    return _question(host) if is_part and not domain_of(name) else None


def _complaint_about_letters(host: str) -> str | None:
    if not host.strip(BLANKS):
        return "is empty; it is the space's host name, such as example.backlog.com"
    if "\u3000" in host:
        return "holds a full-width space (U+3000); delete it"
    if _FULL_WIDTH.search(host):
        return (
            "holds full-width characters; write it in half-width ones, such as "
            "example.backlog.com"
        )
    return None


_PART_OF_NAME = re.compile(r"[\w-]+/?|[\w-]+\.backlog(\.\w{1,4}|\.co\.jp)?/?")
"""A host that lacks the domain of Nulab's cloud, or has it almost right."""


def _question(host: str) -> str:
    first = host.rstrip("/").partition(".")[0]
    space = first if _SPACE_KEY.fullmatch(first) else "SPACE"
    return (
        f"is not a whole host name: is it {space}.backlog.com or {space}.backlog.jp, as "
        "in your browser?"
    )


def _split(host: str) -> SplitResult:
    return urlsplit(host if "://" in host else f"https://{host}")


def _is_url(host: str) -> bool:
    try:
        url = _split(host)
        port_is_fine = url.port is None or url.port > 0
    except ValueError:
        return False
    return (
        port_is_fine
        and not re.match(r"https?:/?(?!/)", host)
        and bool(re.fullmatch(r"[!-~]+", host))
        and url.scheme in {"http", "https"}
        and _is_host_name(url.hostname or "")
        and bool(re.fullmatch(r"(/[\w.~-]+)*/?", url.path, re.ASCII))
        and ".." not in url.path
        and not set("?#@") & set(host)
    )


def _is_host_name(name: str) -> bool:
    if ":" in name:
        return _is_ip_address(name)
    labels = name.removesuffix(".").split(".")
    return all(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", label) for label in labels)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    return _is_ip_address(name) and ipaddress.ip_address(name).is_loopback
