"""What is published: a wheel that holds the tap, typed, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tap_backlog import __version__
from tests.support import ROOT, command


def test_the_wheel_holds_only_the_tap(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [str(uv), "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"tap_backlog-{__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert "tap_backlog/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "tap_backlog",
        f"tap_backlog-{__version__}.dist-info",
    }
    modules = {name for name in names if name.endswith(".py")}
    assert modules == {
        str(file.relative_to(ROOT)) for file in (ROOT / "tap_backlog").rglob("*.py")
    }


def test_the_command_tells_its_version() -> None:
    assert command("--version").stdout.startswith(f"tap-backlog v{__version__},")
