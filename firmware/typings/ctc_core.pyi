"""The user C module, for the type checker (native/bindings/micropython/)."""

from array import array

VERSION: str
GATE_SET: str
RULE: str
RULES: tuple[str, ...]
WIDTH: int
HEIGHT: int
STRIP: int
ROW_BYTES: int
MAX_OBJECTS: int
SETTINGS_BYTES: int
PROVISIONAL: str

DARK: int
DAPI: int
CK: int
CD45: int
HER2: int

BACKGROUND: int
NOISE: int
THRESHOLD: int
SATURATED: int
MEAN: int

INVALID: int

LOW_COUNT: int
UNCERTAIN: int
BORDERLINE: int
TALLY_COUNTS: int
TALLY_LOW: int
TALLY_HIGH: int

class Error(Exception): ...

def frame() -> memoryview: ...
def begin(field: int, /) -> None: ...
def analyse(channel: int, /) -> None: ...
def quality(item: int, /) -> int: ...
def end() -> int: ...
def rows(buf: bytearray | memoryview, first: int, /) -> int: ...
def tally(rows: bytes | bytearray | memoryview, n: int, counts: array[int], /) -> None: ...
def rule(name: str, /) -> tuple[int, bool, int, int]: ...
def decide(counts: array[int], rule: str = ..., /) -> int: ...
def flags(counts: array[int], rule: str = ..., /) -> int: ...
def flag_text(flag: int, /) -> str: ...
def share(counts: array[int], rule: str = ..., /) -> tuple[int, int, int, bool]: ...
def interval(part: int, whole: int, /) -> tuple[int, int]: ...
def status_text(status: int, /) -> str: ...
