"""host selftest"""

from __future__ import annotations

import click

from host.cli.errors import Failure
from host.cli.options import chosen, emit, reader_options
from host.device.deadline import Deadline


@click.command()
@reader_options(90)
def selftest(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Let a reader test itself: LEDs, magnet, sensor, clock, memory."""
    from host.device import Link, select

    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        outcome = link.selftest()
    checks = [check.model_dump() for check in outcome.checks]

    def text() -> str:
        wide = max((len(check["name"]) for check in checks), default=0)
        return "\n".join(
            f"{'ok  ' if one['ok'] else 'FAIL'}  {one['name']:{wide}}  {one['value']}  (limit {one['limit']})"
            for one in checks
        )

    emit(as_json, {"passed": outcome.passed, "checks": checks}, text)
    if not outcome.passed:
        failed = ", ".join(check["name"] for check in checks if not check["ok"])
        raise Failure(
            "selftest", f"The self-test failed ({failed}): do not use this reader before it is repaired."
        )
