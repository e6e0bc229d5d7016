"""Build the packages to publish, and try them as a new user would: ``make dist``.

Wheel and sdist are built and checked; the wheel is installed into an empty environment,
which then reads the sample space.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from sample_space import Options, SampleServer, make_space
from tap_backlog import __version__

DIST = Path("dist")
TOOLS = Path(".venvs/dist/bin")


def main() -> None:
    """Build, check, install, run."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(str(TOOLS / "python"), "-m", "build", "--outdir", str(DIST))
    packages = sorted(str(path) for path in DIST.iterdir())
    run(str(TOOLS / "twine"), "check", "--strict", *packages)
    (wheel,) = DIST.glob("*.whl")
    with tempfile.TemporaryDirectory() as name:
        print(f"Installing {wheel.name} into an empty environment")  # noqa: T201
        try_out(wheel, Path(name))
    print(f"Ready to publish: {', '.join(packages)}")  # noqa: T201


def try_out(wheel: Path, folder: Path) -> None:
    """Install a wheel and run its programs.

    Args:
        wheel: The file.
        folder: An empty folder.
    """
    venv.create(folder / "env", with_pip=True)
    programs = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", str(wheel))
    tap = str(programs / "tap-backlog")
    version = run(tap, "--version", cwd=folder)
    if not version.startswith(f"tap-backlog v{__version__},"):
        raise SystemExit(version)
    run(str(programs / "tap-backlog-login"), "--help", cwd=folder)
    with SampleServer(make_space(Options(issues=250))) as server:
        config = folder / "config.json"
        config.write_text(
            json.dumps({"host": server.url, "api_key": server.space.options.admin_key})
        )
        json.loads(run(tap, "--config", str(config), "--discover", cwd=folder))
        plan = run(tap, "--config", str(config), "--plan", cwd=folder)
        print("\n".join(plan.splitlines()[-6:]))  # noqa: T201
        messages = run(tap, "--config", str(config), cwd=folder)
    issues = messages.count('"stream":"issues","record"')
    if issues != len(server.space.issues):
        message = f"{issues} issues arrived, of {len(server.space.issues)}"
        raise SystemExit(message)


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command; return what it printed, or exit with what went wrong."""
    result = subprocess.run(  # noqa: S603
        command, cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode:
        raise SystemExit(result.stdout + result.stderr)
    return result.stdout


if __name__ == "__main__":
    main()
