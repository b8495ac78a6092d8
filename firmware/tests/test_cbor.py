"""The reader's CBOR against cbor2, and against what no one should send."""

import math
import struct

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader import cbor

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64 - 1),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.floats(allow_nan=False),
)
keys = st.one_of(st.text(max_size=8), st.integers(-100, 100))
trees = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=20,
)


def depth(obj: object) -> int:
    if isinstance(obj, list):
        return 1 + max(map(depth, obj), default=0)
    if isinstance(obj, dict):
        return 1 + max(map(depth, obj.values()), default=0)
    return 0


@given(trees.filter(lambda tree: depth(tree) <= cbor.DEPTH))
def test_what_we_write_others_read(tree: object) -> None:
    assert cbor2.loads(cbor.dumps(tree)) == tree
    assert cbor.loads(cbor.dumps(tree)) == tree


@given(trees.filter(lambda tree: depth(tree) <= cbor.DEPTH), st.booleans())
def test_what_others_write_we_read(tree: object, canonical: bool) -> None:
    assert cbor.loads(cbor2.dumps(tree, canonical=canonical)) == tree


@given(st.binary(max_size=200))
def test_noise_gives_a_value_or_valueerror(data: bytes) -> None:
    try:
        ours = cbor.loads(data)
    except ValueError:
        return
    theirs = cbor2.loads(data)
    assert repr(ours) == repr(theirs)  # repr: nan and -0.0 count too


@given(trees, st.data())
def test_every_cut_is_noticed(tree: object, data: st.DataObject) -> None:
    whole = cbor2.dumps(tree)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError):
        cbor.loads(whole[:cut])


@given(st.integers(0, 7), st.integers(0, 2**64 - 1))
def test_head_is_the_shortest(major: int, n: int) -> None:
    head = cbor.head(major, n)
    assert head[0] >> 5 == major
    assert head[1:] == n.to_bytes(len(head) - 1, "big") if n >= 24 else head[0] & 31 == n
    size = 1 if n < 24 else 2 if n < 256 else 3 if n < 65536 else 5 if n < 2**32 else 9
    assert len(head) == size


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_byte_strings_in_chunks(chunks: list[bytes]) -> None:
    stream = cbor.head(cbor.BYTES, None)
    stream += b"".join(cbor.head(cbor.BYTES, len(chunk)) + chunk for chunk in chunks) + cbor.BREAK
    assert cbor.loads(stream) == b"".join(chunks) == cbor2.loads(stream)


def test_indefinite_list_and_map() -> None:
    assert cbor.loads(b"\x9f\x01\x9f\xff\xff") == [1, []]
    assert cbor.loads(b"\xbf\x61a\x01\xff") == {"a": 1}
    assert cbor.loads(b"\x7f\x61a\x61b\xff") == "ab"


def test_half_floats() -> None:
    for bits in range(0x10000):
        raw = bits.to_bytes(2, "big")
        (theirs,) = struct.unpack(">e", raw)
        ours = cbor.loads(b"\xf9" + raw)
        assert math.isnan(ours) if math.isnan(theirs) else ours == theirs


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x01\x01",  # two items
        b"\x1c",  # reserved head
        b"\x1f",  # an integer of indefinite length
        b"\xff",  # a break out of place
        b"\xc0\x60",  # a tag
        b"\xf7",  # undefined
        b"\xf8\x20",  # a simple value
        b"\x5f\x61a\xff",  # text in bytes
        b"\x5f\x5f\xff\xff",  # indefinite in indefinite
        b"\x61\xff",  # not UTF-8
        b"\x7f\x61\xc3\x61\xa9\xff",  # a character across two chunks
        b"\xa1\x40\x01",  # a key of bytes
        b"\xa1\xf5\x01",  # a key of true
        b"\xa1\x80\x01",  # a key that is a list
        b"\xa2\x61a\x01\x61a\x02",  # a key twice
        b"\xbf\x61a\xff",  # a key without a value
        b"\x9b" + b"\xff" * 8,  # more items than there are bytes in the world
        b"\x5b" + b"\xff" * 8,
        b"\x81" * (cbor.DEPTH + 1) + b"\x01",
        b"\x9f" * 5000,
    ],
)
def test_refused(bad: bytes) -> None:
    with pytest.raises(ValueError):
        cbor.loads(bad)


def test_bounds() -> None:
    assert cbor.loads(b"\x83\x01\x02\x03", items=4) == [1, 2, 3]
    with pytest.raises(ValueError):
        cbor.loads(b"\x83\x01\x02\x03", items=3)
    deep: object = 1
    for _ in range(cbor.DEPTH):
        deep = [deep]
    assert cbor.loads(cbor.dumps(deep)) == deep
    with pytest.raises(ValueError):
        cbor.dumps([deep])


@pytest.mark.parametrize("bad", [2**64, -(2**64) - 1, object(), {b"a": object()}, {1, 2}])
def test_cannot_be_written(bad: object) -> None:
    with pytest.raises(ValueError):
        cbor.dumps(bad)
