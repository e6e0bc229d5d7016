"""Charts of the recipes in docs/recipes: one for each SQL file there.

Runs in its own environment, ``.venvs/report``, with matplotlib and DuckDB.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib_fontja

mpl.use("Agg")
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RECIPES = Path("docs/recipes")
_SIZE = (9, 4.2)
_MOST_BARS = 15

Rows = list[tuple[Any, ...]]


def draw(database: duckdb.DuckDBPyConnection, name: str) -> Figure:
    """Return the chart of a recipe.

    Args:
        database: Holds the loaded tables.
        name: Of the recipe, such as ``burndown``.
    """
    title, plot = CHARTS[name]
    rows = database.execute((RECIPES / f"{name}.sql").read_text(encoding="utf-8"))
    matplotlib_fontja.japanize()
    figure, axes = plt.subplots(figsize=_SIZE, layout="constrained")
    plot(axes, rows.fetchall())
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _burndown(axes: Axes, rows: Rows) -> None:
    days, issues, hours = zip(*rows, strict=True)
    axes.plot(days, issues, label="issues")
    axes.plot([days[0], days[-1]], [max(issues), 0], "--", color="grey", label="ideal")
    axes.set_ylabel("open issues")
    beside = axes.twinx()
    beside.plot(days, hours, color="tab:orange", alpha=0.6)
    beside.set_ylabel("estimated hours left", color="tab:orange")
    axes.legend(frameon=False)


def _cumulative_flow(axes: Axes, rows: Rows) -> None:
    days = sorted({row[0] for row in rows})
    by_status: dict[str, dict[Any, int]] = defaultdict(dict)
    orders: dict[str, int] = {}
    for day, status, issues, order in rows:
        by_status[status][day] = issues
        orders[status] = order or 0
    # Closed issues are at the bottom.
    names = sorted(by_status, key=lambda name: -orders[name])
    axes.stackplot(
        days,
        [[by_status[name].get(day, 0) for day in days] for name in names],
        labels=names,
    )
    axes.set_ylabel("issues")
    axes.legend(frameon=False, loc="upper left", reverse=True)


def _lead_time(axes: Axes, rows: Rows) -> None:
    weeks, _, medians, longest = zip(*rows, strict=True)
    axes.plot(weeks, medians, marker="o", label="half are closed within")
    axes.plot(weeks, longest, marker="o", alpha=0.5, label="85 % within")
    axes.set_ylabel("days from adding to closing")
    axes.legend(frameon=False)


def _overdue(axes: Axes, rows: Rows) -> None:
    people, issues, _ = zip(*reversed(rows[:_MOST_BARS]), strict=True)
    axes.barh(people, issues)
    axes.set_xlabel("open issues past their due date")


def _estimates(axes: Axes, rows: Rows) -> None:
    names, _, estimated, actual, *_ = zip(*rows, strict=True)
    places = range(len(names))
    axes.bar([place - 0.2 for place in places], estimated, 0.4, label="estimated")
    axes.bar([place + 0.2 for place in places], actual, 0.4, label="actual")
    axes.set_xticks(list(places), names)
    axes.set_ylabel("hours")
    axes.legend(frameon=False)


CHARTS: dict[str, tuple[str, Callable[[Axes, Rows], None]]] = {
    "burndown": ("Burn-down of a milestone", _burndown),
    "cumulative_flow": ("Cumulative flow", _cumulative_flow),
    "lead_time": ("Lead time by week", _lead_time),
    "overdue": ("Overdue by person", _overdue),
    "estimates": ("Estimated and actual hours by issue type", _estimates),
}
