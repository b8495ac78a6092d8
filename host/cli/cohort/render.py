"""Results for people and for machines: aligned tables, numbers as journals print them, and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import click
import numpy as np


def clean(value: Any) -> Any:
    """Return a value JSON can hold: NumPy's types as Python's, and null where there is no finite number."""
    if isinstance(value, dict):
        return {str(key): clean(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(part) for part in value]
    if isinstance(value, np.ndarray):
        return clean(value.tolist())
    if isinstance(value, np.generic):
        return clean(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def emit(as_json: bool, result: dict[str, Any], text: str) -> None:
    """Print one result, full precision for machines."""
    click.echo(json.dumps(clean(result), allow_nan=False, ensure_ascii=False) if as_json else text)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with fixed decimals, large ones without; "-" where there is none."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "not reached" if value > 0 else "0"
    if abs(value) >= 1000:
        return f"{value:.0f}" if abs(value) < 1e6 else f"{value:.1e}"
    return f"{value:.{digits}f}"


def p_value(value: float | None) -> str:
    """Return a P value: four decimals, never 0."""
    if value is None or math.isnan(value):
        return "-"
    return "<0.0001" if value < 0.0001 else f"{value:.4f}"


def interval(lower: float | None, upper: float | None, digits: int = 3) -> str:
    """Return "lower to upper"."""
    return f"{number(lower, digits)} to {number(upper, digits)}"


def ratio(row: dict[str, Any], key: str = "hr") -> str:
    """Return a hazard ratio and its limits as journals print them, "1.854 (1.015–3.454)"."""
    return f"{number(row[key])} ({number(row['lower'])}–{number(row['upper'])})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Return aligned columns, the first ``left`` to the left and the others to the right, under a rule."""
    body = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in [list(header), *body]) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [
            c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "-" * (sum(widths) + 2 * (len(widths) - 1)), *map(line, body)])


def notes(lines: Sequence[str]) -> str:
    """Return the notes under a table."""
    return "".join(f"\nNote: {line}" for line in lines)
