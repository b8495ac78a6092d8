"""A result in a few lines for people."""

from __future__ import annotations

from typing import Any

CUT_OFF = 30
"""Per cent, of the rule ``her2-3plus-gt-30pct`` (docs/architecture.md)."""


def share(part: int, whole: int) -> str:
    """Return part / whole in per cent, cut off after one decimal as on the reader's display.

    Rounding could lift a share to the rule's cut-off; one just above it reads ``>30.0 %``.
    """
    if whole == 0:
        return "-"
    tenths = part * 1000 // whole
    sign = ">" if tenths == CUT_OFF * 10 and 100 * part > CUT_OFF * whole else ""
    return f"{part}/{whole} {sign}{tenths // 10}.{tenths % 10} %"


def describe(table: dict[str, Any]) -> str:
    """Return the text for `Record.summary()`."""
    tally = "   ".join(f"{score}: {count}" for score, count in table["tally"].items())
    lines = [
        f"CTC HER2 {table['status']}",
        f"sample {table['sample']}, run {table['sequence']} of reader {table['reader']}",
        f"{table['ctc']} CTCs in {table['fields']} fields   {tally}",
        f"3+ {share(table['tally']['3+'], table['ctc'])}   rule {table['rule']}: positive above {CUT_OFF} %",
    ]
    if table["flags"]:
        lines.append("flags: " + ", ".join(table["flags"]))
    if table.get("fault"):
        lines.append(f"fault: {table['fault']}")
    return "\n".join(lines)
