"""A result in a few lines for people."""

from __future__ import annotations

from typing import Any


def describe(table: dict[str, Any]) -> str:
    """Return the text for `Record.summary()`."""
    tally = "   ".join(f"{score}: {count}" for score, count in table["tally"].items())
    share = table["share_3plus"]
    lines = [
        f"{table['status']}   sample {table['sample']}, run {table['sequence']} of reader {table['reader']}",
        f"{table['ctc']} CTCs in {table['fields']} fields   {tally}",
        f"3+ {'-' if share is None else format(share, '.1%')}   rule {table['rule']}",
    ]
    if table["flags"]:
        lines.append("flags: " + ", ".join(table["flags"]))
    if table.get("fault"):
        lines.append(f"fault: {table['fault']}")
    return "\n".join(lines)
