"""Bring the charting library of the report into the package: ``make vendor``.

The file comes from npm, in the version below; it is committed, so that a clone and the
wheel need neither npm nor a network. A test holds the file against its checksum.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "6.1.0"
SHA256 = "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"
"""Of ``echarts.common.min.js``; what is printed if npm brings another file."""

VENDOR = Path("tap_backlog_report/vendor")
FILES = {
    "package/dist/echarts.common.min.js": "echarts.common.min.js",
    "package/LICENSE": "echarts.LICENSE",
    "package/NOTICE": "echarts.NOTICE",
}


def main() -> int:
    """Fetch and check; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packed = subprocess.run(  # noqa: S603
            ["npm", "pack", "--json", f"echarts@{VERSION}"],  # noqa: S607 - from the PATH
            cwd=folder,
            stdout=subprocess.PIPE,
            check=True,
        )
        archive = folder / json.loads(packed.stdout)[0]["filename"]
        with tarfile.open(archive) as tar:
            for inside, outside in FILES.items():
                member = tar.extractfile(inside)
                (VENDOR / outside).write_bytes(member.read() if member else b"")
    found = checksum()
    if found != SHA256:
        print(f"The file has the checksum {found}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def checksum() -> str:
    """Return the checksum of the library in the package."""
    content = (VENDOR / "echarts.common.min.js").read_bytes()
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
