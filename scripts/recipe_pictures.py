"""Pictures of the recipes for the documentation, part of ``make docs``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sample_space import Options, SampleServer, make_space
from scripts.compile_models import OFF_BY_DEFAULT, source_tables
from tap_backlog.tap import TapBacklog

OUTPUT = Path("output")
DATABASE = OUTPUT / "recipes.duckdb"
RECIPES = Path("docs/recipes")
STREAMS = set(source_tables()) - OFF_BY_DEFAULT
"""The streams that the recipes in docs/recipes read."""


def main() -> None:
    """Load the sample space, and draw."""
    OUTPUT.mkdir(exist_ok=True)
    # Without old rows, the charts show only what is read now.
    DATABASE.unlink(missing_ok=True)
    options = Options(activities=7000)  # as far back as the first issue
    options.limits = dict.fromkeys(options.limits, 10**6)  # nobody else is waiting
    with SampleServer(make_space(options)) as server:
        load({"host": server.url, "api_key": options.admin_key})
    program = (".venvs/report/bin/python", "scripts/draw_recipes.py")
    subprocess.run([*program, str(DATABASE), str(RECIPES)], check=True)  # noqa: S603


def load(config: dict[str, str]) -> None:
    """Run tap and loader.

    Args:
        config: Settings of the tap.
    """
    files = {
        "config": config,
        "catalog": catalog(),
        "loader": {"filepath": str(DATABASE), "default_target_schema": "main"},
    }
    for name, content in files.items():
        (OUTPUT / f"recipes-{name}.json").write_text(json.dumps(content))
    config_file, catalog_file, loader_file = (
        str(OUTPUT / f"recipes-{name}.json") for name in files
    )
    # Print only problems.
    env = {**os.environ, "TAP_BACKLOG_LOGLEVEL": "WARNING"}
    tap = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "tap_backlog"),
            *("--config", config_file, "--catalog", catalog_file),
        ],
        stdout=subprocess.PIPE,
        check=True,
        env=env,
    )
    loader = subprocess.run(  # noqa: S603
        [".venvs/target-duckdb/bin/target-duckdb", "--config", loader_file],
        input=tap.stdout,
        capture_output=True,
        check=False,
    )
    if loader.returncode:
        raise SystemExit(loader.stderr.decode())


def catalog() -> dict[str, object]:
    """Return a catalog of the streams that are needed."""
    found: dict[str, object] = TapBacklog(config={}, validate_config=False).catalog_dict
    streams: object = found["streams"]
    for entry in streams if isinstance(streams, list) else ():
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["stream"] in STREAMS
    return found


if __name__ == "__main__":
    main()
