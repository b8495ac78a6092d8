"""The receiver and the sender against smp's own encoder and decoder, and against noise."""

from __future__ import annotations

import crcmod.predefined
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader.link import framing
from reader.link.crc16 import crc16
from reader.link.framing import CONSOLE, PACKET, RAW, Receiver, Sender
from smp import packet as smp_packet

headers = st.tuples(
    st.sampled_from([0x00, 0x02, 0x08, 0x0A]),
    st.integers(0, 0xFFFF),
    st.integers(0, 255),
    st.integers(0, 255),
)


def make(header: tuple[int, int, int, int], body: bytes) -> bytes:
    op, group, sequence, command = header
    return bytes([op, 0, *len(body).to_bytes(2, "big"), *group.to_bytes(2, "big"), sequence, command]) + body


packets = st.builds(make, headers, st.binary(max_size=PACKET - 8))


def console(packet: bytes, line_length: int = 127) -> bytes:
    return b"".join(smp_packet.encode(packet, line_length))


def receive(receiver: Receiver, data: bytes, pieces: int = 64) -> list[tuple[int, bytes]]:
    found = []
    for first in range(0, len(data), pieces):
        chunk = data[first : first + pieces]
        at = 0
        while at < len(chunk):
            at = receiver.feed(chunk, at, len(chunk))
            if receiver.framing:
                found.append((receiver.framing, bytes(receiver.packet())))
    return found


class Sink:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: memoryview) -> None:
        self.writes.append(bytes(data))


def fall_silent(receiver: Receiver) -> None:
    receiver.silent(0, lambda later, earlier: later - earlier)
    receiver.silent(framing.LINE_SILENCE_MS, lambda later, earlier: later - earlier)


@given(st.binary(max_size=300))
def test_crc_is_crcmods_xmodem(data: bytes) -> None:
    theirs = crcmod.predefined.mkPredefinedCrcFun("xmodem")
    assert crc16(data) == theirs(data)
    assert crc16(data + theirs(data).to_bytes(2, "big")) == 0


@given(
    st.lists(st.tuples(packets, st.sampled_from([0, 8, 64, 127, 128, 4096])), max_size=4), st.integers(1, 300)
)
def test_any_mixture_arrives(sent: list[tuple[bytes, int]], pieces: int) -> None:
    stream = b"".join(console(packet, line) if line else packet for packet, line in sent)
    wanted = [(CONSOLE if line else RAW, packet) for packet, line in sent]
    assert receive(Receiver(), stream, pieces) == wanted


@given(packets)
def test_what_we_send_smp_decodes(packet: bytes) -> None:
    sender, sink = Sender(), Sink()
    sender.packet(len(packet))[:] = packet
    sender.send(sink, RAW, len(packet))
    sender.send(sink, CONSOLE, len(packet))
    raw, text = sink.writes
    assert raw == packet
    decoder = smp_packet.decode()
    next(decoder)
    lines = text.splitlines(keepends=True)
    assert all(len(line) <= 127 for line in lines)
    with pytest.raises(StopIteration) as stop:
        for line in lines:
            decoder.send(line)
    assert stop.value.value == packet


@settings(max_examples=300)
@given(st.binary(max_size=3000), st.integers(1, 300), packets, st.booleans())
def test_noise_then_silence_then_a_packet(noise: bytes, pieces: int, packet: bytes, raw: bool) -> None:
    receiver = Receiver()
    receive(receiver, noise, pieces)
    fall_silent(receiver)
    wanted = (RAW if raw else CONSOLE, packet)
    assert receive(receiver, packet if raw else console(packet), pieces) == [wanted]


@given(packets, st.data())
def test_a_flipped_bit_never_changes_a_console_packet(packet: bytes, data: st.DataObject) -> None:
    text = bytearray(console(packet))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= 1 << data.draw(st.integers(0, 7))
    receiver = Receiver()
    for kind, got in receive(receiver, bytes(text)):
        assert kind == RAW or got == packet
    fall_silent(receiver)
    assert receive(receiver, console(packet)) == [(CONSOLE, packet)]


@given(packets, packets, st.data())
def test_half_a_line_does_not_swallow_the_next_packet(
    lost: bytes, packet: bytes, data: st.DataObject
) -> None:
    text = console(lost)
    cut = data.draw(st.integers(0, len(text) - 1))
    assert receive(Receiver(), text[:cut] + console(packet)) == [(CONSOLE, packet)]


def test_a_lost_line_loses_one_packet() -> None:
    packet = make((2, 0, 1, 0), bytes(300))
    lines = list(smp_packet.encode(packet))
    receiver = Receiver()
    assert receive(receiver, b"".join(lines[:1] + lines[2:]) + console(packet)) == [(CONSOLE, packet)]
    assert receiver.dropped == 1


def test_continuation_without_a_beginning_is_ignored() -> None:
    packet = make((2, 0, 1, 0), b"\xa0")
    line = bytearray(console(packet))
    line[:2] = b"\x04\x14"
    assert receive(Receiver(), bytes(line)) == []


def test_the_largest_and_one_more() -> None:
    largest = make((2, 0, 1, 0), bytes(PACKET - 8))
    more = make((2, 0, 1, 0), bytes(PACKET - 7))
    receiver = Receiver()
    assert receive(receiver, console(more) + console(largest) + largest) == [
        (CONSOLE, largest),
        (RAW, largest),
    ]
    assert receive(receiver, more + largest) == []  # too long for a raw packet: nothing until silence
    fall_silent(receiver)
    assert receive(receiver, largest) == [(RAW, largest)]


def test_silence_shorter_than_100_ms_keeps_a_raw_packet() -> None:
    packet = make((2, 0, 1, 0), b"\xa1\x61d\x61x")
    receiver = Receiver()
    assert receive(receiver, packet[:9]) == []
    receiver.silent(0, lambda later, earlier: later - earlier)
    receiver.silent(framing.SILENCE_MS - 1, lambda later, earlier: later - earlier)
    assert receive(receiver, packet[9:]) == [(RAW, packet)]
    receive(receiver, packet[:9])
    fall_silent(receiver)
    assert receive(receiver, packet) == [(RAW, packet)]


@pytest.mark.parametrize("byte", [0x03, 0x0D])
def test_repl_only_in_a_development_build_and_only_where_a_frame_begins(byte: int) -> None:
    packet = make((2, 0, byte, 0), bytes([byte]) * 20)
    locked, development = Receiver(), Receiver(development=True)
    assert receive(locked, bytes([byte]) + packet) == [(RAW, packet)]
    assert not locked.repl
    assert receive(development, packet + console(packet)) == [(RAW, packet), (CONSOLE, packet)]
    assert not development.repl
    assert development.feed(bytes([byte, 1]), 0, 2) == 1
    assert development.repl
