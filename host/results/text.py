"""Results for people: plain text, safe to print."""

from __future__ import annotations

from collections.abc import Sequence

from host import core
from host.results.cells import CHANNELS, SCORES
from host.results.record import Record

MARKS = ("edge", "saturated", "split", "borderline", "out_of_range")
"""What of a cell's flags a person should see."""


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


def status(status: str, rule: str) -> str:
    """Return a status, with the rule that gave it unless that is the study's."""
    return status if rule == core.RULE else f"{status} by {rule}"


def rule_in_words(rule: str) -> str:
    """Return what makes a result positive by a rule: ``more than 30 % of the CTCs at 3+``."""
    _, at_least, permille, cells = core.rule(rule)
    if cells:
        return f"at least {cells} CTC{'s' * (cells > 1)} at {counted(rule)}"
    return f"{'at least' if at_least else 'more than'} {permille / 10:g} % of the CTCs at {counted(rule)}"


def counted(rule: str) -> str:
    """Return which CTCs count for a rule: ``3+``, or with a lower least score ``1+ or more``."""
    least = core.rule(rule)[0]
    return SCORES[least] if least == len(SCORES) - 1 else f"{SCORES[least]} or more"


def share(tally: Sequence[int], rule: str) -> str:
    """Return the share that a rule looks at, in counts and per cent, cut off after one decimal.

    Rounding could lift it to the rule's cut-off; one just above that reads ``>30.0 %``, as on the display.
    """
    part, whole, permille, more = core.share(core.counts_of(tally), rule)
    if not whole:
        return "-"
    if part == whole:
        return f"{part}/{whole} 100 %"
    return f"{part}/{whole} {'>' * more}{permille // 10}.{permille % 10} %"


def interval(low: float, high: float) -> str:
    """Return a 95 % interval, given as fractions of whole 1/10000, in per cent."""
    return f"95 % interval {100 * low:.2f} to {100 * high:.2f} %"


def describe(record: Record) -> str:
    """Return a result and its objects, CTCs first."""
    facts = {
        "status": status(record.status, record.rule),
        "fault": record.fault,
        "sample": record.sample,
        "rule": f"{record.rule}: positive with {rule_in_words(record.rule)}",
        "CTC": record.ctc,
        "HER2": ", ".join(f"{score}: {count}" for score, count in zip(SCORES, record.tally, strict=True)),
        "share": f"{counted(record.rule)}: {share(record.tally, record.rule)}, "
        + interval(*(limit / core.INTERVAL_UNIT for limit in record.interval)),
        "flags": ", ".join(record.flags),
        "fields": f"{record.fields} of {record.fields_planned}",
        "kind": record.kind,
        "utc": record.utc,
        "reader": record.reader,
        "sequence": record.sequence,
    }
    if record.fault is None:
        del facts["fault"]
    if not record.ctc:
        del facts["share"]
    lines = [f"{name:<10}{shown(value)}" for name, value in facts.items()]
    cells = sorted(record.cells(), key=lambda cell: (not cell["ctc"], cell["field"]))
    if cells:
        titles = ["FIELD", "X um", "Y um", "HER2", "MESF/um2", "REJECTED BY", *CHANNELS, "um2", "MARKS"]
        rows = [
            [
                str(cell["field"]),
                f"{cell['x_um']:.1f}",
                f"{cell['y_um']:.1f}",
                cell["score"] or "",
                f"{cell['her2_mesf_um2']}" if "her2_mesf_um2" in cell else "",
                cell["rejected_by"] or "",
                *(f"{cell[channel]:.1f}" for channel in CHANNELS),
                f"{cell['area_um2']:.0f}",
                ", ".join(mark.replace("_", " ") for mark in MARKS if cell.get(mark)),
            ]
            for cell in cells
        ]
        lines += ["", table(titles, rows)]
    return "\n".join(lines)
