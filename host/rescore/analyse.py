"""Frames to cells, tally and status: the core's work, with the reader's own quality limits."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import board, core
from host.imaging.camera import CHANNELS
from host.results import cells
from host.results.schema import PROVISIONAL, WARNINGS

RANGE_MAX = 1142
"""Most CTCs in a run for which the count is known to be linear (`make evaluate`); more are shown as
``>1142``. It is the range of CellSearch's own linearity study."""

ITEMS = {
    "background": core.BACKGROUND,
    "noise": core.NOISE,
    "threshold": core.THRESHOLD,
    "strip": core.STRIP,
    "saturated": core.SATURATED,
    "mean": core.MEAN,
}
"""The core's quality items in a record's order."""

GREY = 64
"""The core's steps to one grey level."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the core made of a specimen's frames.

    Attributes:
        rows: every object of the fields that were analysed, ``core.CELL_DTYPE``.
        fields, fields_planned: analysed whole, and there.
        quality: per field and channel the core's quality items, 1/64 grey level (saturated: pixels).
        counts: the core's tally: CTCs at 0, 1+, 2+, 3+, objects that are none, borderline cells low and high.
        rule: that made the status.
        status: ``POSITIVE``, ``NEGATIVE``, ``NO CTC`` or ``INVALID``.
        flags: as in a result record.
        fault: why it is INVALID, None when it is not.
    """

    rows: NDArray[np.void]
    fields: int
    fields_planned: int
    quality: list[dict[str, Any]]
    counts: array[int]
    rule: str
    status: str
    flags: list[str]
    fault: str | None

    @property
    def tally(self) -> list[int]:
        """CTCs at 0, 1+, 2+, 3+."""
        return list(self.counts[: len(cells.SCORES)])

    @property
    def leukocytes(self) -> int:
        """Leukocytes counted in the fields that were analysed."""
        return sum(field.get("leukocytes", 0) for field in self.quality)

    @property
    def ctc(self) -> int:
        """Number of CTCs."""
        return sum(self.tally)

    @property
    def ctc_shown(self) -> str:
        """Number of CTCs as it may be reported: above the linear range only that it is above."""
        return str(self.ctc) if self.ctc <= RANGE_MAX else f">{RANGE_MAX}"


class _Void(Exception):
    """The run is INVALID: flag and words."""


def analyse(pixels: NDArray[np.uint8], config: core.Config | None = None, rule: str = core.RULE) -> Measured:
    """Analyse the fields of one specimen.

    Args:
        pixels: uint8 [fields, 5, HEIGHT, WIDTH], dark, dapi, ck, cd45, her2.
        config: settings; the core's own when left out.
        rule: of the patient's status.

    Raises:
        core.Error: the settings cannot be used, or there is no such rule.

    Returns:
        The result; a field that the reader would refuse ends it as INVALID, as on the reader.
    """
    settings = config or core.Config.default()
    settings.pack()  # settings that cannot be used are the caller's fault, not the specimen's
    core.rule(rule)
    limits = _Limits()
    machine = core.Core(config)
    found: list[NDArray[np.void]] = []
    quality: list[dict[str, Any]] = []
    flags: list[str] = []
    fault = None
    try:
        for number, frames in enumerate(pixels):
            quality.append({"field": number})
            machine.begin(number)
            for channel, frame in enumerate(frames):
                machine.pixels[:] = frame
                machine.analyse(channel)
                items = {name: machine.quality(item) for name, item in ITEMS.items()}
                quality[-1][CHANNELS[channel]] = items
                limits.judge(channel, items, quality[-1]["dark"])
            machine.end()
            quality[-1]["leukocytes"] = machine.quality(core.LEUKOCYTES)
            quality[-1]["hot"] = machine.quality(core.HOT)
            found.append(machine.cells())
    except _Void as why:
        flags, fault = [str(why.args[0])], str(why.args[1])
    except core.Error as why:
        bound = why.code in (core.ERROR_RUNS, core.ERROR_OBJECTS, core.ERROR_HOT)
        flags, fault = ["BOUND" if bound else "FAULT"], str(why)
    rows = np.concatenate(found) if found else np.zeros(0, core.CELL_DTYPE)
    counts = cells.tally(rows)
    status = core.status_text(core.INVALID)
    if fault is None:
        status = core.status_text(core.decide(counts, rule))
        flags = _notes(settings, core.flags(counts, rule))
    return Measured(rows, len(found), len(pixels), quality, counts, rule, status, flags, fault)


def _notes(settings: core.Config, warnings: int) -> list[str]:
    """Return the flags of a run that has a status, as a record has them."""
    provisional = any(one.startswith(core.PROVISIONAL) for one in (settings.calibration, settings.cutoffs))
    return ([PROVISIONAL] if provisional else []) + [text for bit, text in WARNINGS.items() if warnings & bit]


class _Limits:
    """The board's limits on a frame, as the firmware judges them."""

    def __init__(self) -> None:
        tables = board.load()
        quality, sensor = tables["quality"], tables["sensor"]
        self._strip = [tables["channels"][name]["strip"] for name in CHANNELS]
        self._tolerance = quality["strip_tolerance"]
        self._dark_most = int(quality["dark_max"] * GREY)
        self._saturated_most = int(quality["saturated_max"] * sensor["width"] * sensor["height"])

    def judge(self, channel: int, items: dict[str, int], dark: dict[str, int]) -> None:
        """Raise _Void when the frame makes the run INVALID."""
        name = CHANNELS[channel]
        if items["saturated"] > self._saturated_most:
            raise _Void("SATURATED", f"{items['saturated']} pixels are saturated in {name}")
        if channel == core.DARK:
            if items["mean"] > self._dark_most:
                text = f"the dark frame has {items['mean'] // GREY} grey levels, more than "
                raise _Void("DARK LEVEL", text + str(self._dark_most // GREY))
            return
        expected, shown = self._strip[channel], items["strip"] - dark["strip"]
        margin = expected * self._tolerance
        if not int((expected - margin) * GREY) <= shown <= int((expected + margin) * GREY):
            text = f"the reference strip shows {shown // GREY} grey levels in {name} instead of {expected}"
            raise _Void(f"LED {name}", text)
