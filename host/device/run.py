"""One run from start to stored result."""

from __future__ import annotations

from collections.abc import Callable

from host.device.clock import synchronise
from host.device.errors import DeviceError, TookTooLong
from host.device.link import Link
from host.device.pull import Progress, Pulled, kept, take
from host.results import Store

POLL_S = 1.0


class RunLost(DeviceError):
    """The run ended and left no record."""


def run(
    link: Link,
    store: Store,
    sample: str,
    kind: str,
    fields: int | None = None,
    operator: str | None = None,
    progress: Progress = lambda what, share: None,
    note: Callable[[str], None] = lambda text: None,
) -> Pulled:
    """Set the reader's clock if need be, start a run, wait for its end, fetch and store its result.

    `note` is told if the clock was wrong.

    Raises:
        RunLost: there is no record of it.
        TookTooLong: the link's deadline passed; the run goes on in the reader.
        As Link.request and `take`.
    """
    reader = link.info().reader
    if wrong := synchronise(link):
        note(wrong)
    sequence = link.start(sample, kind, fields, operator)
    try:
        _wait(link, progress)
    except TookTooLong:
        raise TookTooLong(
            f"Run {sequence} was not over within {link.deadline.seconds:g} s and goes on in the reader: "
            "fetch it later with 'host pull', or stop it with 'host abort'."
        ) from None
    for entry in kept(link):
        if entry.seq == sequence:
            return take(link, entry, store, reader)
    status = link.status()
    reason = f" ({status.fault})" if status.fault else ""
    raise RunLost(
        f"Run {sequence} ended and left no record{reason}: run 'host selftest' before the next specimen."
    )


def _wait(link: Link, progress: Progress) -> None:
    while (status := link.status()).state == "running":
        where = f"field {status.field + 1} of {status.fields}" if status.fields else ""
        progress(
            " ".join(part for part in (status.step, status.channel, where) if part), status.percent / 100
        )
        link.deadline.sleep(POLL_S)
    progress("done", 1.0)
