"""What is published: a wheel with the tap and its types, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tap_backlog import __version__
from tests.support import ROOT, command

PACKAGES = ("tap_backlog", "tap_backlog_duckdb")
WORKFLOW = ROOT / ".github/workflows/test.yml"


def test_the_wheel_holds_only_the_tap_and_its_door_to_duckdb(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [str(uv), "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"tap_backlog-{__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert {"tap_backlog/py.typed", "tap_backlog/cli/words.json"} <= set(names)
    assert {name.split("/")[0] for name in names} == {
        *PACKAGES,
        f"tap_backlog-{__version__}.dist-info",
    }
    modules = {name for name in names if name.endswith(".py")}
    assert modules == {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
    }


def test_the_command_tells_its_version() -> None:
    assert command("--version").stdout.startswith(f"tap-backlog v{__version__},")


def test_the_workflow_tests_every_python_on_every_system() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    pythons = ["3.10", "3.11", "3.12", "3.13", "3.14"]
    both, windows = jobs["everything"]["strategy"]["matrix"], jobs["windows"]
    assert both == {"system": ["ubuntu-latest", "macos-latest"], "python": pythons}
    assert windows["strategy"]["matrix"]["python"] == pythons
    assert jobs["everything"]["steps"][-1]["run"] == "make test PYTHON=python"
    named = " ".join(step.get("run", "") for step in windows["steps"]).split()
    files = [word for word in named if word.startswith("tests/")]
    assert files
    assert all((ROOT / name).exists() for name in files)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_the_options(shell: str) -> None:
    program = str(Path(sys.executable).with_name("tap-backlog"))
    script = subprocess.run(
        [program],
        env={**os.environ, "_TAP_BACKLOG_COMPLETE": f"{shell}_source"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert "_TAP_BACKLOG_COMPLETE" in script


def test_a_plain_install_has_no_duckdb() -> None:
    needed = [Requirement(one) for one in requires("tap-backlog") or []]
    extra = {
        one.name
        for one in needed
        if one.marker and one.marker.evaluate({"extra": "duckdb"})
    }
    plain = {
        one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})
    }
    assert extra - plain == {"duckdb", "xlsxwriter"}
    assert not plain & {"duckdb", "xlsxwriter"}


@pytest.mark.parametrize(
    ("extra", "packages"), [("parquet", {"pyarrow"}), ("fast-gzip", {"isal"})]
)
def test_a_plain_install_has_no_package_of_batches(
    extra: str, packages: set[str]
) -> None:
    needed = [Requirement(one) for one in requires("tap-backlog") or []]
    marked = [one for one in needed if one.marker]
    assert not packages & {one.name for one in needed if not one.marker}
    assert packages == {
        one.name for one in marked if one.marker and one.marker.evaluate({"extra": extra})
    }


@pytest.mark.parametrize("module", ["duckdb", "xlsxwriter"])
def test_without_its_extra_the_door_says_how_to_install_it(module: str) -> None:
    script = (
        f"import sys, importlib.util as u; f = u.find_spec; "
        f"u.find_spec = lambda n: None if n == {module!r} else f(n); "
        "from tap_backlog_duckdb.__main__ import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, "backlog.duckdb"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr
        == "ERROR: Install DuckDB first: pip install 'tap-backlog[duckdb]'\n"
    )
