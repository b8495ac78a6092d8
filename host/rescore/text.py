"""A rescored specimen for people."""

from __future__ import annotations

from typing import Any

from host import core
from host.rescore.analyse import GREY, Measured
from host.results.cells import CHANNELS, SCORES, as_dicts
from host.results.text import table

CELLS_SHOWN = 100


def as_table(measured: Measured, um_per_pixel: float) -> dict[str, Any]:
    """Return the result as one JSON object; the keys are those of a stored result where it has them."""
    return {
        "status": measured.status,
        "ctc": measured.ctc,
        "ctc_shown": measured.ctc_shown,
        "tally": dict(zip(SCORES, measured.tally, strict=True)),
        "rejected": measured.counts[core.TALLY_REJECTED],
        "leukocytes": measured.leukocytes,
        "rule": measured.rule,
        "interval": _interval(measured),
        "fields": measured.fields,
        "fields_planned": measured.fields_planned,
        "flags": measured.flags,
        "fault": measured.fault,
        "quality": measured.quality,
        "cells": as_dicts(measured.rows, um_per_pixel, _noise(measured)),
    }


def _noise(measured: Measured) -> dict[int, dict[str, float]]:
    """Return the width of the noise of each field and channel, grey levels."""
    return {
        field["field"]: {name: field[name]["noise"] / GREY for name in CHANNELS if name in field}
        for field in measured.quality
    }


def _interval(measured: Measured) -> list[float] | None:
    """Return the exact 95 % limits of the share that the rule looks at; None where there is no status."""
    part, whole, _, _ = core.share(measured.counts, measured.rule)
    if measured.fault or not whole:
        return None
    return [limit / core.INTERVAL_UNIT for limit in core.interval(part, whole)]


def describe(result: dict[str, Any]) -> str:
    """Return a result (``as_table``, with ``comparison`` where there is one) as text."""
    lines = [
        f"{'status':<12}{result['status']}",
        *([f"{'fault':<12}{result['fault']}"] if result["fault"] else []),
        f"{'CTC':<12}{result['ctc_shown']}",
        f"{'HER2':<12}" + ", ".join(f"{score}: {count}" for score, count in result["tally"].items()),
        f"{'rejected':<12}{result['rejected']}",
        f"{'leukocytes':<12}{result['leukocytes']}",
        f"{'fields':<12}{result['fields']} of {result['fields_planned']}",
        f"{'flags':<12}" + (", ".join(result["flags"]) or "-"),
    ]
    cells = sorted(result["cells"], key=lambda cell: (not cell["ctc"], cell["field"]))
    if cells:
        rows = [
            [
                str(cell["field"]),
                f"{cell['x_um']:.1f}",
                f"{cell['y_um']:.1f}",
                cell["score"] or "-",
                cell["rejected_by"] or "-",
                *(f"{cell[name]:.1f}" for name in CHANNELS),
                str(cell["her2_mesf_um2"]),
                f"{cell['area_um2']:.0f}",
            ]
            for cell in cells[:CELLS_SHOWN]
        ]
        titles = ["FIELD", "X um", "Y um", "HER2", "REJECTED BY", *CHANNELS, "MESF/um2", "um2"]
        lines += ["", table(titles, rows)]
        if len(cells) > CELLS_SHOWN:
            lines.append(f"... and {len(cells) - CELLS_SHOWN} more: --json has them all.")
    if "comparison" in result:
        lines += ["", *_comparison(result["comparison"])]
    return "\n".join(lines)


def _comparison(found: dict[str, Any]) -> list[str]:
    ctc, three = found["ctc"], found["three_plus"]
    rows = [
        [score, *(str(count) for count in counts)]
        for score, counts in zip(found["scores"], found["confusion"], strict=True)
    ]
    return [
        f"Against the truth ({found['rule']}):",
        f"{'CTC':<12}{ctc['matched']} of {ctc['true']} found, {ctc['found'] - ctc['matched']} false; "
        f"sensitivity {_percent(ctc['sensitivity'])}, precision {_percent(ctc['precision'])}",
        f"{'3+':<12}sensitivity {_percent(three['sensitivity'])}, "
        f"specificity {_percent(three['specificity'])}",
        f"{'kappa':<12}{_value(found['kappa'])}, quadratic weights {_value(found['kappa_quadratic'])}",
        f"{'missed':<12}" + _counts(found["missed"]),
        f"{'false':<12}" + _counts(found["false"]),
        "",
        table(["TRUTH", *found["scores"]], rows),
    ]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{what}: {n}" for what, n in counts.items()) or "none"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _value(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"
