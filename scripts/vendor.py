"""Bring the charting library of the report into the package: ``make vendor``.

The file comes from npm, in the version below; it is committed, so that a clone and the
wheel need neither npm nor a network. With it come the licences of what is inside. A test
holds the file against its checksum.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SHA256 = "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"
"""Of ``echarts.common.min.js``; what is printed if npm brings another file."""

VENDOR = Path("tap_backlog_report/vendor")
LIBRARY = "echarts.common.min.js"
FILES = {
    "echarts@6.1.0": {
        f"package/dist/{LIBRARY}": LIBRARY,
        "package/LICENSE": "echarts.LICENSE",
        "package/NOTICE": "echarts.NOTICE",
        "package/licenses/LICENSE-d3": "d3.LICENSE",
    },
    "zrender@6.1.0": {"package/LICENSE": "zrender.LICENSE"},
}


def main() -> int:
    """Fetch and check; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        for package, files in FILES.items():
            fetch(package, files, Path(name))
    found = checksum()
    if found != SHA256:
        print(f"The file has the checksum {found}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def fetch(package: str, files: dict[str, str], folder: Path) -> None:
    """Bring files of a package of npm.

    Args:
        package: Its name and version.
        files: The names inside, and those in the folder ``vendor``.
        folder: For the package.
    """
    packed = subprocess.run(  # noqa: S603
        ["npm", "pack", "--json", package],  # noqa: S607 - from the PATH
        cwd=folder,
        stdout=subprocess.PIPE,
        check=True,
    )
    with tarfile.open(folder / json.loads(packed.stdout)[0]["filename"]) as tar:
        for inside, outside in files.items():
            member = tar.extractfile(inside)
            (VENDOR / outside).write_bytes(member.read() if member else b"")


def checksum() -> str:
    """Return the checksum of the library in the package."""
    return hashlib.sha256((VENDOR / LIBRARY).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
