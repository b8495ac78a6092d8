"""Rates of discordance with exact intervals, by subgroup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.ticker import PercentFormatter

from host.stats.figures.page import COLOURS, GREY, page


def draw_rates(result: dict[str, Any], path: Path) -> None:
    """Draw the rates of ``discordance`` to a .png, .svg or .pdf file; P values are Fisher's, as in the table.

    Raises:
        CohortError: the file cannot be written.
    """
    rows: list[tuple[str, dict[str, Any] | None]] = [("All patients", result["overall"])]
    for entry in result["comparisons"]:
        title = entry["by"]
        if entry["cut"] is not None:
            title += f", cut at {entry['cut']:g} {'year' if entry['cut'] == 1 else 'years'}"
        p = entry.get("p_fisher_holm") or entry["p_fisher"]
        corrected = " after Holm" if entry.get("p_fisher_holm") is not None else ""
        shown = (
            ""
            if p is None
            else f" (Fisher P < 0.001{corrected})"
            if p < 0.001
            else f" (Fisher P = {p:.3f}{corrected})"
        )
        rows.append((f"By {title}{shown}", None))
        rows += [(str(group["group"]), group) for group in entry["groups"]]
    with page(path, 6.6, 1.1 + 0.3 * len(rows), result["notes"]) as figure:
        axes = figure.subplots()
        for y, (label, rate) in enumerate(rows):
            if rate is None:  # a heading: its line has no point, so its words may stand there
                axes.text(
                    0.0, y, label, va="center", fontsize=8, color=GREY, bbox={"color": "white", "pad": 1}
                )
                continue
            axes.plot([rate["lower"], rate["upper"]], [y, y], color=COLOURS[0], linewidth=1.5)
            axes.plot(rate["rate"], y, "o", color=COLOURS[0], markersize=5.5)
            text = f"{rate['discordant']}/{rate['n']} ({100 * rate['rate']:.1f} %)"
            axes.text(1.03, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        axes.axvline(result["overall"]["rate"], color=GREY, linestyle="--", linewidth=0.8)
        axes.set_xlim(0, 1)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(*zip(*[(y, label) for y, (label, rate) in enumerate(rows) if rate], strict=True))
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.set_xlabel(f"Tissue and CTC status differ ({100 * result['level']:g} % exact CI)")
        axes.spines["left"].set_visible(False)
