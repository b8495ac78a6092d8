"""CBOR (RFC 8949), as much of it as the link and the result log use.

Integers to 64 bits, byte and text strings, lists, maps with text or integer keys, false, true, null and
floats. No tags, no other simple values. The decoder takes definite and indefinite lengths, never reads
beyond its buffer, and bounds depth and number of items, because what it reads comes from outside.
"""

from struct import pack, unpack

UINT = 0
NINT = 1
BYTES = 2
TEXT = 3
LIST = 4
MAP = 5
TAG = 6
SIMPLE = 7

DEPTH = 8
"""Containers inside containers, at most (both ways)."""

ITEMS = 2048
"""Items in one message, at most (decoding)."""

BREAK = b"\xff"
FALSE = b"\xf4"
TRUE = b"\xf5"
NULL = b"\xf6"

_INDEFINITE = 31


def head(major, n):
    """Return the head of an item (RFC 8949, section 3): 1 to 9 bytes.

    major: 0..7. n: value or length, 0..2**64-1, in the shortest form; None for an indefinite length.
    Raises ValueError when n is out of range.
    """
    top = major << 5
    if n is None:
        return bytes((top | _INDEFINITE,))
    if n < 0 or n >> 64:
        raise ValueError("CBOR: integer beyond 64 bits")
    if n < 24:
        return bytes((top | n,))
    if n < 0x100:
        return bytes((top | 24, n))
    if n < 0x10000:
        return pack(">BH", top | 25, n)
    if not n >> 32:
        return pack(">BI", top | 26, n)
    return pack(">BQ", top | 27, n)


def dumps(obj):
    """Return obj as CBOR bytes, maps in their own order (use OrderedDict where the order matters).

    Raises ValueError for a type that is not in the list above, and beyond DEPTH.
    """
    out = bytearray()
    _put(out, obj, DEPTH)
    return bytes(out)


def loads(buf, depth=DEPTH, items=ITEMS):
    """Return the one object that fills buf (bytes, bytearray or memoryview).

    Raises ValueError for anything that is not exactly one well-formed item within the bounds; a map with a
    key twice is not well-formed.
    """
    reader = _Reader(buf, items)
    obj = reader.item(depth)
    if reader.at != reader.end:
        raise ValueError("CBOR: bytes after the end")
    return obj


def _put(out, obj, depth):
    kind = type(obj)
    if kind is str:
        data = obj.encode()
        _head(out, TEXT, len(data))
        out.extend(data)
    elif kind is int:
        if obj >= 0:
            _head(out, UINT, obj)
        else:
            _head(out, NINT, -1 - obj)
    elif obj is None:
        out.extend(NULL)
    elif kind is bool:
        out.extend(TRUE if obj else FALSE)
    elif kind in (bytes, bytearray, memoryview):
        _head(out, BYTES, len(obj))
        out.extend(obj)
    elif kind is float:
        out.extend(_float(obj))
    elif kind in (list, tuple):
        _deeper(depth)
        _head(out, LIST, len(obj))
        for item in obj:
            _put(out, item, depth - 1)
    elif isinstance(obj, dict):
        _deeper(depth)
        _head(out, MAP, len(obj))
        for key in obj:
            _put(out, key, 0)
            _put(out, obj[key], depth - 1)
    else:
        raise ValueError("CBOR: no such type: %s" % kind)


def _head(out, major, n):
    if n < 24:  # most heads are one byte: no object for it
        out.append(major << 5 | n)
    else:
        out.extend(head(major, n))


def _deeper(depth):
    if depth <= 0:
        raise ValueError("CBOR: too deep")


def _float(value):
    """Single precision where that loses nothing (always, on the reader), else double."""
    try:
        short = pack(">f", value)
        if unpack(">f", short)[0] == value or value != value:
            return b"\xfa" + short
    except OverflowError:
        pass
    return b"\xfb" + pack(">d", value)


class _Reader:
    """One pass over a buffer. `at` never passes `end`."""

    def __init__(self, buf, items):
        self.buf = memoryview(buf)
        self.at = 0
        self.end = len(self.buf)
        self.items = items

    def item(self, depth):
        major, info = self._begin()
        if major == SIMPLE:
            return self._simple(info)
        n = self._argument(info)
        if major == UINT and n is not None:
            return n
        if major == NINT and n is not None:
            return -1 - n
        if major == BYTES:
            return self._string(BYTES, n)
        if major == TEXT:
            return str(self._string(TEXT, n), "utf-8")
        if major == LIST:
            _deeper(depth)
            return self._list(n, depth - 1)
        if major == MAP:
            _deeper(depth)
            return self._map(n, depth - 1)
        raise ValueError("CBOR: not taken here")

    def _begin(self):
        """Count one item and return its major type and additional information."""
        self.items -= 1
        if self.items < 0:
            raise ValueError("CBOR: too many items")
        first = self._take(1)[0]
        return first >> 5, first & 31

    def _take(self, n):
        if n > self.end - self.at:
            raise ValueError("CBOR: cut short")
        start = self.at
        self.at = start + n
        return self.buf[start : self.at]

    def _argument(self, info):
        """Return the argument of a head: an integer, or None for an indefinite length."""
        if info < 24:
            return info
        if info < 28:
            n = 0
            for byte in self._take(1 << (info - 24)):
                n = n << 8 | byte
            return n
        if info == _INDEFINITE:
            return None
        raise ValueError("CBOR: reserved head")

    def _simple(self, info):
        if info == 20:
            return False
        if info == 21:
            return True
        if info == 22:
            return None
        if info == 25:
            return _half(self._argument(info))
        if info == 26:
            return unpack(">f", self._take(4))[0]
        if info == 27:
            return unpack(">d", self._take(8))[0]
        raise ValueError("CBOR: not taken here")

    def _string(self, major, n):
        if n is not None:
            return bytes(self._take(n))
        out = bytearray()
        while not self._ended():
            chunk, info = self._begin()
            size = self._argument(info)
            if chunk != major or size is None:
                raise ValueError("CBOR: wrong chunk")
            data = self._take(size)
            if major == TEXT:
                str(bytes(data), "utf-8")  # each chunk is text by itself (RFC 8949, 3.2.3)
            out.extend(data)
        return bytes(out)

    def _list(self, n, depth):
        out: "list[object]" = []
        while not self._ended() if n is None else len(out) < n:
            out.append(self.item(depth))
        return out

    def _map(self, n, depth):
        out: "dict[object, object]" = {}
        while not self._ended() if n is None else len(out) < n:
            key = self.item(0)
            if not isinstance(key, (str, int)) or isinstance(key, bool) or key in out:
                raise ValueError("CBOR: bad key")
            out[key] = self.item(depth)
        return out

    def _ended(self):
        """True, and past it, when the next byte is the break that ends an indefinite length."""
        if self.at == self.end:
            raise ValueError("CBOR: cut short")
        if self.buf[self.at] != 0xFF:
            return False
        self.at += 1
        return True


def _half(n):
    """The float in 16 bits (RFC 8949, appendix D)."""
    exponent = n >> 10 & 31
    mantissa = n & 0x3FF
    if exponent == 0:
        value = mantissa * 2.0**-24
    elif exponent != 31:
        value = (mantissa + 1024) * 2.0 ** (exponent - 25)
    else:
        value = float("nan") if mantissa else float("inf")
    return -value if n & 0x8000 else value
