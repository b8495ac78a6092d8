"""The C core under CPython: the same source, the same calls and the same bytes as on the reader.

The module's functions and constants are those of the reader's module ``ctc_core`` (docs/architecture.md,
"The core"). Where the reader has one static buffer, a :class:`Core` has its own, so that several can be used
at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host._ctc_core import ffi as _ffi
from host._ctc_core import lib as _lib


def _text(characters: Any) -> str:
    return str(_ffi.string(characters).decode("ascii"))


VERSION: str = _text(_lib.CTC_VERSION)
GATE_SET: str = _text(_lib.CTC_GATE_SET)
CALIBRATION: str = _text(_lib.CTC_CALIBRATION)
CUTOFFS: str = _text(_lib.CTC_CUTOFFS)
PROVISIONAL: str = _text(_lib.CTC_PROVISIONAL)
"""What the id of a calibration or of cut-offs starts with until they are set on beads or on cell lines."""
RULE: str = _text(_lib.CTC_RULE)
"""The study's rule: the default wherever a rule can be named."""
RULES: tuple[str, ...] = tuple(_text(_lib.ctc_rule_name(index)) for index in range(_lib.CTC_RULES))

WIDTH: int = _lib.CTC_WIDTH
HEIGHT: int = _lib.CTC_HEIGHT
STRIP_COLUMNS: int = _lib.CTC_STRIP_COLUMNS
ROW_BYTES: int = _lib.CTC_ROW_BYTES
CROP_SIDE: int = _lib.CTC_CROP_SIDE
CROP_BYTES: int = _lib.CTC_CROP_BYTES
"""Of one channel: CROP_SIDE x CROP_SIDE pixels of 4 bits (``ctc/crop.h``)."""
MAX_OBJECTS: int = _lib.CTC_MAX_OBJECTS
MAX_RUNS: int = _lib.CTC_MAX_RUNS
MAX_NUCLEI: int = _lib.CTC_MAX_NUCLEI
MAX_HOT: int = _lib.CTC_MAX_HOT

TILES: int = _lib.CTC_TILES
TILE_COLUMNS: int = _lib.CTC_TILE_COLUMNS
TILE_ROWS: int = _lib.CTC_TILE_ROWS
FLAT_ONE: int = _lib.CTC_FLAT_ONE
FLAT_MIN: int = _lib.CTC_FLAT_MIN
FLAT_MAX: int = _lib.CTC_FLAT_MAX
NO_LIMIT: int = _lib.CTC_NO_LIMIT
SPILLOVER_MIN: int = _lib.CTC_SPILLOVER_MIN
SPILLOVER_MAX: int = _lib.CTC_SPILLOVER_MAX
CONDITION_MAX: int = _lib.CTC_CONDITION_MAX
CORRECT_ALL: int = _lib.CTC_CORRECT_ALL
SETTINGS_BYTES: int = _lib.CTC_SETTINGS_BYTES

DARK: int = _lib.CTC_DARK
DAPI: int = _lib.CTC_DAPI
CK: int = _lib.CTC_CK
CD45: int = _lib.CTC_CD45
HER2: int = _lib.CTC_HER2

BACKGROUND: int = _lib.CTC_QUALITY_BACKGROUND
NOISE: int = _lib.CTC_QUALITY_NOISE
THRESHOLD: int = _lib.CTC_QUALITY_THRESHOLD
STRIP: int = _lib.CTC_QUALITY_STRIP
SATURATED: int = _lib.CTC_QUALITY_SATURATED
MEAN: int = _lib.CTC_QUALITY_MEAN
LEUKOCYTES: int = _lib.CTC_QUALITY_LEUKOCYTES
NUCLEI: int = _lib.CTC_QUALITY_NUCLEI
HOT: int = _lib.CTC_QUALITY_HOT

INVALID: int = _lib.CTC_INVALID
NO_CTC: int = _lib.CTC_NO_CTC
NEGATIVE: int = _lib.CTC_NEGATIVE
POSITIVE: int = _lib.CTC_POSITIVE

SIGNAL_DTYPE = np.dtype(
    [
        ("mean", "<i2"),
        ("sd", "<u2"),
        ("background", "<u2"),
        ("max", "u1"),
        ("median", "u1"),
        ("saturated", "u1"),
    ]
)
"""One channel of a cell row: mean above background, corrected; the rest raw (``ctc/cell.h``)."""
LOW_COUNT: int = _lib.CTC_WARN_LOW_COUNT
UNCERTAIN: int = _lib.CTC_WARN_UNCERTAIN
BORDERLINE: int = _lib.CTC_WARN_BORDERLINE

TALLY_COUNTS: int = _lib.CTC_TALLY_COUNTS
TALLY_REJECTED: int = _lib.CTC_TALLY_REJECTED
TALLY_LOW: int = _lib.CTC_TALLY_LOW
TALLY_HIGH: int = _lib.CTC_TALLY_HIGH
INTERVAL_UNIT: int = _lib.CTC_INTERVAL_UNIT
INTERVAL_MAX: int = _lib.CTC_INTERVAL_MAX

CELL_DTYPE = np.dtype(
    [
        ("field", "u1"),
        ("flags", "u1"),
        ("score", "u1"),
        ("gate", "u1"),
        ("x", "<u2"),
        ("y", "<u2"),
        ("area", "<u2"),
        ("perimeter", "<u2"),
        ("width", "u1"),
        ("height", "u1"),
        ("eccentricity", "<u2"),
        ("nucleus", "<u2"),
        ("inside", "<u2"),
        ("range", "u1"),
        ("overlap", "u1", 3),
        ("her2", "<u4"),
        ("her2_se", "<u2"),
        ("focus", "<u2"),
        ("signal", SIGNAL_DTYPE, 4),
        ("body", "<u2"),
        ("cd45_low", "u1"),
    ]
)
"""Cell row, version 2, as numpy reads it; ``signal`` is dapi, ck, cd45, her2. Units: docs/architecture.md."""

FLAG_CTC: int = _lib.CTC_FLAG_CTC
FLAG_EDGE: int = _lib.CTC_FLAG_EDGE
FLAG_SATURATED: int = _lib.CTC_FLAG_SATURATED
FLAG_SPLIT: int = _lib.CTC_FLAG_SPLIT
FLAG_BORDERLINE: int = _lib.CTC_FLAG_BORDERLINE
FLAG_NO_RING: int = _lib.CTC_FLAG_NO_RING
FLAG_OUT_OF_RANGE: int = _lib.CTC_FLAG_OUT_OF_RANGE
FLAGS: int = _lib.CTC_FLAGS
"""Bits of a cell row's ``flags`` (``ctc/cell.h``), and all of them."""

GATE_COUNT: int = _lib.CTC_GATES


class Error(Exception):
    """A call the core refused: ``args`` are its code and one sentence."""

    @property
    def code(self) -> int:
        """The core's error code (``ctc/error.h``)."""
        return int(self.args[0])

    def __str__(self) -> str:
        return str(self.args[1])


ERROR_ORDER: int = _lib.CTC_ERR_ORDER
ERROR_ARGUMENT: int = _lib.CTC_ERR_ARGUMENT
ERROR_RUNS: int = _lib.CTC_ERR_RUNS
ERROR_OBJECTS: int = _lib.CTC_ERR_OBJECTS
ERROR_ROW: int = _lib.CTC_ERR_ROW
ERROR_COUNT: int = _lib.CTC_ERR_COUNT
ERROR_SETTINGS: int = _lib.CTC_ERR_SETTINGS
ERROR_HOT: int = _lib.CTC_ERR_HOT


def _check(code: int) -> None:
    if code != _lib.CTC_OK:
        raise Error(code, _text(_lib.ctc_error_text(code)))


def _number(value: int) -> int:
    """Pass a number on as C's ``unsigned``; what does not fit becomes out of range there too."""
    return value if 0 <= value < 2**32 else 2**32 - 1


@dataclass(frozen=True)
class Gates:
    """Limits a cell must keep, in the order they are tried (``ctc/config.h``).

    0 or NO_LIMIT switches one off. Means in 1/64 grey level, areas in pixels, shares in 1/1000,
    ``ck_snr_min`` in 1/64.
    """

    ck_min: int
    ck_snr_min: int
    nucleus_min: int
    dapi_min: int
    cd45_max: int
    cd45_share_max: int
    area_min: int
    area_max: int
    shape_max: int
    eccentricity_max: int
    overlap_min: int
    focus_min: int
    saturated_max: int


Row4 = tuple[int, int, int, int]


@dataclass(frozen=True)
class Config:
    """Everything an analysis is set to; ``ctc/config.h`` says what each value means and in what unit.

    ``flat`` is 4 channels (dapi, ck, cd45, her2) of TILES values, ``spillover`` and ``spillover_se`` are
    4 rows (channel read) of 4 columns (dye).
    """

    gate_set: str
    calibration: str
    cutoffs: str
    corrections: int
    noise_factor: int
    dapi_threshold: int
    ck_threshold: int
    borderline: int
    gates: Gates
    flat: tuple[tuple[int, ...], ...]
    spillover: tuple[Row4, Row4, Row4, Row4]
    spillover_se: tuple[Row4, Row4, Row4, Row4]
    line_offset: int
    line_slope: int
    line_se: int
    line_low: int
    line_high: int
    score_min: tuple[int, int, int]

    @classmethod
    def default(cls) -> Config:
        """Return the built-in settings."""
        return cls._of(_lib.ctc_config_default)

    @classmethod
    def unpack(cls, blob: bytes | bytearray | memoryview) -> Config:
        """Return the settings packed in ``blob`` (``ctc/settings.h``); the built-in ones for an empty one.

        Raises:
            Error: not settings of this version, damaged, or with a value that cannot be used.
        """
        if len(blob) == 0:
            return cls.default()
        config = _ffi.new("ctc_config *")
        packed = _ffi.from_buffer("uint8_t[]", blob)
        _check(_lib.ctc_settings_unpack(config, packed, len(packed)))
        return cls._of(config)

    def pack(self) -> bytes:
        """Return the settings as the reader keeps them: SETTINGS_BYTES bytes.

        Raises:
            Error: a value that cannot be used.
        """
        config = self._as_c()
        _check(_lib.ctc_config_check(config))
        blob = bytearray(SETTINGS_BYTES)
        _lib.ctc_settings_pack(_ffi.from_buffer("uint8_t[]", blob), config)
        return bytes(blob)

    def mesf(self, grey64: int) -> int:
        """Return MESF per um2 of a HER2 mean in 1/64 grey level, as the core does; at most 2**32 - 1."""
        return int(_lib.ctc_mesf(self._as_c(), grey64))

    @classmethod
    def _of(cls, config: Any) -> Config:
        values: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            value = getattr(config, name)
            if name in ("gate_set", "calibration", "cutoffs"):
                values[name] = _text(value)
            elif name == "gates":
                values[name] = Gates(*(getattr(value, gate) for gate in Gates.__dataclass_fields__))
            elif name in ("flat", "spillover", "spillover_se"):
                values[name] = tuple(tuple(row) for row in value)
            else:
                values[name] = tuple(value) if name == "score_min" else value
        return cls(**values)

    def _as_c(self) -> Any:
        """Return it as a ``ctc_config *``.

        Raises:
            Error: a value does not fit its type, or an id is too long or no ASCII text.
        """
        values = asdict(self)
        try:
            for name in ("gate_set", "calibration", "cutoffs"):
                values[name] = values[name].encode("ascii")
            return _ffi.new("ctc_config *", values)
        except (OverflowError, IndexError, UnicodeEncodeError):
            _check(_lib.CTC_ERR_SETTINGS)
            raise AssertionError from None


_configured = Config.default()


def configure(blob: bytes | bytearray | memoryview) -> None:
    """Take settings for what is written for the reader's module, whose core is one and static.

    A :class:`Core` has its own and never looks here.

    Raises:
        Error: they are refused; those there were stay.
    """
    global _configured
    _configured = Config.unpack(blob)


def settings() -> tuple[str, str, str]:
    """Return the ids of what ``configure`` took last: gate set, calibration, cut-offs."""
    return _configured.gate_set, _configured.calibration, _configured.cutoffs


class Core:
    """One frame buffer, one work area and the field that is being analysed in them.

    Args:
        config: corrections, gates, calibration and cut-offs; the built-in ones when left out.
    """

    def __init__(self, config: Config | None = None) -> None:
        self._words = np.zeros(WIDTH * HEIGHT // 4, np.uint32)
        self.pixels: NDArray[np.uint8] = self._words.view(np.uint8).reshape(HEIGHT, WIDTH)
        """The frame buffer as an array (HEIGHT, WIDTH) of grey levels."""
        self._frame = self.pixels.reshape(-1).data
        self._frame_words = _ffi.from_buffer("uint32_t[]", self._words)
        self._work = _ffi.new("ctc_work *")
        self._config = (config or Config.default())._as_c()

    def frame(self) -> memoryview:
        """Return the frame buffer: WIDTH * HEIGHT bytes, writable, always the same object."""
        return self._frame

    def configure(self, blob: bytes | bytearray | memoryview) -> None:
        """Take settings for the fields begun from now on: packed ones, or the built-in ones for ``b""``.

        Raises:
            Error: they are refused; those there were stay.
        """
        self._config = Config.unpack(blob)._as_c()

    def settings(self) -> tuple[str, str, str]:
        """Return the ids of what is set: gate set, calibration, cut-offs."""
        config = self._config
        return _text(config.gate_set), _text(config.calibration), _text(config.cutoffs)

    def begin(self, field: int) -> None:
        """Start field 0..255; whatever was measured before is gone.

        Raises:
            Error: field out of range, or the settings given at the start cannot be used.
        """
        _check(_lib.ctc_begin(self._work, _number(field), self._config))

    def analyse(self, channel: int) -> None:
        """Analyse the frame in the buffer as that channel.

        Raises:
            Error: not the channel's turn, or a bound of the core is reached (the field is lost).
        """
        _check(_lib.ctc_analyse(self._work, _number(channel), self._frame_words))

    def quality(self, item: int) -> int:
        """Return BACKGROUND, NOISE, THRESHOLD, STRIP, SATURATED or MEAN of the frame last analysed.

        In 1/64 grey level; SATURATED in pixels. Or LEUKOCYTES, NUCLEI, HOT: counts of the field so far.

        Raises:
            Error: no such item.
        """
        value = _ffi.new("uint32_t *")
        _check(_lib.ctc_quality(self._work, _number(item), value))
        return int(value[0])

    def nuclei(self) -> NDArray[np.uint16]:
        """Return the nuclei of the DAPI frame just analysed as a label image (HEIGHT, WIDTH), 0 for none."""
        labels = np.zeros((HEIGHT, WIDTH), np.uint16)
        for y in range(HEIGHT):
            for x in range(WIDTH - STRIP_COLUMNS):
                labels[y, x] = _lib.ctc_nucleus_at(self._work, x, y)
        return labels

    def end(self) -> int:
        """Finish the field: gate and score. Return the number of objects.

        Raises:
            Error: channels are missing, or the field is lost.
        """
        objects = _ffi.new("unsigned *")
        _check(_lib.ctc_end(self._work, objects))
        return int(objects[0])

    def rows(self, buf: bytearray | memoryview, first: int) -> int:
        """Copy packed rows from object ``first`` on into ``buf``, as many as fit; return their number.

        Raises:
            Error: the field is not ended.
        """
        out = _ffi.from_buffer("uint8_t[]", buf, require_writable=True)
        copied = _ffi.new("unsigned *")
        _check(_lib.ctc_rows(self._work, out, len(out), _number(first), copied))
        return int(copied[0])

    def object_flags(self, object: int) -> int:
        """Return the flags (FLAG_CTC, ...) of an object of the ended field, by its number.

        Raises:
            Error: the field is not ended, or has no such object.
        """
        flags = _ffi.new("unsigned *")
        _check(_lib.ctc_object_flags(self._work, _number(object), flags))
        return int(flags[0])

    def crop(self, object: int, channel: int, buf: bytearray | memoryview, at: int) -> None:
        """Write an object's crop, of the channel whose frame is in the buffer, to ``buf`` from ``at`` on.

        It is CROP_BYTES bytes; ``ctc/crop.h`` says what they mean.

        Raises:
            Error: the field is not ended, or has no such object, or the channel no light.
            ValueError: it does not fit there.
        """
        out = _ffi.from_buffer("uint8_t[]", buf, require_writable=True)
        if not 0 <= at <= len(out) - CROP_BYTES:
            raise ValueError("at: a crop does not fit the buffer there")
        _check(_lib.ctc_crop(self._work, _number(object), _number(channel), self._frame_words, out + at))

    def cells(self) -> NDArray[np.void]:
        """Return all rows of the ended field as an array of :data:`CELL_DTYPE`.

        Raises:
            Error: the field is not ended.
        """
        buf = bytearray(MAX_OBJECTS * ROW_BYTES)
        return cells(buf[: self.rows(buf, 0) * ROW_BYTES])

    def analyse_field(self, field: int, frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> NDArray[np.void]:
        """Analyse a whole field and return its cells.

        Args:
            field: its number, 0..255.
            frames: channel and frame (HEIGHT, WIDTH) in the order dark, dapi, ck, cd45, her2; dark may be
                left out.

        Raises:
            Error: channels out of order or missing, or a bound of the core is reached.
            ValueError: a frame of another shape or type.
        """
        self.begin(field)
        for channel, frame in frames:
            if frame.shape != (HEIGHT, WIDTH) or frame.dtype != np.uint8:
                raise ValueError(
                    f"a frame must be uint8 ({HEIGHT}, {WIDTH}), not {frame.dtype} {frame.shape}"
                )
            self.pixels[:] = frame
            self.analyse(channel)
        self.end()
        return self.cells()


def cells(rows: bytes | bytearray | memoryview) -> NDArray[np.void]:
    """Return packed cell rows as an array of :data:`CELL_DTYPE`.

    Raises:
        ValueError: not a whole number of rows.
    """
    return np.frombuffer(rows, CELL_DTYPE)


def _counts(counts: array[int]) -> Any:
    if counts.typecode not in "IL" or counts.itemsize != 4 or len(counts) != TALLY_COUNTS:
        raise ValueError(f"counts: give an array('I') of {TALLY_COUNTS}")
    return _ffi.from_buffer("uint32_t[]", counts, require_writable=True)


def new_counts() -> array[int]:
    """Return an empty tally: see :func:`tally`."""
    return array("I", [0] * TALLY_COUNTS)


def counts_of(
    scores: Sequence[int], low: Sequence[int] | None = None, high: Sequence[int] | None = None
) -> array[int]:
    """Return the tally of these CTCs, none rejected.

    Args:
        scores: CTCs of score 0, 1+, 2+, 3+.
        low: the same with every borderline CTC scored as low as its range allows; ``scores`` when left out.
        high: and as high.
    """
    return array("I", [*scores, 0, *(scores if low is None else low), *(scores if high is None else high)])


def tally(rows: bytes | bytearray | memoryview, n: int, counts: array[int]) -> None:
    """Add ``n`` packed rows to a tally.

    A tally is an ``array('I')`` of 13: CTCs of score 0, 1+, 2+, 3+; rejected objects; from TALLY_LOW on the
    CTCs again with every borderline one scored as low as its range allows, from TALLY_HIGH on as high.

    Raises:
        Error: a row is damaged, or a counter is full; the tally is unchanged.
        ValueError: fewer rows than ``n``, or not such an array.
    """
    packed = _ffi.from_buffer("uint8_t[]", rows)
    if not 0 <= n <= len(packed) // ROW_BYTES:
        raise ValueError("n: more rows than the buffer holds")
    _check(_lib.ctc_tally(packed, n, _counts(counts)))


def _rule(name: str) -> Any:
    found = _lib.ctc_rule_named(name.encode())
    if found == _ffi.NULL:
        _check(ERROR_ARGUMENT)
    return found


def rule(name: str) -> tuple[int, bool, int, int]:
    """Return a rule: least score that counts, whether the cut-off itself is enough, the cut-off in 1/1000 of
    the CTCs, and how many cells are enough (0: the share decides).

    Raises:
        Error: no rule of that name; RULES has them.
    """
    found = _rule(name)
    return int(found.least_score), bool(found.at_least), int(found.cut_permille), int(found.cells)


def decide(counts: array[int], rule: str = RULE) -> int:
    """Return the status of a tally: NO_CTC, NEGATIVE or POSITIVE. Never call it for a run with a fault.

    Raises:
        Error: no rule of that name.
    """
    return int(_lib.ctc_decide(_rule(rule), _counts(counts)))


def flags(counts: array[int], rule: str = RULE) -> int:
    """Return the flags of a tally's status: LOW_COUNT, UNCERTAIN, BORDERLINE, or'ed (``ctc/rule.h``).

    Raises:
        Error: no rule of that name.
    """
    return int(_lib.ctc_flags(_rule(rule), _counts(counts)))


def flag_text(flag: int) -> str:
    """Return one flag as it is shown: ``LOW COUNT``, ``UNCERTAIN`` or ``BORDERLINE``; ``""`` for none."""
    return _text(_lib.ctc_flag_text(_number(flag)))


def share(counts: array[int], rule: str = RULE) -> tuple[int, int, int, bool]:
    """Return the share a rule looks at: CTCs that count, CTCs, 1/1000 of them, and whether it is more.

    The 1/1000 are rounded down (0 without CTCs); where they read as the cut-off and the share is above it, it
    is more: to be written ``>30.0 %``.

    Raises:
        Error: no rule of that name.
    """
    found = _lib.ctc_share_of(_rule(rule), _counts(counts))
    return int(found.part), int(found.whole), int(found.permille), bool(found.more)


def interval(part: int, whole: int) -> tuple[int, int]:
    """Return the exact (Clopper-Pearson) 95 % interval of ``part`` in ``whole``: 1/10000, rounded outwards.

    Raises:
        Error: ``part`` is more than ``whole``, or ``whole`` more than INTERVAL_MAX.
    """
    low, high = _ffi.new("uint32_t *"), _ffi.new("uint32_t *")
    _check(_lib.ctc_interval(_number(part), _number(whole), low, high))
    return int(low[0]), int(high[0])


def gate_name(gate: int) -> str:
    """Return the name of a gate, ``""`` for none."""
    return _text(_lib.ctc_gate_name(_number(gate)))


def status_text(status: int) -> str:
    """Return a status as it is shown: ``INVALID``, ``NO CTC``, ``NEGATIVE`` or ``POSITIVE``."""
    return _text(_lib.ctc_status_text(_number(status)))
