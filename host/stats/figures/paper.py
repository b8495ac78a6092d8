"""The misprints as a picture: events a line's limits need, beside the patients its groups have."""

from __future__ import annotations

from pathlib import Path

from matplotlib.lines import Line2D

from host.stats.figures.page import COLOURS, GREY, page
from host.stats.paper.models import LINES, fitted


def draw_paper(path: Path) -> None:
    """Draw the univariate lines whose groups the study counts to a .png, .svg or .pdf file.

    Raises:
        CohortError: the file cannot be written.
    """
    places = []
    for line in LINES:
        result = fitted(line)
        if (
            line.model != "univariate"
            or line.labels is None
            or line.compared is None
            or line.reference is None
        ):
            continue
        if result.compared is None or result.reference is None:
            continue
        places.append((f"{line.item}: {line.labels[0]}", line.compared, result.compared))
        places.append((f"{line.item}: {line.labels[1]}", line.reference, result.reference))
    places.reverse()
    with page(path, 6.8, 1.3 + 0.27 * len(places)) as figure:
        axes = figure.subplots()
        for row, (_, patients, events) in enumerate(places):
            too_many = events.low > patients
            colour = COLOURS[1] if too_many else COLOURS[0]
            axes.barh(row, patients, height=0.62, color="#dcdcdc")
            axes.plot(events.value, row, "D" if too_many else "o", color=colour, markersize=6)
            axes.annotate(
                f"{events.value:.1f} of {patients}",
                (max(events.value, patients), row),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color=colour if too_many else GREY,
                fontweight="bold" if too_many else None,
            )
        axes.set_yticks(range(len(places)), [name for name, _, _ in places], fontsize=8)
        axes.set_xlim(0, 68)
        axes.set_xlabel("Patients, and events implied by the printed hazard ratio and limits")
        handles = [
            Line2D(
                [], [], linestyle="", marker="s", markersize=8, color="#dcdcdc", label="patients in the group"
            ),
            Line2D([], [], linestyle="", marker="o", color=COLOURS[0], label="events needed"),
            Line2D([], [], linestyle="", marker="D", color=COLOURS[1], label="more than there are patients"),
        ]
        axes.legend(
            handles=handles, frameon=False, ncols=3, fontsize=8, loc="lower center", bbox_to_anchor=(0.4, 1.0)
        )
