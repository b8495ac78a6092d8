"""Power against the number of events, for the hazard ratio planned and its neighbours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from host.stats.figures.page import GREY, page, style
from host.stats.power import power_of_events


def draw_power(result: dict[str, Any], path: Path) -> None:
    """Draw ``power.survival`` to a .png, .svg or .pdf file.

    Raises:
        CohortError: the file cannot be written.
    """
    hr, share = result["hr"], result["share_positive"]
    events = np.arange(4, max(2.5 * result["events"], 1.25 * result.get("events_expected", 0), 40))
    with page(path, 5.6, 3.8) as figure:
        axes = figure.subplots()
        for i, factor in enumerate((1.0, 1.25, 1.5)):
            # Nearer to no effect: what the study can find if the estimate was too good.
            value = hr ** (1 / factor)
            colour, dashes = style(i)
            curve = [power_of_events(float(n), value, share, alpha=result["alpha"]) for n in events]
            axes.plot(events, curve, color=colour, linestyle=dashes, label=f"HR {value:.2f}")
        axes.axhline(result["power"], color=GREY, linewidth=0.8)
        axes.axvline(result["events"], color=GREY, linestyle=":", linewidth=1)
        axes.annotate(
            f"{result['events']} events",
            (result["events"], 0.02),
            (3, 0),
            textcoords="offset points",
            fontsize=8,
        )
        if "events_expected" in result:
            axes.plot(result["events_expected"], result["power_reached"], "o", color="black")
            axes.annotate(
                f"{result['patients_planned']} patients",
                (result["events_expected"], result["power_reached"]),
                (-6, 5),
                textcoords="offset points",
                ha="right",
                fontsize=8,
                bbox={"color": "white", "pad": 1},
            )
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, float(events[-1]))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel("Events")
        axes.set_ylabel("Power")
        axes.legend(frameon=False, loc="lower right")
