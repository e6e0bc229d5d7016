"""The tap works with every Python that it names, if that Python is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

IN_PROCESS = [
    "test_settings.py",
    "streams/test_every_resource.py::test_all_streams_together_bring_the_same",
]


def find_python(version: str) -> Path | None:
    """Return an interpreter of a version, on the path or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = shutil.which(f"python{version}")
    candidates = list(pyenv.glob(f"versions/{version}.*/bin/python3"))
    candidates += [Path(on_path)] if on_path else []
    for candidate in candidates:
        check = subprocess.run(
            [str(candidate), "-c", ""], capture_output=True, check=False
        )
        if check.returncode == 0:
            return candidate
    return None


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_it_works_with_python(version: str, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        pytest.skip("the other tests run with this one")
    uv = Path(sys.executable).with_name("uv")
    venv = tmp_path / "venv"
    for arguments in (
        ["venv", "--quiet", "--no-project", "--python", str(python), str(venv)],
        [
            *["pip", "install", "--quiet", "--python", str(venv / "bin/python")],
            *["-r", str(ROOT / "requirements/dev.txt")],
        ],
    ):
        subprocess.run([str(uv), *arguments], check=True)
    result = subprocess.run(
        [
            *[str(venv / "bin/python"), "-m", "pytest", "-p", "no:cacheprovider", "-n0"],
            *[str(ROOT / "tests" / name) for name in IN_PROCESS],
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout
