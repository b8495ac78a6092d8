"""The evaluation as a Markdown page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from host.evaluate.limits import DETECTED, TOTAL_ERROR
from host.evaluate.specimen import GAP_LIMITS
from host.rescore.match import RADIUS_UM
from host.results.cells import SCORES

PICTURES = {
    "conditions.png": "Sensitivity and precision by condition",
    "confusion.png": "True score and score given",
    "her2.png": "True and measured HER2",
    "detection.png": "Few cells",
    "linearity.png": "Linearity",
    "nuclei.png": "Real nuclei",
}


def write(report: dict[str, Any], folder: Path) -> None:
    """Write ``report.json`` and ``report.md``.

    Raises:
        OSError: they cannot be written.
    """
    text = json.dumps(report, indent=1, allow_nan=False) + "\n"
    (folder / "report.json").write_text(text)
    (folder / "report.md").write_text(markdown(report))


def markdown(report: dict[str, Any]) -> str:
    """Return the report for people."""
    summary = report["summary"]
    parts = [_head(report), "## Figures", figures_table(report["figures"])]
    if report["nuclei_missing"]:
        parts.append(f"Not measured: {report['nuclei_missing']}")
    if summary["conditions"]:
        parts += ["## By condition", _conditions(summary["conditions"])]
        parts += ["Why CTCs were missed, and what was called CTC that is none:", _why(summary["conditions"])]
        realistic = summary["conditions"][0]
        parts += [f"## Scores, {realistic['name']}", _confusion(realistic["confusion"])]
    if any(row["sensitivity"]["whole"] for row in summary["gaps"]):
        parts += ["## Neighbours, realistic specimens", _gaps(summary["gaps"])]
    if summary["blanks"]:
        parts += ["## Blank specimens", _blanks(summary["blanks"])]
    if summary["detection"]:
        parts += ["## Few cells", _detection(summary["detection"])]
    if summary["linearity"]:
        parts += ["## Linearity", _linearity(summary["linearity"])]
    if report["nuclei"]:
        parts += ["## Real nuclei", _nuclei(report["nuclei"])]
    parts += ["## Pictures", *(f"![{PICTURES[name]}]({name})" for name in report["pictures"])]
    parts += ["## Methods", METHODS]
    if summary["failures"]:
        parts += ["## Examples of failures", _failures(summary["failures"])]
    return "\n\n".join(parts) + "\n"


METHODS = f"""\
- **Truth.** Every specimen is simulated (docs/specimens.md) and exposed by the model of the reader's camera.
  Nothing here is a patient's blood: the figures say how the measurement treats what it was shown.
- **Matching.** One to one within a field, as many pairs as possible and of those the least total distance,
  centres within {RADIUS_UM:g} um.
- **Sensitivity, precision.** CTCs found of the true ones; true ones of those found. CTCs of an INVALID run
  are missed. **3+**: a missed 3+ counts against sensitivity; a missed CTC of another score was not called 3+.
- **Kappa.** Of the CTCs that were found, four classes.
- **Intervals** are 95 %. Shares: Korn and Graubard, clustered by specimen; exact (Clopper-Pearson) where
  nothing, or everything, is an event, which takes cells as independent. Kappa and means: bootstrap of
  specimens; a mean of nothing at all: exact Poisson.
- **Limits** as CLSI EP17-A2 defines them, of the count alone. Blank: 95th percentile of blank specimens.
  Detection: the lowest level from which on {DETECTED:.0%} of specimens are above the limit of blank.
  Quantitation: the lowest level from which on the total error (root mean square) is within {TOTAL_ERROR:.0%}.
- **Linearity** as CLSI EP06: weighted least squares, weights 1 / (n + 1).
- **Neighbours** by the gap from rim to rim to the nearest other body: overlapping below
  {GAP_LIMITS[0]:g} um, touching below {GAP_LIMITS[1]:g}, near below {GAP_LIMITS[2]:g}, else alone.
- **hard** conditions lie outside what the reader is meant for; they stay in the table."""


def _head(report: dict[str, Any]) -> str:
    kind = (
        "Test seeds, made from the digest below: they did not exist before these settings did."
        if report["seeds"] == "test"
        else "**Tuning seeds: a trial, no evidence.** Settings may have been chosen on these very specimens."
    )
    share = (
        "" if report["share"] == 1.0 else f" Only {report['share']:.0%} of the specimens of each condition."
    )
    return f"""# How well the reader measures

Core {report["core"]}, gates `{report["gate_set"]}`, cut-offs `{report["cutoffs"]}`, \
{report["specimens"]} simulated specimens. {kind}{share}

Digest of core, settings and plan: `{report["lock"]}`"""


def figures_table(rows: list[dict[str, Any]]) -> str:
    """Return the issue's figures as a table."""
    lines = [
        [
            row["what"],
            _value(row["value"]),
            _interval(row),
            row["reach"],
            {True: "yes", False: "**no**", None: "-"}[row["reached"]],
        ]
        for row in rows
    ]
    return _table(["figure", "value", "95 %", "reach", "reached"], lines)


def _conditions(rows: list[dict[str, Any]]) -> str:
    lines = [
        [
            row["name"] + (" (hard)" if row["use"] == "hard" else ""),
            f"{row['specimens']}" + (f" ({row['invalid']} INVALID)" if row["invalid"] else ""),
            str(row["ctc"]),
            *(
                _both(row[key])
                for key in (
                    "sensitivity", "precision", "three_sensitivity", "three_specificity", "kappa_quadratic",
                    "status",
                )
            ),
        ]
        for row in rows
    ]  # fmt: skip
    titles = [
        "condition", "specimens", "CTCs", "sensitivity", "precision", "3+ sensitivity", "3+ specificity",
        "kappa, quadratic", "status as true",
    ]  # fmt: skip
    return _table(titles, lines)


def _why(rows: list[dict[str, Any]]) -> str:
    lines = [[row["name"], _counts(row["missed"]), _counts(row["false"])] for row in rows]
    return _table(["condition", "missed", "false"], lines)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{what} {n}" for what, n in counts.items()) or "-"


def _confusion(counts: list[list[int]]) -> str:
    lines = [[f"**{score}**", *(str(n) for n in row)] for score, row in zip(SCORES, counts, strict=True)]
    return _table(["true \\ given", *SCORES], lines)


def _gaps(rows: list[dict[str, Any]]) -> str:
    lines = [[row["gap"], f"{row['sensitivity']['whole']:.0f}", _both(row["sensitivity"])] for row in rows]
    return _table(["nearest neighbour", "CTCs", "sensitivity"], lines)


def _blanks(rows: list[dict[str, Any]]) -> str:
    lines = [
        [
            f"{row['leukocytes']:,}",
            f"{row['specimens']}" + (f" ({row['invalid']} INVALID)" if row["invalid"] else ""),
            _both(row["false_ctc"], 4),
            _both(row["false_three"], 4),
            _both(row["false_positive"], 4),
            _value(row["limit_of_blank"]),
            _counts(row["false"]),
        ]
        for row in rows
    ]
    titles = [
        "leukocytes", "specimens", "false CTCs each", "false 3+ each", "called POSITIVE", "limit of blank",
        "what they are",
    ]  # fmt: skip
    return _table(titles, lines)


def _detection(detection: dict[str, Any]) -> str:
    lines = [
        [
            str(row["ctc"]),
            str(row["specimens"]),
            _both(row["recovered"]),
            _both(row["detected"]) if row["detected"] else "-",
            f"{row['total_error']:.3f}",
        ]
        for row in detection["levels"]
    ]
    table = _table(["CTCs", "specimens", "cells found", "specimens above blank", "total error"], lines)
    return (
        f"{table}\n\nLimit of blank {_value(detection['limit_of_blank'])}, of detection "
        f"{_value(detection['limit_of_detection'])}, of quantitation "
        f"{_value(detection['limit_of_quantitation'])} CTCs in a specimen."
    )


def _linearity(line: dict[str, Any]) -> str:
    lines = [
        [
            str(row["true"]),
            str(row["replicates"]),
            f"{row['found']:.1f}",
            "-" if row["deviation"] is None else f"{100 * row['deviation']:+.1f} %",
            "-" if row["from_line"] is None else f"{100 * row['from_line']:+.1f} %",
        ]
        for row in line["levels"]
    ]
    table = _table(["CTCs", "specimens", "found", "off the truth", "off the line"], lines)
    invalid = ""
    if line["invalid"]:
        listed = ", ".join(f"{n} at {level}" for level, n in line["invalid"].items())
        invalid = f" INVALID and left out: {listed}."
    above = line["above"]
    return (
        f"{table}\n\nFound = {line['intercept']:.3f} + {line['slope']:.4f} x true.{invalid} Above the range: "
        f"{above['shown_as_above']} of {above['specimens']} shown as such, {above['invalid']} INVALID."
    )


def _nuclei(nuclei: dict[str, Any]) -> str:
    return (
        f"`img2d.tif` of the package stardist, {nuclei['drawn']} nuclei drawn by hand, brought to the "
        f"reader's scale by the factor {nuclei['scale']:.3f} (median nucleus {nuclei['median_um']:g} um): "
        f"{nuclei['found']} found, {nuclei['matched']} with IoU above {nuclei['iou']:g}; "
        f"F1 {nuclei['f1']:.3f}."
    )


def _failures(failures: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    lines = [
        [
            condition,
            reason,
            "; ".join(
                f"{one['seed']} on {one['reader']}"
                + (f", field {one['field']} at {one['x_um']}, {one['y_um']} um" if "field" in one else "")
                for one in examples
            ),
        ]
        for condition, reasons in failures.items()
        for reason, examples in reasons.items()
    ]
    return _table(["condition", "what", "seed and place"], lines)


def _both(estimate: dict[str, Any], digits: int = 3) -> str:
    value = estimate["value"]
    if value is None:
        return "-"
    return f"{_value(value, digits)} {_interval(estimate, digits)}".strip()


def _interval(row: dict[str, Any], digits: int = 3) -> str:
    if row["lower"] is None or row["upper"] is None:
        return ""
    return f"({row['lower']:.{digits}f}-{row['upper']:.{digits}f})"


def _value(value: Any, digits: int = 3) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
