"""A result in a few lines for people."""

from __future__ import annotations

from typing import Any


def describe(table: dict[str, Any]) -> str:
    """Return the text for `Record.summary()`."""
    from host.results.text import counted, interval, rule_in_words, share, status

    rule, scores = table["rule"], list(table["tally"].values())
    tally = "   ".join(f"{score}: {count}" for score, count in table["tally"].items())
    lines = [
        f"CTC HER2 {status(table['status'], rule)}",
        f"sample {table['sample']}, run {table['sequence']} of reader {table['reader']}",
        f"{table['ctc']} CTCs in {table['fields']} fields   {tally}",
    ]
    if table["ctc"]:
        lines.append(f"{counted(rule)}: {share(scores, rule)}   {interval(*table['interval'])}")
    lines.append(f"rule {rule}: positive with {rule_in_words(rule)}")
    if table["flags"]:
        lines.append("flags: " + ", ".join(table["flags"]))
    if table.get("fault"):
        lines.append(f"fault: {table['fault']}")
    return "\n".join(lines)
