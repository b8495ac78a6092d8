"""``host cohort remark``."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

import click

from host.cli.cohort import render
from host.cli.options import json_option

WIDTH = 110


@click.command()
@json_option
def remark(as_json: bool) -> None:
    """REMARK checklist: what the output of these commands covers, and what the author has to add."""
    from host.stats.remark import CHECKLIST

    items = [item.to_json() for item in CHECKLIST]
    result = {"items": items, "summary": dict(Counter(item.coverage for item in CHECKLIST))}
    render.emit(as_json, result, text(result))


def text(result: dict[str, Any]) -> str:
    """Return the checklist for people."""
    lines = []
    for item in result["items"]:
        lines.append(f"{item['number']:>2}  {item['coverage']:<8} {item['section']}: {item['asks']}")
        given = f"host {', host '.join(item['commands'])}: {item['gives']}" if item["commands"] else ""
        for label, what in (("output", given), ("author", item["missing"])):
            if what:
                lines += textwrap.wrap(
                    what, WIDTH, initial_indent=f"{'':13}{label}  ", subsequent_indent=" " * 21
                )
    counts = ", ".join(f"{name} {count}" for name, count in result["summary"].items())
    return "\n".join([*lines, "", counts])
