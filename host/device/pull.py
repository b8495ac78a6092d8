"""From the reader's log to the host's store: kept there first, dropped by the reader only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from host.device.errors import TransferFailed
from host.device.link import Link
from host.device.messages import Kept
from host.results import Record, RecordError, Store

Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Pulled:
    """One record, decoded, and whether the store had it already."""

    record: Record
    new: bool


def kept(link: Link) -> Iterator[Kept]:
    """Yield every record that the reader keeps, oldest first."""
    after = 0
    while batch := link.results(after):
        yield from batch
        after = batch[-1].seq


def take(link: Link, entry: Kept, store: Store, reader: str) -> Pulled:
    """Fetch one record, store it, acknowledge it.

    Raises:
        RecordError, StoreError, ResultConflict: it is not sound or cannot be kept; the reader keeps it.
        TransferFailed: it did not arrive as announced, twice.
    """
    try:
        data = link.record(entry)
    except TransferFailed:
        data = link.record(entry)
    record = Record.decode(data)
    if record.sequence != entry.seq:
        raise RecordError(
            f"The record under number {entry.seq} calls itself {record.sequence}; it was not stored."
        )
    new = store.add(data, reader)
    link.acknowledge(entry)
    return Pulled(record, new)


def pull(link: Link, store: Store, progress: Progress = lambda what, share: None) -> list[Pulled]:
    """Fetch every record that the reader keeps. One bad record does not keep the others back.

    Raises:
        RecordError: a record was bad; the others are stored all the same, and it is still in the reader.
        As `take`.
    """
    reader = link.info().reader
    entries = list(kept(link))
    pulled: list[Pulled] = []
    bad: RecordError | None = None
    for n, entry in enumerate(entries):
        progress(f"record {entry.seq}", n / len(entries))
        try:
            pulled.append(take(link, entry, store, reader))
        except RecordError as why:
            bad = bad or why
    if bad:
        raise bad
    return pulled
