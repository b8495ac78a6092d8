"""Results for people: plain text, safe to print."""

from __future__ import annotations

from collections.abc import Sequence

from host.results.cells import CHANNELS, SCORES
from host.results.record import Record


def shown(value: object) -> str:
    """Return a value as text in which nothing can move a terminal's cursor; ``-`` for None."""
    text = "-" if value is None else str(value)
    return "".join(character if character.isprintable() else "?" for character in text)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in aligned columns under their titles."""
    lines = [titles, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def describe(record: Record) -> str:
    """Return a result and its objects, CTCs first.

    The share of 3+ is given as counts: rounded, it could seem to be on the other side of the rule's 30 %.
    """
    facts = {
        "status": record.status,
        "fault": record.fault,
        "sample": record.sample,
        "rule": record.rule,
        "CTC": record.ctc,
        "HER2": ", ".join(f"{score}: {count}" for score, count in zip(SCORES, record.tally, strict=True)),
        "3+": f"{record.tally[3]} of {record.ctc}",
        "flags": ", ".join(record.flags),
        "fields": f"{record.fields} of {record.fields_planned}",
        "kind": record.kind,
        "utc": record.utc,
        "reader": record.reader,
        "sequence": record.sequence,
    }
    if record.fault is None:
        del facts["fault"]
    lines = [f"{name:<10}{shown(value)}" for name, value in facts.items()]
    cells = sorted(record.cells(), key=lambda cell: (not cell["ctc"], cell["field"]))
    if cells:
        titles = ["FIELD", "X um", "Y um", "HER2", "REJECTED BY", *CHANNELS, "um2", "MARKS"]
        rows = [
            [
                str(cell["field"]),
                f"{cell['x_um']:.1f}",
                f"{cell['y_um']:.1f}",
                cell["score"] or "",
                cell["rejected_by"] or "",
                *(f"{cell[channel]:.1f}" for channel in CHANNELS),
                f"{cell['area_um2']:.0f}",
                " ".join(mark for mark in ("edge", "saturated") if cell[mark]),
            ]
            for cell in cells
        ]
        lines += ["", table(titles, rows)]
    return "\n".join(lines)
