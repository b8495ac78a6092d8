"""The process that is one virtual bench: the reader, its ports, its boot drive, its control socket."""

from __future__ import annotations

import base64
import hashlib
import os
import select
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from host import board
from host.bench import registry
from host.bench.bootdrive import BLOCK, ROM_PID, ROM_PRODUCT, ROM_SERIAL, ROM_VID, BootDrive
from host.bench.control import Answer, ControlServer
from host.bench.pace import Pace
from host.bench.ports import Port
from host.bench.reader import Reader
from host.bench.registry import BenchError, Entry
from host.bench.usb import Device, UsbHost

USB_BACKLOG = 4096  # bytes for the device beyond which the host has to wait
DRIVE_POLL_S = 0.05
PORT_DRAIN_S = (0.05, 1.0)  # for a host to read what the reader said before it restarted
REBOOT_DELAY_S = (
    0.25  # the boot ROM restarts a moment after the last block; a copying program may close its file
)


def unique_id(name: str, serial: str | None) -> bytes:
    """Return the flash's unique id: the one asked for (16 hex digits) or one made from the bench's name.

    Raises:
        BenchError: not 16 hex digits.
    """
    if serial is None:
        return hashlib.sha256(f"CTC reader {name}".encode()).digest()[:8]
    try:
        identity = bytes.fromhex(serial)
    except ValueError:
        identity = b""
    if len(identity) != 8:
        raise BenchError(f"'{serial}' is no serial number of a reader: it has 16 hexadecimal digits.")
    return identity


class BenchProcess:
    """One bench from start to end.

    Args:
        name: its name in the registry.
        serial: the reader's unique id, 16 hex digits; made from the name if None.
        firmware: a UF2 to be in flash already.
        state: folder that keeps the flash's contents after the end; None keeps nothing.
        idle_timeout: seconds without any use after which the bench ends by itself; 0 is never.
        seed: seeds every random process in the reader.
    """

    def __init__(
        self,
        name: str,
        *,
        serial: str | None = None,
        firmware: Path | None = None,
        state: Path | None = None,
        idle_timeout: float = 0.0,
        seed: int = 1,
    ) -> None:
        registry.check_name(name)
        identity = unique_id(name, serial)
        if any(entry.name == name for entry in registry.benches()):
            raise BenchError(f"A bench named '{name}' is already running; choose another name with --name.")
        base = registry.create()
        own = base / f"{name}.bench"
        keep = state if state is not None else own
        for path in (own, keep):
            path.mkdir(parents=True, exist_ok=True)
        control = base / f"{name}.sock"
        control.unlink(missing_ok=True)
        self._usb_path = base / f"{name}.usb"
        self._idle_timeout = idle_timeout
        self.entry = Entry(name, os.getpid(), str(control), str(own / "uart"), str(own / "RPI-RP2"))
        self._started = self._used_at = time.monotonic()
        self._slept_at = self._started
        self._ended = False
        self._powered = True
        self._reader = Reader(board.load(), identity, keep / "flash.bin", seed)
        self._chip, self._clock = self._reader.chip, self._reader.clock
        self._drive = BootDrive(Path(self.entry.boot), self._chip.flash_chip)
        self._drive_at = 0.0
        self._restart_at: float | None = None
        self._poll = select.poll()
        self._usb_port: Port | None = None
        self._usb_polled = False
        self._usb = UsbHost(self._chip, self._attached, self._detached, self._from_usb)
        self._uart_port = Port(Path(self.entry.uart))
        self._uart_polled = False
        self._chip.uart[board.load()["link"]["uart"]].on_byte = self._from_uart
        self._slice_end = self._clock.create_alarm(self._end_slice)
        self._pace = Pace(self._clock.nanos, self._started)
        if firmware is not None:
            self._preload(firmware)
        self._control = ControlServer(control, self._handle, self._poll)

    # -- life -------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run until somebody ends the bench; leave nothing behind but a state folder that was asked for."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        try:
            self._boot(power_on=True)
            registry.write(self.entry)
            self._used_at = time.monotonic()
            wait = 0.0
            while not self._ended:
                self._exchange(wait)
                wait = self._step()
                if self._idle_timeout and time.monotonic() - self._used_at > self._idle_timeout:
                    break
        finally:
            self._close()

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._ended = True

    def _close(self) -> None:
        self._control.close()
        for port in (self._usb_port, self._uart_port):
            if port is not None:
                port.close()
        self._chip.flash_chip.close()
        registry.remove(self.entry)

    def _preload(self, firmware: Path) -> None:
        try:
            image = firmware.read_bytes()
        except OSError as error:
            raise BenchError(f"'{firmware}' cannot be read: {error.strerror}.") from None
        if not self._drive.load(image[at : at + BLOCK] for at in range(0, len(image), BLOCK)):
            raise BenchError(f"'{firmware}' is no complete UF2 image for an RP2040.")

    # -- time -------------------------------------------------------------------------------------------

    def _step(self) -> float:
        """Let some device time pass; return how long to wait for the outside world afterwards."""
        now = time.monotonic()
        if not self._powered or self._drive.present:
            self._clock.tick(max(0.0, (now - self._slept_at) * 1e9))
            self._slept_at = now
            return self._step_drive(now) if self._drive.present else DRIVE_POLL_S
        before = self._clock.nanos
        allowed = self._pace.allow(before, now, self._reader.working)
        if allowed > 0:
            self._slice_end.schedule(allowed)
            self._chip.run()
            self._pace.spent(self._clock.nanos - before)
        if self._chip.reset_wanted:
            self._boot(power_on=False)
        end = time.monotonic()
        return self._pace.rest(end, end - now, bool(self._chip.core.waiting))

    def _end_slice(self) -> None:
        self._chip.batch.stopped = True

    def _step_drive(self, now: float) -> float:
        if self._restart_at is not None:
            if now >= self._restart_at:
                self._restart_at = None
                self._drive.vanish()
                self._boot(power_on=True)
        elif self._drive.poll():
            self._restart_at = now + REBOOT_DELAY_S
        return DRIVE_POLL_S

    def _boot(self, *, power_on: bool) -> None:
        self._slept_at = time.monotonic()
        in_rom = self._reader.restart(power_on=power_on)
        self._pace.device_spoke(self._clock.nanos, time.monotonic())
        if in_rom:
            self._drive.appear()
            self._publish(serial=ROM_SERIAL, vid=ROM_VID, usb_pid=ROM_PID, product=ROM_PRODUCT)

    def _power(self, on: bool) -> None:
        if on == self._powered:
            return
        self._powered = on
        if on:
            self._boot(power_on=True)
            return
        self._drive.vanish()
        self._restart_at = None
        self._reader.restart(power_on=True)  # everything lets go of its pins
        self._slept_at = time.monotonic()
        self._publish()

    # -- ports ------------------------------------------------------------------------------------------

    def _publish(self, **identity: Any) -> None:
        for key in ("port", "serial", "vid", "usb_pid", "product"):
            setattr(self.entry, key, identity.get(key))
        registry.write(self.entry)

    def _attached(self, device: Device) -> None:
        self._usb_port = Port(self._usb_path)
        self._publish(
            port=str(self._usb_path),
            serial=device.serial,
            vid=device.vid,
            usb_pid=device.pid,
            product=device.product,
        )

    def _detached(self) -> None:
        if self._usb_port is not None:
            if self._usb_polled:
                self._poll.unregister(self._usb_port.fd)
                self._usb_polled = False
            self._usb_port.drain(*PORT_DRAIN_S)
            self._usb_port.close()
            self._usb_port = None
            self._publish()

    def _from_usb(self, data: bytes) -> None:
        self._pace.device_spoke(self._clock.nanos, time.monotonic())
        if self._usb_port is not None:
            self._usb_port.write(data)

    def _from_uart(self, value: int) -> None:
        self._pace.device_spoke(self._clock.nanos, time.monotonic())
        self._uart_port.write(bytes((value,)))

    def _exchange(self, wait: float) -> None:
        """Wait for the outside world at most that long; take in what it has to say."""
        for port in (self._usb_port, self._uart_port):
            if port is not None:
                port.flush()
        ready = {number for number, _event in self._poll.poll(wait * 1000)}
        if self._control.serve(ready):
            self._used_at = time.monotonic()
        usb = self._usb_port
        if usb is not None:
            data = usb.poll(self._usb.pending < USB_BACKLOG)
            if usb.is_open or not self._usb.pending:
                self._usb.set_open(usb.is_open)
            if data:
                self._usb.send(data)
                self._heard()
            self._usb_polled = self._watch(usb, self._usb_polled)
            if usb.is_open:
                self._used_at = time.monotonic()
        uart = self._uart_port
        if data := uart.poll(self._reader.link.pending < USB_BACKLOG):
            self._reader.link.send(data)
            self._heard()
        self._uart_polled = self._watch(uart, self._uart_polled)

    def _watch(self, port: Port, watched: bool) -> bool:
        # A port nobody has open would wake the poll without end.
        if port.is_open and not watched:
            self._poll.register(port.fd, select.POLLIN)
        elif watched and not port.is_open:
            self._poll.unregister(port.fd)
        return port.is_open

    def _heard(self) -> None:
        self._used_at = time.monotonic()
        self._pace.host_spoke(self._clock.nanos, self._used_at)

    # -- control ----------------------------------------------------------------------------------------

    def _handle(self, request: Answer) -> Answer:
        command = request.get("cmd")
        handler = getattr(self, f"_do_{command}", None) if isinstance(command, str) else None
        if handler is None:
            raise BenchError(f"A bench knows no command '{command}'.")
        answer = handler(request)
        return answer if answer is not None else {}

    def _do_specimen(self, request: Answer) -> Answer:
        path = request["path"]
        if path is None:
            self._reader.scene.remove()
        else:
            self._reader.scene.insert(Path(path))
        return {"fields": self._reader.scene.fields}

    def _do_lid(self, request: Answer) -> None:
        self._reader.open_lid(_boolean(request["open"]))
        self._stirred()

    def _do_button(self, request: Answer) -> None:
        milliseconds = float(request.get("ms", 100))
        if not 0 < milliseconds <= 60_000:
            raise BenchError("The button can be held for 0 to 60,000 ms.")
        self._reader.press(milliseconds)
        self._stirred()

    def _do_power(self, request: Answer) -> None:
        if request.get("cycle"):
            self._power(False)
            self._power(True)
        else:
            self._power(_boolean(request["on"]))

    def _do_screen(self, _request: Answer) -> Answer:
        display = self._reader.display
        rgb = base64.b64encode(display.rgb()).decode()
        return {"width": display.width, "height": display.height, "rgb": rgb}

    def _do_lights(self, _request: Answer) -> Answer:
        return self._reader.lights()

    def _do_fault(self, request: Answer) -> None:
        if "led" in request:
            self._reader.led_fault(str(request["led"]), float(request["factor"]))
        elif "magnet" in request:
            self._reader.magnet.set_working(_boolean(request["magnet"]))
        elif "celsius" in request:
            self._reader.magnet.set_celsius(float(request["celsius"]))
        else:
            raise BenchError(
                "A fault is one of led (with factor), magnet (working: true or false) and celsius."
            )

    def _do_trace(self, request: Answer) -> Answer:
        return {"events": self._reader.set_tracing(_boolean(request["on"]))}

    def _do_clock(self, request: Answer) -> None:
        try:
            when = datetime.fromisoformat(str(request["utc"]))
        except ValueError:
            raise BenchError(f"'{request['utc']}' is no ISO 8601 time such as 2025-03-01T09:30:00.") from None
        self._reader.set_clock(when if when.tzinfo else when.replace(tzinfo=UTC))

    def _do_flash(self, request: Answer) -> None:
        self._reader.set_flash_times(str(request["times"]))

    def _do_scan(self, request: Answer) -> None:
        self._reader.scanner.send(str(request["text"]).encode("ascii") + b"\r")
        self._stirred()

    def _do_stats(self, _request: Answer) -> Answer:
        return {
            "cycles": self._chip.cycles,
            "ms": self._clock.nanos / 1e6,
            "wall_s": time.monotonic() - self._started,
            "cpu_s": time.process_time(),
            "frames": self._reader.sensor.frames,
            "flash_operations": self._chip.flash_chip.operations,
        }

    def _do_down(self, _request: Answer) -> None:
        self._ended = True

    def _stirred(self) -> None:
        """A person did something to the reader: it may be quick to notice."""
        self._pace.device_spoke(self._clock.nanos, time.monotonic())


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise BenchError(f"true or false was expected, not {value!r}.")
    return value
