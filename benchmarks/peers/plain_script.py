"""A script as people write it by hand: a session, ``.json()``, ``json.dumps``, print."""

from __future__ import annotations

import json
import sys

import requests

_PAGE_SIZE = 100


def main(host: str) -> None:
    """Print every issue as a RECORD."""
    session = requests.Session()
    offset = 0
    while True:
        query = f"offset={offset}&count={_PAGE_SIZE}&sort=updated"
        rows = session.get(f"{host}/api/v2/issues?{query}", timeout=60).json()
        for row in rows:
            message = {"type": "RECORD", "stream": "issues", "record": row}
            print(json.dumps(message))  # noqa: T201
        if len(rows) < _PAGE_SIZE:
            return
        offset += _PAGE_SIZE


if __name__ == "__main__":
    main(sys.argv[1])
