"""The user C module, for the type checker (native/bindings/micropython/)."""

from array import array

VERSION: str
GATE_SET: str
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

class Error(Exception): ...

def frame() -> memoryview: ...
def begin(field: int, /) -> None: ...
def analyse(channel: int, /) -> None: ...
def quality(item: int, /) -> int: ...
def end() -> int: ...
def rows(buf: bytearray | memoryview, first: int, /) -> int: ...
def tally(rows: bytes | bytearray | memoryview, n: int, counts: array[int], /) -> None: ...
def decide(counts: array[int], /) -> int: ...
def status_text(status: int, /) -> str: ...
