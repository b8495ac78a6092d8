"""What the figures have in common: no screen needed, the same bytes every time, colours everybody can tell
apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from host.stats.data import SIMULATED
from host.stats.errors import CohortError

# Okabe and Ito, Color Universal Design (2008), without yellow; with line styles for prints without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
STYLES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)))
GREY = "#555555"
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "ctc-reader",  # else element ids differ from run to run
    "svg.fonttype": "none",
    "pdf.fonttype": 42,  # TrueType: text stays text
}


@contextmanager
def page(path: Path, width: float, height: float, notes: Sequence[str] = ()) -> Iterator[Figure]:
    """Yield an empty figure of this size in inches; write it when the drawing is done.

    ``notes`` are those of the cohort: simulated data are called so in the figure's corner.

    Raises:
        CohortError: the file cannot be written.
    """
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        if any(note.startswith(SIMULATED) for note in notes):
            figure.get_layout_engine().set(rect=(0, 0, 1, 0.96))  # type: ignore[call-arg, union-attr]
            figure.text(0.995, 0.99, SIMULATED, ha="right", va="top", fontweight="bold", color=COLOURS[1])
        suffix = path.suffix.lower().lstrip(".")
        stamp = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}}.get(suffix)
        try:
            figure.savefig(path, format=suffix, dpi=200, metadata=stamp)
        except OSError as why:
            raise CohortError(f"{path} cannot be written ({why.strerror}): choose another place.") from None


def style(index: int) -> tuple[str, object]:
    """Return colour and line style of the index-th group."""
    return COLOURS[index % len(COLOURS)], STYLES[index % len(STYLES)]
