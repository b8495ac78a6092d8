"""The study's Figure 2: Kaplan-Meier curves with dashed lines at the medians, confidence bands and numbers
at risk.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from host.stats.figures.page import GREY, page, style
from host.stats.km import KaplanMeier
from host.stats.kmtable import Curves


def draw_survival(result: dict[str, Any], curves: Curves, path: Path) -> None:
    """Draw the curves of ``km_table`` to a .png, .svg or .pdf file.

    Raises:
        CohortError: the file cannot be written.
    """
    count = len(curves.groups)
    with page(path, 6.6, 4.2 + 0.2 * count, result["notes"]) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[4.2, 0.35 + 0.2 * count])
        end = max(float(curve.times[-1]) for curve in curves.groups.values())
        upper.set_xlim(0, end * 1.02 if end > 0 else 1)
        for index, (name, curve) in enumerate(curves.groups.items()):
            _curve(upper, index, _label(name, result["groups"][index], curves.units), curve, curves)
        _medians(upper, result)
        upper.set_ylim(0, 1.02)
        upper.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        upper.set_ylabel(result["endpoint"])
        upper.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 3, 5, 6, 10]))
        upper.tick_params(labelbottom=True)
        upper.set_xlabel(f"Time ({curves.units})" if curves.units else "Time")
        title = result["group"]
        legend = upper.legend(title=title, loc="best", frameon=False, alignment="left")
        legend.get_title().set_fontweight("bold")
        if (test := result["logrank"]) is not None:
            p = "P < 0.0001" if test["p"] < 1e-4 else f"P = {test['p']:.4f}"
            upper.set_title(f"Log-rank {p}", loc="left", fontsize=9)
        _at_risk(lower, upper, curves)


def _label(name: str, group: dict[str, Any], units: str | None) -> str:
    def shown(value: float) -> str:
        return "not reached" if math.isinf(value) else f"{value:.1f}"

    unit = f" {units}" if units and math.isfinite(group["median"]) else ""
    limits = f"{shown(group['lower'])} to {shown(group['upper'])}"
    return (
        f"{name} ({group['events']} events in {group['n']})\nmedian {shown(group['median'])}{unit} ({limits})"
    )


def _curve(axes: Axes, index: int, label: str, curve: KaplanMeier, curves: Curves) -> None:
    colour, dashes = style(index)
    times = np.concatenate(([0.0], curve.times))
    survival = np.concatenate(([1.0], curve.survival))
    axes.step(
        times,
        survival,
        where="post",
        color=colour,
        linestyle=dashes,
        linewidth=1.6,
        label=label,
        clip_on=False,
    )
    low, high = curve.limits(curves.scale, curves.level)
    gone = curve.survival <= 0  # no limits there: the band ends where the last patient leaves
    keep = np.concatenate(([True], ~gone))
    edge = times[keep]
    if gone.any():
        edge = np.append(edge, times[~keep][0])
    bands = [np.concatenate(([1.0], side[~gone])) for side in (low, high)]
    if gone.any():
        bands = [np.append(side, side[-1]) for side in bands]
    axes.fill_between(edge, bands[0], bands[1], step="post", color=colour, alpha=0.13, linewidth=0)
    leaving = np.append(curve.at_risk[:-1] - curve.at_risk[1:], curve.at_risk[-1]) > curve.events
    axes.plot(
        curve.times[leaving],
        curve.survival[leaving],
        linestyle="none",
        marker="|",
        color=colour,
        markersize=6,
    )


def _medians(axes: Axes, result: dict[str, Any]) -> None:
    medians = [group["median"] for group in result["groups"] if math.isfinite(group["median"])]
    if not medians:
        return
    axes.hlines(0.5, 0, max(medians), color=GREY, linestyle="--", linewidth=0.8)
    for median in medians:
        axes.vlines(median, 0, 0.5, color=GREY, linestyle="--", linewidth=0.8)


def _at_risk(axes: Axes, above: Axes, curves: Curves) -> None:
    ticks = [tick for tick in above.get_xticks() if 0 <= tick <= above.get_xlim()[1]]
    axes.set_ylim(-len(curves.groups) + 0.3, 1.0)
    axes.text(
        0, 0.75, "Number at risk", transform=axes.get_yaxis_transform(), fontsize=8, va="center", color=GREY
    )
    axes.set_yticks([-i for i in range(len(curves.groups))], list(curves.groups))
    for index, curve in enumerate(curves.groups.values()):
        colour, _ = style(index)
        for tick, number in zip(ticks, curve.number_at_risk(ticks), strict=True):
            axes.text(
                tick, -index, str(number), ha="center", va="center", fontsize=8, color=colour, clip_on=False
            )
        axes.get_yticklabels()[index].set_color(colour)
    axes.tick_params(length=0, labelbottom=False)
    axes.tick_params(axis="y", pad=16)  # clear of the first numbers, which are centred on time 0
    for spine in axes.spines.values():
        spine.set_visible(False)
