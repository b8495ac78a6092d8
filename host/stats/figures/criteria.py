"""The patient rules side by side: how many are positive, hazard ratio and concordance along the cut-off."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from host.stats.figures.page import COLOURS, GREY, page

MARKS = ("o", "s", "^")
STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def draw_criteria(result: dict[str, Any], path: Path, label: str = "") -> None:
    """Draw ``Criteria.to_json()`` to a .png, .svg or .pdf file; ``label`` stands above (for simulated data).

    Raises:
        CohortError: the file cannot be written.
    """
    with page(path, 7.2, 7.4) as figure:
        axes = figure.subplots(3, 2, sharex="col", width_ratios=[4.0, 2.1])
        title = f"{result['patients']} patients with CTCs, {result['events']} events"
        figure.suptitle(
            f"{label}: {title}" if label else title, fontsize=10, fontweight="bold" if label else None
        )
        sweep = [one for one in result["sweep"] if one["cut"] < 100]
        _share(axes[0], sweep, result)
        _hazard(axes[1], sweep, result)
        _concordance(axes[2], sweep, result)
        selection = result["selection"]
        for row in axes:
            row[0].axvline(30, color=GREY, linestyle=":", linewidth=1)
            row[1].spines["left"].set_visible(False)
            row[1].tick_params(left=False, labelleft=False)
            row[1].set_ylim(row[0].get_ylim())
        if selection is not None:
            axes[1][0].set_title(
                f"Largest log-rank at > {selection['cut']} %: permutation P = {selection['p']:.4f}",
                loc="right",
                fontsize=8,
            )
        axes[2][0].set_xlabel("Cut-off: positive if more than this share of CTCs scores 3+")
        axes[2][0].xaxis.set_major_formatter(PercentFormatter(100, decimals=0, symbol=" %"))
        axes[2][0].set_xlim(-1, 100)
        names = [fill(one["text"].replace(" of CTCs", ""), 10) for one in result["rules"]]
        axes[2][1].set_xticks(range(len(names)), names, fontsize=8)
        axes[2][1].set_xlim(-0.5, len(names) - 0.5)


def _points(axes: Axes, result: dict[str, Any], middle: str, low: str | None, high: str | None) -> None:
    for i, one in enumerate(result["rules"]):
        if one[middle] is None:
            axes.annotate("none", (i, 0.5), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
            continue
        colour = COLOURS[i]
        if low is not None and high is not None and one[low] is not None and one[high] is not None:
            axes.plot([i, i], [one[low], one[high]], color=colour, linewidth=1.4)
        axes.plot(i, one[middle], MARKS[i], color=colour, markersize=6)


def _share(axes: Any, sweep: list[dict[str, Any]], result: dict[str, Any]) -> None:
    total = result["patients"]
    cuts = [one["cut"] for one in sweep]
    axes[0].step(cuts, [100 * one["positive"] / total for one in sweep], where="post", color=COLOURS[0])
    axes[0].set_ylim(0, 100)
    axes[0].yaxis.set_major_formatter(PercentFormatter(100, decimals=0, symbol=" %"))
    axes[0].set_ylabel("Patients positive")
    axes[0].annotate("the reader's rule", (30.8, 93), color=GREY, fontsize=8)
    for i, one in enumerate(result["rules"]):
        axes[1].plot(i, 100 * one["positive"] / total, MARKS[i], color=COLOURS[i], markersize=6)
        axes[1].annotate(
            str(one["positive"]),
            (i, 100 * one["positive"] / total),
            (0, 7),
            textcoords="offset points",
            ha="center",
        )


def _band(axes: Axes, sweep: list[dict[str, Any]], middle: str, low: str, high: str) -> None:
    def column(name: str) -> Any:
        return np.array([np.nan if one[name] is None else one[name] for one in sweep], dtype=float)

    cuts = np.array([one["cut"] for one in sweep], dtype=float)
    axes.fill_between(cuts, column(low), column(high), step="post", color=COLOURS[0], alpha=0.18, linewidth=0)
    axes.step(cuts, column(middle), where="post", color=COLOURS[0])


def _hazard(axes: Any, sweep: list[dict[str, Any]], result: dict[str, Any]) -> None:
    _band(axes[0], sweep, "hr", "lower", "upper")
    _points(axes[1], result, "hr", "lower", "upper")
    for one in axes:
        one.set_yscale("log")
        one.axhline(1, color=GREY, linewidth=0.8)
    seen = [one[key] for one in (*sweep, *result["rules"]) for key in ("lower", "upper") if one[key]]
    if seen:
        axes[0].set_ylim(max(0.02, min(seen) * 0.9), min(20, max(seen) * 1.1))
    axes[0].yaxis.set_major_locator(FixedLocator(STEPS))
    axes[0].yaxis.set_minor_locator(NullLocator())
    axes[1].yaxis.set_minor_locator(NullLocator())
    axes[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[0].set_ylabel(
        "Hazard ratio, positive\nagainst negative (95 % CI)" if result["level"] == 0.95 else "Hazard ratio"
    )


def _concordance(axes: Any, sweep: list[dict[str, Any]], result: dict[str, Any]) -> None:
    corrected = result["bootstrap"] > 0
    middle = "c_corrected" if corrected else "c"
    _band(axes[0], sweep, middle, "c_lower", "c_upper")
    _points(axes[1], result, middle, "c_lower", "c_upper")
    for one in axes:
        one.axhline(0.5, color=GREY, linewidth=0.8)
    seen = [
        one[key] for one in (*sweep, *result["rules"]) for key in (middle, "c_lower", "c_upper") if one[key]
    ]
    axes[0].set_ylim(min([0.48, *seen]) - 0.02, max([0.6, *seen]) + 0.02)
    axes[0].set_ylabel("Concordance,\noptimism-corrected" if corrected else "Concordance")
