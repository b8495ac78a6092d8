"""Forest plot of a Cox table: hazard ratios with limits on a logarithmic axis, their numbers beside them."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from host.stats.figures.page import COLOURS, GREY, page

WRAP = 34  # characters of a label's line
TICKS = (
    (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
    (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
    (0.01, 0.1, 1, 10, 100),
)
MOST_TICKS = 6
CLIP = 100.0  # limits beyond 1/100 or 100 become arrows


def draw_forest(result: dict[str, Any], path: Path) -> None:
    """Draw the table of ``cox_table`` to a .png, .svg or .pdf file: univariate and multivariate side by side.

    Raises:
        CohortError: the file cannot be written.
    """
    rows = result["univariate"]
    labels = [fill(_label(row), WRAP) for row in rows]
    lines = sum(1 + 0.35 * label.count("\n") for label in labels)
    with page(path, 11.0, 1.5 + 0.36 * lines, result["notes"]) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        bounds = [_finite(row) for kind in ("univariate", "multivariate") for row in result[kind]]
        flat = [value for pair in bounds for value in pair] + [0.5, 2.0]
        low, high = max(min(flat) / 1.2, 1 / CLIP), min(max(flat) * 1.2, CLIP)
        for axes, kind, index in ((left, "univariate", 0), (right, "multivariate", 1)):
            _panel(axes, result[kind], kind.capitalize(), COLOURS[index], low, high)
        left.set_yticks(range(len(rows)), labels)
        left.set_ylim(len(rows) - 0.4, -0.6)
        right.tick_params(labelleft=False)
        text = f"Hazard ratio ({100 * result['level']:g} % CI): below 1 fewer events"
        if any(row["method"] == "firth" for kind in ("univariate", "multivariate") for row in result[kind]):
            text += "\n* Firth's penalty: no maximum without it, or asked for"
        figure.supxlabel(text, fontsize=9)


def _label(row: dict[str, Any]) -> str:
    return (
        f"{row['term']}, per unit"
        if row["level"] is None
        else f"{row['term']}: {row['level']} vs {row['reference']}"
    )


def _finite(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(v for v in (row["hr"], row["lower"], row["upper"]) if math.isfinite(v) and v > 0)


def _panel(axes: Axes, rows: list[dict[str, Any]], title: str, colour: str, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.axvline(1, color=GREY, linewidth=0.8)
    beside = axes.get_yaxis_transform()
    for y, row in enumerate(rows):
        if y % 2 == 0:
            axes.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", zorder=0, linewidth=0)
        if not math.isfinite(row["hr"]):
            axes.text(1.03, y, "no estimate", transform=beside, va="center", fontsize=8, clip_on=False)
            continue
        lower = row["lower"] if math.isfinite(row["lower"]) else 0.0
        upper = row["upper"] if math.isfinite(row["upper"]) else math.inf
        axes.plot([max(lower, low), min(upper, high)], [y, y], color=colour, linewidth=1.4)
        for limit, edge, marker in ((lower, low, "<"), (upper, high, ">")):
            if (limit < edge) if marker == "<" else (limit > edge):
                axes.plot(edge, y, marker=marker, color=colour, markersize=5, clip_on=False)
        if low <= row["hr"] <= high:
            axes.plot(row["hr"], y, marker="s", color=colour, markersize=5.5)
        star = "*" if row["method"] == "firth" else ""
        numbers = f"{_number(row['hr'])} ({_number(row['lower'])}–{_number(row['upper'])}){star}"
        p = "P < 0.001" if row["p"] < 0.001 else f"P = {row['p']:.3f}"
        axes.text(1.03, y, f"{numbers}, {p}", transform=beside, va="center", fontsize=8, clip_on=False)
    ticks = next(seen for every in TICKS if len(seen := [t for t in every if low <= t <= high]) <= MOST_TICKS)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_title(title, loc="left", fontsize=10)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _number(value: float) -> str:
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞"
    if value >= 100:
        return f"{value:.0f}" if value < 1e6 else f"{value:.1e}"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"
