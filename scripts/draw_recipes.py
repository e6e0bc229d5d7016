"""Draw the charts of the recipes from a loaded database, as pictures.

Run by ``scripts/recipe_pictures.py``, in the environment ``.venvs/report``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
from charts import CHARTS, draw


def main() -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="DuckDB file that target-duckdb has loaded")
    parser.add_argument("folder", type=Path, help="folder for PNG files")
    choices = parser.parse_args()
    with duckdb.connect(choices.database, read_only=True) as database:
        for name in CHARTS:
            draw(database, name).savefig(choices.folder / f"{name}.png", dpi=90)


if __name__ == "__main__":
    main()
