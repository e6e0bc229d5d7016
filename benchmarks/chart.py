"""Draw the result of ``make bench`` as a bar chart; needs matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def main(result: str, picture: str) -> None:
    """Draw CPU seconds by name."""
    cpu: dict[str, float] = json.loads(Path(result).read_text())
    names = list(cpu)[::-1]
    figure, axes = plt.subplots(figsize=(8, 3.2))
    colours = ["#42ce9f" if name == "tap-backlog" else "#b5bec6" for name in names]
    bars = axes.barh(names, [cpu[name] for name in names], color=colours)
    axes.bar_label(bars, fmt="%.1f s", padding=4)
    axes.set_title("CPU to read the same issues (less is better)", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:3])
