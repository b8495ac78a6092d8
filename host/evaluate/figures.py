"""The report's pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from host.evaluate.nuclei import Nuclei
from host.results.cells import SCORES
from host.stats.figures.page import COLOURS, GREY, page

CUT_OFFS = (900.0, 2700.0, 7000.0)


def draw(
    summary: dict[str, Any],
    her2: dict[str, NDArray[np.float64]],
    cut_offs: tuple[float, ...],
    nuclei: Nuclei | None,
    folder: Path,
) -> list[str]:
    """Write the pictures that the summary has data for; return their file names.

    Args:
        summary: of ``summary.summarise``.
        her2: true and measured HER2 by condition, MESF per um2.
        cut_offs: of the scores, MESF per um2.
        nuclei: on the real image, if there is one.
        folder: where to.

    Raises:
        CohortError: a file cannot be written.
    """
    written = []
    if summary["conditions"]:
        _conditions(summary["conditions"], folder / "conditions.png")
        written.append("conditions.png")
        _confusion(summary["conditions"][0], folder / "confusion.png")
        written.append("confusion.png")
    if any(len(points) for points in her2.values()):
        _her2(her2, cut_offs, folder / "her2.png")
        written.append("her2.png")
    if summary["detection"]:
        _detection(summary["detection"], folder / "detection.png")
        written.append("detection.png")
    if summary["linearity"]:
        _linearity(summary["linearity"], folder / "linearity.png")
        written.append("linearity.png")
    if nuclei is not None:
        _nuclei(nuclei, folder / "nuclei.png")
        written.append("nuclei.png")
    return written


def _conditions(rows: list[dict[str, Any]], path: Path) -> None:
    """Sensitivity and precision of every condition with intervals."""
    with page(path, 8.0, 0.9 + 0.22 * len(rows)) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, key, what, limit in (
            (left, "sensitivity", "sensitivity", 0.99),
            (right, "precision", "precision", 0.97),
        ):
            for at, row in enumerate(rows):
                _bar(axes, row[key], at, COLOURS[1] if row["use"] == "hard" else COLOURS[0])
            axes.axvline(limit, color=GREY, lw=0.8, ls=":")
            axes.set_xlabel(f"{what} of CTCs, 95 % interval")
            axes.set_xlim(-0.02, 1.02)
        left.set_yticks(range(len(rows)), [row["name"] for row in rows])
        left.invert_yaxis()
        left.plot([], [], "o", color=COLOURS[0], ms=4, label="meant for")
        left.plot([], [], "o", color=COLOURS[1], ms=4, label="hard")
        left.legend(loc="upper left", fontsize=7)


def _bar(axes: Axes, estimate: dict[str, Any], at: float, colour: str) -> None:
    value, lower, upper = estimate["value"], estimate["lower"], estimate["upper"]
    if value is None:
        axes.text(0.5, at, "none found", fontsize=6, va="center", ha="center", color=GREY)
        return
    if lower is not None and upper is not None:
        axes.plot([lower, upper], [at, at], color=colour, lw=1.2)
    axes.plot([value], [at], "o", color=colour, ms=3.5)


def _confusion(row: dict[str, Any], path: Path) -> None:
    counts = np.array(row["confusion"], np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with page(path, 4.2, 3.8) as figure:
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for i in range(len(SCORES)):
            for j in range(len(SCORES)):
                axes.text(
                    j, i, f"{counts[i, j]:.0f}", ha="center", va="center",
                    color="white" if shares[i, j] > 0.5 else "black",
                )  # fmt: skip
        axes.set_xticks(range(len(SCORES)), SCORES)
        axes.set_yticks(range(len(SCORES)), SCORES)
        axes.set_xlabel("score given")
        axes.set_ylabel("true score")
        axes.set_title(f"{row['name']}: CTCs found, colour by row", fontsize=9)


def _her2(her2: dict[str, NDArray[np.float64]], cut_offs: tuple[float, ...], path: Path) -> None:
    with page(path, 4.6, 4.4) as figure:
        axes = figure.subplots()
        for index, (name, points) in enumerate(her2.items()):
            if not len(points):
                continue
            shown = np.maximum(points, 30.0)
            axes.loglog(shown[:, 0], shown[:, 1], ".", ms=2.5, color=COLOURS[index], alpha=0.5, label=name)
        ends = np.array([100.0, 25000.0])
        axes.loglog(ends, ends, color=GREY, lw=0.8)
        for cut in cut_offs:
            axes.axvline(cut, color=GREY, lw=0.6, ls=":")
            axes.axhline(cut, color=GREY, lw=0.6, ls=":")
        axes.set_xlabel("true HER2, MESF per um$^2$")
        axes.set_ylabel("measured HER2, MESF per um$^2$ (30: that or less)")
        axes.legend(fontsize=7, markerscale=4)


def _detection(detection: dict[str, Any], path: Path) -> None:
    rows = detection["levels"]
    levels = [row["ctc"] for row in rows]
    with page(path, 6.0, 3.2) as figure:
        axes = figure.subplots()
        for index, (key, name) in enumerate((("recovered", "cells found"), ("detected", "above blank"))):
            shift = 0.12 * (index * 2 - 1)
            for row in rows:
                if row[key]:
                    estimate, at = row[key], row["ctc"] + shift
                    axes.plot([at, at], [estimate["lower"], estimate["upper"]], color=COLOURS[index], lw=1.2)
            values = [row[key]["value"] if row[key] else np.nan for row in rows]
            axes.plot(
                np.array(levels) + shift, values, "o-", color=COLOURS[index], ms=3.5, lw=0.8, label=name
            )
        axes.axhline(0.97, color=GREY, lw=0.8, ls=":")
        axes.set_xticks(levels)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel("CTCs in the specimen")
        axes.set_ylabel("share, 95 % interval")
        axes.legend(loc="lower right", fontsize=8)


def _linearity(line: dict[str, Any], path: Path) -> None:
    points = np.array(line["points"], np.float64)
    with page(path, 7.0, 3.2) as figure:
        left, right = figure.subplots(1, 2)
        left.plot(points[:, 0], points[:, 1], ".", color=COLOURS[0], ms=4)
        ends = np.array([0.0, points[:, 0].max()])
        left.plot(ends, ends, color=GREY, lw=0.8, label="truth")
        left.plot(
            ends, line["intercept"] + line["slope"] * ends, color=COLOURS[1], lw=1,
            label=f"found = {line['slope']:.4f} x {line['intercept']:+.2f}",
        )  # fmt: skip
        left.set_xlabel("CTCs in the specimen")
        left.set_ylabel("CTCs found")
        left.legend(fontsize=8)
        rows = [row for row in line["levels"] if row["true"]]
        right.plot([row["true"] for row in rows], [100 * row["deviation"] for row in rows], "o-",
                   color=COLOURS[0], ms=3.5, lw=0.8)  # fmt: skip
        right.axhspan(-5, 5, color=GREY, alpha=0.12, lw=0)
        right.axhline(0, color=GREY, lw=0.8)
        right.set_xlabel("CTCs in the specimen")
        right.set_ylabel("mean off the truth, %")


def _nuclei(nuclei: Nuclei, path: Path) -> None:
    with page(path, 6.0, 6.2) as figure:
        axes = figure.subplots()
        axes.imshow(nuclei.image, cmap="gray", vmin=0, vmax=240, interpolation="nearest")
        for labels, colour in ((nuclei.drawn, COLOURS[2]), (nuclei.found, COLOURS[1])):
            for label in np.unique(labels[labels > 0]):
                axes.contour(labels == label, levels=[0.5], colors=[colour], linewidths=0.7)
        axes.plot([], [], color=COLOURS[2], label="drawn by hand")
        axes.plot([], [], color=COLOURS[1], label="found by the core")
        axes.legend(loc="upper right", fontsize=7)
        axes.set_axis_off()
        axes.set_title(f"real nuclei at 1 um per pixel: F1 {nuclei.f1:.3f} at IoU 0.5", fontsize=9)
