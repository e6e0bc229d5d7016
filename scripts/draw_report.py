"""Draw the charts of a loaded database into one HTML page, or into pictures.

Run by ``scripts/report.py``, in the environment ``.venvs/report``.
"""

from __future__ import annotations

import argparse
import html
import io
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import matplotlib as mpl
from charts import CHARTS, RECIPES, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backlog report</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
         padding: 0 1rem; color: #222; }}
  figure {{ margin: 0 0 2.5rem; }}
  svg {{ width: 100%; height: auto; }}
  summary {{ color: #666; cursor: pointer; }}
  pre {{ background: #f6f6f6; padding: 1rem; overflow-x: auto; font-size: 13px; }}
</style>
<h1>Backlog report</h1>
<p>{issues:,} issues of {projects:,} projects, last changed {updated}.</p>
{figures}
</html>
"""


def main() -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="DuckDB file that target-duckdb has loaded")
    parser.add_argument("--page", type=Path, help="HTML page to write")
    parser.add_argument("--pictures", type=Path, help="folder for PNG files")
    choices = parser.parse_args()
    # Text stays text, so that the reader's browser chooses the fonts.
    mpl.rcParams["svg.fonttype"] = "none"
    with duckdb.connect(choices.database, read_only=True) as database:
        figures = {name: draw(database, name) for name in CHARTS}
        if choices.page:
            choices.page.write_text(_page(database, figures), encoding="utf-8")
        if choices.pictures:
            for name, figure in figures.items():
                figure.savefig(choices.pictures / f"{name}.png", dpi=90)


def _page(database: duckdb.DuckDBPyConnection, figures: dict[str, Figure]) -> str:
    counts = database.execute(
        "SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM projects), "
        "(SELECT max(updated) FROM issues)"
    ).fetchone()
    issues, projects, updated = counts or (0, 0, None)
    parts = []
    for name, figure in figures.items():
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg")
        svg = drawing.getvalue()
        query = (RECIPES / f"{name}.sql").read_text(encoding="utf-8")
        parts.append(
            f"<figure>{svg[svg.index('<svg') :]}<figcaption><details>"
            f"<summary>SQL</summary><pre>{html.escape(query)}</pre></details>"
            "</figcaption></figure>"
        )
    return _PAGE.format(
        issues=issues, projects=projects, updated=updated, figures="\n".join(parts)
    )


if __name__ == "__main__":
    main()
