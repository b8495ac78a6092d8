"""What the commands have in common: which reader, how long, for whom the output is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from host.device.deadline import Deadline

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")(
        command
    )


def timeout_option(seconds: float) -> Callable[[F], F]:
    """Add --timeout: the command gets a running `deadline`."""
    return click.option(
        "--timeout",
        "deadline",
        type=click.FloatRange(min=0, min_open=True),
        default=seconds,
        show_default=True,
        envvar="CTC_TIMEOUT",
        callback=lambda ctx, param, value: Deadline(value),
        metavar="SECONDS",
        help="Give up after this time.",
    )


def reader_options(seconds: float) -> Callable[[F], F]:
    """Add --port, --reader, --timeout and --json."""

    def add(command: F) -> F:
        for option in (
            json_option,
            timeout_option(seconds),
            click.option(
                "--reader", envvar="CTC_READER", metavar="SERIAL", help="Serial number, or bench name."
            ),
            click.option("--port", envvar="CTC_PORT", metavar="PORT", help="Serial port of the reader."),
        ):
            command = option(command)
        return command

    return add


def chosen(port: str | None, reader: str | None) -> tuple[str | None, str | None]:
    """Return port and reader as meant: what stands on the command line beats the environment."""
    ctx = click.get_current_context()
    if port and reader and ctx.get_parameter_source("port") == ParameterSource.ENVIRONMENT:
        return None, reader
    return port, reader


def emit(as_json: bool, table: Any, text: str | Callable[[], str]) -> None:
    """Print the result: an object for machines, or text for people."""
    click.echo(json.dumps(table) if as_json else text if isinstance(text, str) else text())


@contextmanager
def progress(as_json: bool = False) -> Iterator[Callable[[str, float | None], None]]:
    """Yield a function (what, share) that keeps one line on the terminal, if standard error is one."""
    if as_json or not sys.stderr.isatty():
        yield lambda what, share: None
        return

    def show(what: str, share: float | None) -> None:
        bar = ""
        if share is not None:
            filled = round(20 * min(max(share, 0.0), 1.0))
            bar = f"[{'#' * filled}{' ' * (20 - filled)}] "
        sys.stderr.write(f"\r\x1b[K{bar}{what}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
