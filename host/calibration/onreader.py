"""Calibrations that a reader takes part in: measured, judged, and only then sent."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from host import core
from host.calibration import identity, report
from host.calibration.beads import Calibration, calibrate
from host.calibration.errors import CalibrationError, CalibrationRefused
from host.calibration.flat import FlatField
from host.calibration.limits import judge
from host.calibration.lot import Lot
from host.calibration.spillover import Spillover
from host.device.link import Link
from host.device.pull import Progress
from host.device.run import run
from host.results import Store
from host.settings import SettingsError, check, unpack

FLAG = "CALIBRATION"
"""The flag of a run of kind `calibration`, which has no status; any other flag says that it failed."""
_HARMLESS = {FLAG, "PROVISIONAL"}


@dataclass(frozen=True)
class Done:
    """A calibration that was accepted and sent; ``table`` is its report, ``figure`` draws it."""

    config: core.Config
    table: dict[str, Any]
    figure: Callable[[], Any]
    name: str


def beads(
    link: Link,
    store: Store,
    lot: Lot,
    fields: int | None = None,
    operator: str | None = None,
    progress: Progress = lambda what, share: None,
    today: datetime.date | None = None,
) -> Done:
    """Measure the bead specimen in a reader and let it use the line.

    Raises:
        CalibrationError: the lot has expired.
        CalibrationRefused: what was measured is not good enough; the reader is unchanged.
        SettingsError: the reader's own settings cannot be used.
        As host.device.run.run and Link.send_settings.
    """
    day = today or datetime.datetime.now(datetime.UTC).date()
    if lot.expires < day:
        raise CalibrationError(
            f"Lot {lot.lot} expired on {lot.expires.isoformat()}: use beads that have not."
        )
    before = _settings(link)
    record = run(link, store, f"BEADS {lot.lot}", "calibration", fields, operator, progress).record
    failed = [flag for flag in record.flags if flag not in _HARMLESS]
    if failed or FLAG not in record.flags:
        why = ", ".join(failed) or "the reader's firmware has no calibration runs"
        raise CalibrationRefused(
            f"The bead calibration is refused: run {record.sequence} failed ({why}: {record.fault}); "
            "put that right and measure again."
        )
    found: Calibration = calibrate(record.rows, lot, before.score_min)
    judge("The bead calibration", list(found.checks))
    config = found.apply(before, "-")
    config = replace(config, calibration=identity.on_beads(config, lot.lot, day))
    title = f"HER2 calibration {config.calibration}, reader {record.reader}, run {record.sequence}"
    table = {
        "kind": "beads",
        "calibration": config.calibration,
        "reader": record.reader,
        "sequence": record.sequence,
        "date": day.isoformat(),
        "gate_set": record.gate_set,
        "before": before.calibration,
        **report.beads_table(found),
    }
    return _send(link, config, table, lambda: report.beads_figure(found, title), record.reader)


def flat(link: Link, found: FlatField) -> Done:
    """Judge a flat field and let the reader use it; its HER2 line is provisional from then on.

    Raises:
        CalibrationRefused, SettingsError, and as Link.send_settings.
    """
    judge("The flat field", list(found.checks))
    return _correction(link, "flat", found, report.flat_table(found), report.flat_figure)


def spillover(link: Link, found: Spillover) -> Done:
    """Judge a spillover matrix and let the reader use it; its HER2 line is provisional from then on.

    Raises:
        CalibrationRefused, SettingsError, and as Link.send_settings.
    """
    judge("The spillover matrix", list(found.checks))
    return _correction(link, "spillover", found, report.spillover_table(found), report.spillover_figure)


def _correction(link: Link, kind: str, found: Any, table: dict[str, Any], figure: Callable[..., Any]) -> Done:
    before = _settings(link)
    config = found.apply(before, "-")
    config = replace(config, calibration=identity.without_beads(config))
    reader = link.info().reader
    head = {"kind": kind, "calibration": config.calibration, "reader": reader, "before": before.calibration}
    title = f"{kind} {config.calibration}, reader {reader}"
    return _send(link, config, {**head, **table}, lambda: figure(found, title), reader)


def _settings(link: Link) -> core.Config:
    kept = link.settings()
    if kept.fault:
        raise SettingsError(kept.fault)
    return unpack(kept.blob)


def _send(
    link: Link, config: core.Config, table: dict[str, Any], figure: Callable[[], Any], reader: str
) -> Done:
    try:
        check(config)
    except SettingsError as why:
        raise CalibrationRefused(f"The calibration is refused: {why}") from None
    link.send_settings(config.pack())
    return Done(config, table, figure, f"calibration-{reader}-{config.calibration}")
