"""The USB host a reader is plugged into: enumerates it, reads its strings, carries the CDC data.

Chapter numbers are those of the USB 2.0 specification; requests of the CDC class are those of USB PSTN 1.2.
Unlike the emulator's own host, an idle OUT endpoint is not answered with empty packets without end, so a
reader that waits costs nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from rp2040py.rp2040 import RP2040
from rp2040py.usb.cdc import CDC_DTR, CDC_RTS, extract_control_interface_number, extract_endpoint_numbers

from host.bench.alarm import Alarm

IN, OUT = 0x80, 0x00
CLASS_INTERFACE = 0x21
SET_ADDRESS, GET_DESCRIPTOR, SET_CONFIGURATION = 5, 6, 9  # table 9-4
SET_CONTROL_LINE_STATE = 0x22
DEVICE, CONFIGURATION, STRING = 1, 2, 3  # table 9-5
ENGLISH = 0x0409
PACKET = 64

# A host leaves a device 2 ms to take up its address (9.2.6.3); the other gaps only have to be there.
GAP_NS = 100_000
ADDRESS_GAP_NS = 2_000_000


@dataclass
class Device:
    """What the device said it is."""

    vid: int = 0
    pid: int = 0
    manufacturer: str = ""
    product: str = ""
    serial: str = ""


@dataclass
class _Request:
    setup: bytes
    done: Callable[[bytes], None]
    length: int = 0
    data: bytearray = field(default_factory=bytearray)


class UsbHost:
    """One port of a USB host.

    Args:
        chip: the RP2040.
        attached: called when the device is configured and its strings are read.
        detached: called when the chip is reset or loses power.
        received: called with the bytes of every packet on the CDC's IN endpoint.
    """

    def __init__(
        self,
        chip: RP2040,
        attached: Callable[[Device], None],
        detached: Callable[[], None],
        received: Callable[[bytes], None],
    ) -> None:
        self._usb = chip.usb_ctrl
        self._attached, self._detached, self._received = attached, detached, received
        self._next = Alarm(chip.clock, self._start_next)
        self._clear()
        self._usb.on_usb_enabled = self._usb.reset_device  # the host resets whatever it finds on its port
        self._usb.on_reset_received = self._enumerate
        self._usb.on_endpoint_write = self._on_in
        self._usb.on_endpoint_read = self._on_out
        self._usb.on_reset = self._on_chip_reset

    def _clear(self) -> None:
        self.device = Device()
        self.configured = False
        self.dtr = False
        self._wanted_dtr = False
        self._queue: list[_Request] = []
        self._active: _Request | None = None
        self._descriptors: list[int] = []
        self._in = self._out = self._interface = -1
        self._out_sizes: list[int] = []
        self._tx = bytearray()

    # -- what the bench uses ----------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """Bytes accepted by `send` that the device has not asked for yet."""
        return len(self._tx)

    def send(self, data: bytes) -> None:
        """Queue bytes for the device; nothing is sent before the port counts as open (DTR)."""
        self._tx += data
        self._feed()

    def set_open(self, is_open: bool) -> None:
        """Raise or drop DTR and RTS, as opening and closing a serial port does."""
        if not self.configured or is_open == self._wanted_dtr:
            return
        self._wanted_dtr = is_open
        if not is_open:
            self.dtr = False
            self._tx.clear()
        value = CDC_DTR | CDC_RTS if is_open else 0
        setup = struct.pack("<BBHHH", CLASS_INTERFACE, SET_CONTROL_LINE_STATE, value, self._interface, 0)
        self._request(setup, lambda _data: self._line_state_set(is_open))

    # -- control transfers ------------------------------------------------------------------------------

    def _request(self, setup: bytes, done: Callable[[bytes], None]) -> None:
        length = struct.unpack_from("<H", setup, 6)[0] if setup[0] & IN else 0
        self._queue.append(_Request(setup, done, length))
        if self._active is None and not self._next.pending:
            self._next.schedule(GAP_NS)

    def _get(self, kind: int, index: int, language: int, length: int, done: Callable[[bytes], None]) -> None:
        self._request(struct.pack("<BBHHH", IN, GET_DESCRIPTOR, kind << 8 | index, language, length), done)

    def _start_next(self) -> None:
        if self._active is None and self._queue:
            self._active = self._queue.pop(0)
            self._usb.send_setup_packet(self._active.setup)

    def _finish(self, request: _Request) -> None:
        self._active = None
        request.done(bytes(request.data))
        if self._queue:
            self._next.schedule(ADDRESS_GAP_NS if request.setup[1] == SET_ADDRESS else GAP_NS)

    # -- what the controller reports --------------------------------------------------------------------

    def _on_in(self, endpoint: int, packet: bytes | bytearray) -> None:
        if endpoint == 0:
            request = self._active
            if request is None:
                return
            request.data += packet
            if not request.length or len(packet) < PACKET or len(request.data) >= request.length:
                self._finish(request)
        elif endpoint == self._in and packet:
            self._received(bytes(packet))

    def _on_out(self, endpoint: int, size: int) -> None:
        if endpoint == 0:
            self._usb.endpoint_read_done(0, b"")  # status stage of a read
        elif endpoint == self._out:
            self._out_sizes.append(size)
            self._feed()

    def _on_chip_reset(self) -> None:
        self._next.cancel()
        self._clear()
        self._detached()

    def _feed(self) -> None:
        while self.dtr and self._tx and self._out_sizes:
            size = self._out_sizes.pop(0)
            packet, self._tx = bytes(self._tx[:size]), self._tx[size:]
            self._usb.endpoint_read_done(self._out, packet)

    # -- enumeration (9.1.2) ----------------------------------------------------------------------------

    def _enumerate(self) -> None:
        self._clear()
        self._request(struct.pack("<BBHHH", OUT, SET_ADDRESS, 1, 0, 0), lambda _data: None)
        self._get(DEVICE, 0, 0, 18, self._got_device)

    def _got_device(self, data: bytes) -> None:
        self.device.vid, self.device.pid = struct.unpack_from("<HH", data, 8)
        for attribute, index in (("manufacturer", data[14]), ("product", data[15]), ("serial", data[16])):
            if index:
                self._get(STRING, index, ENGLISH, 255, self._string_reader(attribute))
        self._get(CONFIGURATION, 0, 0, 9, self._got_configuration_head)

    def _string_reader(self, attribute: str) -> Callable[[bytes], None]:
        def read(data: bytes) -> None:
            setattr(self.device, attribute, data[2 : data[0]].decode("utf-16-le") if len(data) > 2 else "")

        return read

    def _got_configuration_head(self, data: bytes) -> None:
        self._get(CONFIGURATION, 0, 0, struct.unpack_from("<H", data, 2)[0], self._got_configuration)

    def _got_configuration(self, data: bytes) -> None:
        endpoints = extract_endpoint_numbers(list(data))
        self._in, self._out = endpoints.in_endpoint, endpoints.out_endpoint
        self._interface = max(0, extract_control_interface_number(list(data)))
        self._request(struct.pack("<BBHHH", OUT, SET_CONFIGURATION, 1, 0, 0), self._got_configured)

    def _got_configured(self, _data: bytes) -> None:
        self.configured = True
        self._attached(self.device)

    def _line_state_set(self, is_open: bool) -> None:
        self.dtr = is_open and self._wanted_dtr
        self._feed()
