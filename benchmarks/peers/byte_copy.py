"""The least that can be done: read the bytes, and write them."""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit

_PAGE_SIZE = 100
_EMPTY = b"[]"


def main(host: str) -> None:
    """Copy every page to stdout."""
    connection = http.client.HTTPConnection(urlsplit(host).netloc)
    offset = 0
    while True:
        connection.request("GET", f"/api/v2/issues?offset={offset}&count={_PAGE_SIZE}")
        body = connection.getresponse().read()
        if body == _EMPTY:
            return
        sys.stdout.buffer.write(body)
        offset += _PAGE_SIZE


if __name__ == "__main__":
    main(sys.argv[1])
