"""The report of a calibration: what was measured and judged, as JSON and as a picture."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from host.calibration.beads import Calibration, Measured
from host.calibration.flat import FlatField
from host.calibration.frames import CHANNELS
from host.calibration.limits import Check
from host.calibration.spillover import Spillover

_COLOURS = ("#7f7f7f", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#d62728", "#8c564b", "#17becf")
_SIZE = (11.0, 4.6)


def checks_table(checks: tuple[Check, ...]) -> list[dict[str, Any]]:
    """Return checks as JSON has them; what is not finite is null."""
    return [
        {"name": check.name, "ok": bool(check.ok), "value": finite(check.value), "limit": check.limit}
        for check in checks
    ]


def finite(value: float) -> float | None:
    """Return the number with 6 digits, None for one that JSON cannot have."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def beads_table(found: Calibration) -> dict[str, Any]:
    """Return a bead calibration as JSON has it."""
    line = found.line
    return {
        "lot": found.lot.lot,
        "product": found.lot.product,
        "expires": found.lot.expires.isoformat(),
        "objects": found.objects,
        "left_out": found.left_out,
        "outliers": len(found.outliers),
        "levels": [_level(level) for level in found.levels],
        "line": {
            "mesf_um2_at_one_grey": finite(2.0**line.offset),
            "offset_log2": finite(line.offset),
            "offset_se": finite(line.offset_se),
            "slope": finite(line.slope),
            "slope_se": finite(line.slope_se),
            "standard_error_log2": finite(line.se),
            "r2": finite(line.r2),
            "low_mesf_um2": finite(line.low),
            "high_mesf_um2": finite(line.high),
        },
        "checks": checks_table(found.checks),
    }


def _level(level: Measured) -> dict[str, Any]:
    return {
        "name": level.level.name,
        "mesf_per_bead": level.level.mesf,
        "beads": len(level.beads),
        "area_um2": finite(level.area_um2),
        "grey": finite(level.net),
        "grey_se": finite(level.se),
        "cv": finite(level.cv),
        "mesf_um2": finite(level.mesf_um2),
        "residual": finite(level.residual),
    }


def write(table: dict[str, Any], figure: Figure, path: Path) -> tuple[Path, Path]:
    """Write ``path`` with .json and .png; return both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    of_json, of_png = path.with_name(path.name + ".json"), path.with_name(path.name + ".png")
    of_json.write_text(json.dumps(table, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    figure.savefig(of_png, dpi=120, metadata={"Software": None})
    return of_json, of_png


def beads_figure(found: Calibration, title: str) -> Figure:
    """Return the groups of beads, the line, and what each level lies off it."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    figure.suptitle(title, fontsize=11)
    groups, line, residuals = figure.subplots(1, 3, width_ratios=(1.2, 1.2, 0.8))
    _groups(groups, found)
    _line(line, found)
    _residuals(residuals, found)
    return figure


def _groups(axes: Axes, found: Calibration) -> None:
    everything = np.concatenate([level.beads for level in found.levels])
    edges = np.linspace(0.0, math.log2(max(float(everything.max()), 1.0) + 1.0) * 1.03, 70)
    for level, colour in zip(found.levels, _COLOURS, strict=False):
        label = f"{level.level.name}: {len(level.beads)} beads"
        axes.hist(np.log2(np.maximum(level.beads, 0.0) + 1.0), bins=edges.tolist(), color=colour, label=label)
    if len(found.outliers):
        outside = np.log2(np.maximum(found.outliers, 0.0) + 1.0)
        axes.hist(outside, bins=edges.tolist(), color="black", label=f"no level: {len(found.outliers)}")
    axes.set(xlabel="log2(HER2 grey levels + 1)", ylabel="beads", title="beads by level")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.45)
    axes.legend(fontsize=8, ncols=2, loc="upper left", frameon=False)


def _line(axes: Axes, found: Calibration) -> None:
    line, dyed = found.line, found.levels[1:]
    grey = np.array([level.net for level in dyed])
    axes.errorbar(
        grey,
        [level.mesf_um2 for level in dyed],
        xerr=[2.0 * level.se for level in dyed],
        yerr=[2.0 * level.level.uncertainty * level.mesf_um2 for level in dyed],
        fmt="o", color="black", markersize=4, capsize=2, label="levels, with 2 standard uncertainties",
    )  # fmt: skip
    along = np.geomspace(grey.min() / 1.5, grey.max() * 1.5, 50)
    text = f"MESF/um2 = {2.0**line.offset:.1f} x grey^{line.slope:.3f}\nR2 {line.r2:.5f}"
    axes.plot(along, 2.0**line.offset * along**line.slope, color="#d62728", linewidth=1, label=text)
    axes.set(xscale="log", yscale="log", xlabel="HER2 above blank, grey levels", ylabel="MESF per um2")
    axes.set_title("line")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", frameon=False)
    axes.set_ylim(top=axes.get_ylim()[1] * 2.5)


def _residuals(axes: Axes, found: Calibration) -> None:
    dyed = found.levels[1:]
    axes.bar([level.level.name for level in dyed], [level.residual for level in dyed], color="#1f77b4")
    limit = next(check for check in found.checks if check.name.startswith("residual"))
    reach = float(limit.limit.removeprefix("+-"))
    for side in (-reach, reach):
        axes.axhline(side, color="#d62728", linewidth=1, linestyle="--")
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(xlabel="level", title="assigned over line", ylim=(-1.6 * reach, 1.6 * reach))


def flat_table(found: FlatField) -> dict[str, Any]:
    """Return a flat field as JSON has it."""
    return {
        "frames": found.frames,
        "signal": {channel: finite(grey) for channel, grey in zip(CHANNELS, found.signal, strict=True)},
        "response": dict(zip(CHANNELS, np.round(found.response, 5).tolist(), strict=True)),
        "repeat_sd": dict(zip(CHANNELS, np.round(found.repeat, 6).tolist(), strict=True)),
        "checks": checks_table(found.checks),
    }


def flat_figure(found: FlatField, title: str) -> Figure:
    """Return the four maps of response."""
    figure = Figure(figsize=(11.0, 3.2), layout="constrained")
    figure.suptitle(title, fontsize=11)
    reach = max(float(np.abs(found.response - 1.0).max()), 0.02)
    for axes, channel, tiles in zip(figure.subplots(1, 4), CHANNELS, found.response, strict=True):
        image = axes.imshow(tiles, vmin=1.0 - reach, vmax=1.0 + reach, cmap="coolwarm")
        for (row, column), value in np.ndenumerate(tiles):
            axes.text(column, row, f"{value:.3f}", ha="center", va="center", fontsize=7)
        axes.set(title=channel, xticks=[], yticks=[])
    figure.colorbar(image, ax=figure.axes, shrink=0.8, label="response, mean 1")
    return figure


def spillover_table(found: Spillover) -> dict[str, Any]:
    """Return a spillover matrix as JSON has it: ``share[channel read][dye]``."""
    return {
        "cells": {dye: len(means) for dye, means in zip(CHANNELS, found.cells, strict=True)},
        "share": _named(found.share),
        "standard_uncertainty": _named(found.uncertainty),
        "checks": checks_table(found.checks),
    }


def _named(matrix: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, dict[str, float | None]]:
    return {
        channel: {dye: finite(value) for dye, value in zip(CHANNELS, row, strict=True)}
        for channel, row in zip(CHANNELS, matrix, strict=True)
    }


def spillover_figure(found: Spillover, title: str) -> Figure:
    """Return every dye's cells: its own channel across, the others up, with the slopes."""
    figure = Figure(figsize=(11.0, 3.4), layout="constrained")
    figure.suptitle(title, fontsize=11)
    for axes, (dye, name) in zip(figure.subplots(1, 4), enumerate(CHANNELS), strict=True):
        means = found.cells[dye]
        top = float(means[:, dye].max()) if len(means) else 1.0
        for channel, read in enumerate(CHANNELS):
            if channel == dye:
                continue
            colour, share = _COLOURS[1 + channel], found.share[channel, dye]
            axes.plot(means[:, dye], means[:, channel], ".", markersize=3, color=colour)
            label = f"{read} {100 * share:+.2f} %"
            axes.plot([0.0, top], [0.0, share * top], color=colour, linewidth=1, label=label)
        axes.set(xlabel=f"{name}, grey levels", title=f"{name} only")
        axes.set_ylim(top=axes.get_ylim()[1] * 1.6)
        axes.legend(fontsize=8, frameon=False, loc="upper left")
    figure.axes[0].set_ylabel("other channels, grey levels")
    return figure
