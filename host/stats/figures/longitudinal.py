"""Draws over time: every patient a line, and one patient in detail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from scipy import stats

from host.stats.errors import CohortError
from host.stats.figures.page import COLOURS, GREY, page
from host.stats.followup import FollowUp
from host.stats.longitudinal import Draws
from host.stats.rules import NEGATIVE, NO_CTC, POSITIVE, SHIPPED

LOOK = {POSITIVE: (COLOURS[1], "o"), NEGATIVE: (COLOURS[0], "s"), NO_CTC: ("white", "D")}
MOST_LINES = 300
SCORES = ("0", "1+", "2+", "3+")
GREYS = ("#d9d9d9", "#a6a6a6", "#6f6f6f", COLOURS[1])


def _size(ctcs: int) -> float:
    """Marker area by count: on a log scale, so that 300 CTCs do not hide their neighbours."""
    return 14 + 16 * float(np.log10(max(ctcs, 1)))


def draw_patients(draws: Draws, follow_up: FollowUp, names: list[str], path: Path, label: str = "") -> None:
    """Draw a line per patient up to event or last visit, with the status at each draw.

    The longest follow-up is on top.

    Args:
        draws: joined with the cohort.
        follow_up: of the cohort; patients without it, or without draws, are left out.
        names: of the patients [n].
        label: stands above, for simulated data.

    Raises:
        CohortError: more patients than a figure shows, or the file cannot be written.
    """
    shown = [i for i in np.unique(draws.patient) if follow_up.known[i]]
    shown.sort(key=lambda i: follow_up.time[i])
    if len(shown) > MOST_LINES:
        raise CohortError(
            f"{len(shown)} lines are too many for one figure: choose up to {MOST_LINES} with --where."
        )
    with page(path, 6.8, 1.6 + 0.13 * len(shown)) as figure:
        axes = figure.subplots()
        rows = np.arange(len(shown))
        ends = follow_up.time[shown]
        died = follow_up.event[shown] == 1
        axes.hlines(rows, 0, ends, color="#c8c8c8", linewidth=1.2, zorder=1)
        axes.plot(ends[died], rows[died], "x", color="black", markersize=4.5, zorder=3)
        axes.plot(ends[~died], rows[~died], ">", color=GREY, markersize=3.5, zorder=3)
        row_of = {i: row for row, i in enumerate(shown)}
        for status, (colour, mark) in LOOK.items():
            own = [d for d in np.flatnonzero(draws.status == status) if draws.patient[d] in row_of]
            axes.scatter(
                draws.month[own],
                [row_of[draws.patient[d]] for d in own],
                s=[_size(int(draws.tally[d].sum())) for d in own],
                marker=mark,
                facecolor=colour,
                edgecolor=GREY if colour == "white" else colour,
                linewidth=0.8,
                zorder=2,
            )
        axes.set_yticks(range(len(shown)), [names[i] for i in shown], fontsize=6)
        axes.set_ylim(-1, len(shown))
        axes.set_xlim(left=-0.25)
        axes.set_xlabel(f"Time ({follow_up.units})" if follow_up.units else "Time")
        handles = [
            Line2D(
                [], [], linestyle="", marker=mark, markerfacecolor=colour, markeredgecolor=GREY, label=status
            )
            for status, (colour, mark) in LOOK.items()
        ]
        handles.append(Line2D([], [], linestyle="", marker="x", color="black", label="event"))
        handles.append(Line2D([], [], linestyle="", marker=">", color=GREY, label="no event so far"))
        axes.legend(
            handles=handles, loc="lower right", frameon=False, title="CTC HER2 (size: number of CTCs)"
        )
        if label:
            axes.set_title(label, fontweight="bold")


def draw_patient(
    draws: Draws, follow_up: FollowUp, patient: int, name: str, path: Path, label: str = ""
) -> None:
    """Draw one patient: CTCs by score, and the share at 3+ with its exact 95 % interval against the rule.

    Raises:
        CohortError: the file cannot be written.
    """
    own = np.flatnonzero(draws.patient == patient)
    months, tally = draws.month[own], draws.tally[own]
    end, event = float(follow_up.time[patient]), bool(follow_up.event[patient])
    with page(path, 6.4, 5.2) as figure:
        figure.suptitle(
            f"{label}: patient {name}" if label else f"Patient {name}", fontweight="bold", fontsize=10
        )
        upper, lower = figure.subplots(2, 1, sharex=True)
        _counts(upper, months, tally, end)
        _shares(lower, months, tally, draws.status[own])
        for axes in (upper, lower):
            axes.axvline(end, color="black", linestyle="-" if event else ":", linewidth=1)
        upper.annotate(
            "event" if event else "last visit, no event",
            (end, 1.0),
            (-3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8,
        )
        lower.set_xlim(-0.06 * end, end * 1.06)
        lower.set_xlabel(f"Time ({follow_up.units})" if follow_up.units else "Time")


def _counts(axes: Axes, months: np.ndarray, tally: np.ndarray, end: float) -> None:
    steps = np.diff(months)
    width = 0.22 * (float(steps.min()) if steps.size else end / 8)
    below = np.zeros(len(months))
    for score in range(4):
        axes.bar(months, tally[:, score], width, bottom=below, color=GREYS[score], label=SCORES[score])
        below += tally[:, score]
    for month, total in zip(months, below, strict=True):
        text = f"{int(total)}" if total else "no CTC"
        axes.annotate(text, (month, total), (0, 2), textcoords="offset points", ha="center", fontsize=8)
    axes.set_ylim(0, max(1.0, float(below.max())) * 1.25)
    axes.set_ylabel("CTCs")
    axes.legend(
        title="HER2 score", frameon=False, ncols=4, loc="lower right", bbox_to_anchor=(1, 1.0), fontsize=8
    )


def _shares(axes: Axes, months: np.ndarray, tally: np.ndarray, statuses: np.ndarray) -> None:
    axes.axhline(30, color=GREY, linestyle=":", linewidth=1)
    for month, counts, status in zip(months, tally, statuses, strict=True):
        total, three = int(counts.sum()), int(counts[3])
        colour, mark = LOOK[str(status)]
        if total == 0:
            axes.annotate(
                "no status", (month, 3), rotation=90, ha="center", va="bottom", fontsize=8, color=GREY
            )
            continue
        found = stats.binomtest(three, total).proportion_ci(0.95)
        axes.plot([month, month], [100 * found.low, 100 * found.high], color=colour, linewidth=1.4)
        axes.plot(month, 100 * three / total, mark, color=colour, markersize=6)
    axes.set_ylim(-3, 103)
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0, symbol=" %"))
    axes.set_ylabel("CTCs at 3+\n(exact 95 % interval)")
    handles = [
        Line2D([], [], linestyle="", marker=LOOK[status][1], color=LOOK[status][0], label=status)
        for status in (POSITIVE, NEGATIVE)
    ]
    handles.append(Line2D([], [], linestyle=":", color=GREY, label=f"rule: {SHIPPED.text}"))
    axes.legend(
        handles=handles, frameon=False, loc="lower right", bbox_to_anchor=(1, 1.0), fontsize=8, ncols=3
    )


def draw_landmarks(
    found: list[dict[str, object]], path: Path, label: str = "", units: str | None = None
) -> None:
    """Draw the hazard ratio, positive against negative, at each landmark with the patients behind it.

    Raises:
        CohortError: the file cannot be written.
    """
    with page(path, 6.0, 1.4 + 0.5 * len(found)) as figure:
        axes = figure.subplots()
        for row, one in enumerate(reversed(found)):
            hr, low, high = one["hr"], one["lower"], one["upper"]
            if isinstance(hr, float):
                left = low if isinstance(low, float) else 0.05
                right = high if isinstance(high, float) else 20.0
                axes.plot([left, right], [row, row], color=COLOURS[0], linewidth=1.4)
                axes.plot(hr, row, "s", color=COLOURS[0], markersize=6)
                shown = f"{hr:.2f} ({left:.2f}–{right:.2f})"
                axes.text(1.02, row, shown, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
            else:
                axes.annotate(str(one["note"]), (1, row), ha="center", va="bottom", fontsize=8)
        ticks = []
        for one in reversed(found):
            sizes = {group["status"]: group for group in one["groups"]}  # type: ignore[attr-defined]
            parts = [f"{sizes[s]['events']}/{sizes[s]['n']}" for s in (POSITIVE, NEGATIVE)]
            ticks.append(f"{one['at']:g} {units or ''}\n{parts[0]} pos., {parts[1]} neg.")
        axes.set_yticks(range(len(found)), ticks)
        axes.set_ylim(-0.6, len(found) - 0.4)
        axes.set_xscale("log")
        axes.axvline(1, color=GREY, linewidth=0.8)
        axes.xaxis.set_major_locator(FixedLocator((0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel("Hazard ratio from the landmark on\n(below 1: CTC HER2-positive patients do better)")
        axes.set_ylabel("Landmark, events/patients")
        if label:
            axes.set_title(label, fontweight="bold")
