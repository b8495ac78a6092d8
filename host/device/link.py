"""A synchronous link to one reader: requests out, typed answers back, nothing waits for ever."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import logging
import math
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError
from smp import error as smp_error
from smp.header import OP
from smpclient.requests import os_management as os_group
from smpclient.transport import SMPTransport, SMPTransportDisconnected
from smpclient.transport.serial import BufferSize, SMPSerialRawTransport, SMPSerialTransport

from host.device import messages
from host.device.deadline import Deadline
from host.device.emulated import own_seconds
from host.device.errors import (
    AnswerUnknown,
    NoReader,
    PortLost,
    PortUnusable,
    ReaderCode,
    ReaderRefused,
    ReaderSilent,
    TookTooLong,
    TransferFailed,
)

# What smpclient logs as an error is raised here as one; without a handler Python would print it besides.
logging.getLogger("smpclient").addHandler(logging.NullHandler())

OPEN_S = 2.0
ANSWER_S = 20.0
"""A reader that has not answered for so long is called silent."""
EMULATED_S = 5.0
"""So long of its own time an emulated reader has besides: on a busy machine 20 s may be little of it. The
longest that the firmware leaves the link alone, between two pages of the display, is 0.4 s."""
ATTEMPT_S = 3.0
"""A read without an answer is sent again after this: on a noisy line either may be lost. Each further time
after twice as long, or a reader that is merely slow gets more questions than it can answer."""
SELFTEST_S = 60.0
WRITE_S = 2.0
PACKET = 1024
"""Largest packet (the reader's `buf_size`)."""


@dataclass(frozen=True)
class Info:
    """What runs in a reader."""

    firmware: str
    core: str
    gate_set: str
    git: str
    build: str
    micropython: str
    board: str
    reader: str
    mode: str


@dataclass(frozen=True)
class Screen:
    """What the reader's display shows: `pixels` has one palette index (0..15) per pixel, row by row."""

    width: int
    height: int
    palette: bytes
    pixels: bytes

    def rgb(self) -> bytes:
        """Return height x width x 3 bytes."""
        colours = [self.palette[3 * n : 3 * n + 3] for n in range(16)]
        return b"".join(colours[pixel] for pixel in self.pixels)


class Link:
    """One open port. A context manager.

    Args:
        address: the serial port.
        deadline: of everything done over the link.
        raw: the raw framing instead of the console framing, which has a CRC.
    """

    def __init__(self, address: str, deadline: Deadline | None = None, raw: bool = False) -> None:
        self.address = address
        self.deadline = deadline or Deadline()
        self._transport: SMPTransport
        if raw:
            self._transport = SMPSerialRawTransport(mtu=PACKET, write_timeout=WRITE_S, exclusive=True)
        else:
            self._transport = SMPSerialTransport(BufferSize(PACKET), write_timeout=WRITE_S, exclusive=True)
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        """Open the port.

        Raises:
            NoReader, PortUnusable: it is not there, or cannot be opened.
            TookTooLong: the deadline has passed.
        """
        try:
            self._open()
        except BaseException:
            self._loop.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.run_until_complete(self._transport.disconnect())
        except OSError:
            pass  # a port that was pulled out is as closed as it can be
        finally:
            self._loop.close()

    def _open(self) -> None:
        if os.name == "posix" and not Path(self.address).exists():
            raise self._why_not_open()  # smpclient would wait for it to appear
        try:
            self._loop.run_until_complete(self._transport.connect(self.address, self.deadline.within(OPEN_S)))
        except (TimeoutError, OSError) as why:
            raise self._why_not_open() from why

    def _why_not_open(self) -> NoReader | PortUnusable:
        """Tell why the port does not open: smpclient says only that it does not."""
        try:
            os.close(
                os.open(self.address, os.O_RDWR | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0))
            )
        except OSError as why:
            if why.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
                return NoReader(
                    f"There is no port {self.address}; 'host devices' lists the readers in sight."
                )
            if why.errno in (errno.EACCES, errno.EPERM):
                return PortUnusable(
                    f"Access to {self.address} is denied: add yourself to the group that owns it (dialout) "
                    "and log in again."
                )
        return PortUnusable(
            f"{self.address} cannot be opened: another program has it, or it is no serial port; "
            "close the program or choose another port."
        )

    # -- one request --------------------------------------------------------------------------------------

    def request(self, request: Any, answer_s: float = ANSWER_S) -> Any:
        """Send a request (an `smpclient` request class, or one of `host.device.messages`), return its
        response.

        A read is sent again when nothing comes back; a write never is, as it may have been done.

        Raises:
            ReaderSilent: no answer within answer_s; an emulated reader has some of its own time besides.
            ReaderRefused: the answer is an error.
            AnswerUnknown: the answer cannot be understood.
            PortLost: the port is gone.
            TookTooLong: the link's deadline has passed.
        """
        try:
            frame = self._loop.run_until_complete(self._exchange(request, answer_s))
        except TimeoutError:
            self.deadline.left()
            raise ReaderSilent(
                f"The reader on {self.address} does not answer: check the cable and that it is a CTC reader, "
                "then try 'host reset', or switch it off and on."
            ) from None
        except (SMPTransportDisconnected, OSError) as why:
            raise PortLost(
                f"The reader on {self.address} was unplugged or restarted in the middle; "
                "plug it in and see 'host devices'."
            ) from why
        return self._response(request, frame)

    async def _exchange(self, request: Any, answer_s: float) -> bytes:
        """Send a request, and a read again where need be; TimeoutError when the reader is silent."""
        silent_at = time.monotonic() + answer_s
        attempt = ATTEMPT_S if request.header.op == OP.READ else math.inf
        sending = True
        grace: float | None = None
        while True:
            left = silent_at - time.monotonic()
            wait = self.deadline.within(min(attempt, left if left > 0 else EMULATED_S))
            try:
                return await asyncio.wait_for(self._ask(request, sending), wait)
            except TimeoutError:
                self.deadline.left()
            sending = False
            if time.monotonic() >= silent_at:
                own = own_seconds(self.address)
                if own is None or (grace is not None and own >= grace):
                    raise TimeoutError
                grace = grace or own + EMULATED_S
            elif wait == attempt:
                attempt *= 2
                sending = True

    async def _ask(self, request: Any, sending: bool) -> bytes:
        if sending:
            await self._transport.send(request.BYTES)
        return await self._answer_to(request)

    async def _answer_to(self, request: Any) -> bytes:
        """Return the next sound frame with the request's sequence; others are late answers or noise."""
        while True:
            try:
                frame = await self._transport.receive()
                header = messages.header_of(frame)
            except (SMPTransportDisconnected, OSError):
                raise
            except Exception:  # smp's and smpclient's several complaints about a frame, and binascii's
                await asyncio.sleep(0)
                continue
            sent = request.header
            if (header.sequence, header.group_id, header.command_id, header.op) == (
                sent.sequence,
                sent.group_id,
                sent.command_id,
                sent.op + 1,
            ):
                return frame

    @staticmethod
    def _response(request: Any, frame: bytes) -> Any:
        for kind in (
            request._ErrorV2,
            request._ErrorV1,
            request._Response,
        ):  # errors first: answers may be empty
            try:
                response = kind.loads(frame)
            except (ValidationError, ValueError, TypeError):
                continue
            if isinstance(response, smp_error.ErrorV2):
                code, group = response.err.rc, response.err.group
                raise ReaderRefused(
                    ReaderCode(code) if group == messages.GROUP else None, f"group {group}, code {int(code)}"
                )
            if isinstance(response, smp_error.ErrorV1):
                busy = response.rc == smp_error.MGMT_ERR.EBUSY  # in any group
                raise ReaderRefused(
                    ReaderCode.BUSY if busy else None, f"{response.rc.name} ({int(response.rc)})"
                )
            return response
        raise AnswerUnknown(
            f"The reader's answer to {type(request).__name__} is not understood: "
            "its firmware and this host do not fit, flash the reader with 'host flash'."
        )

    # -- the requests -------------------------------------------------------------------------------------

    def echo(self, text: str) -> str:
        """Return what the reader sends back."""
        return str(self.request(os_group.EchoWrite(d=text)).r)

    def info(self) -> Info:
        """Return what runs in the reader; raises AnswerUnknown if it is no CTC reader's firmware."""
        output = self.request(os_group.OSApplicationInfoRead(format="c")).output
        try:
            facts = json.loads(output)
            return Info(**{name: str(facts[name]) for name in Info.__dataclass_fields__})
        except (ValueError, KeyError, TypeError):
            raise AnswerUnknown(
                f"What answers on {self.address} is no CTC reader, or an old one: flash it with 'host flash'."
            ) from None

    def clock(self) -> str:
        """Return the reader's clock, UTC, ISO 8601; ReaderRefused when it was never set."""
        return str(self.request(os_group.DateTimeRead()).datetime)

    def set_clock(self, utc: str) -> None:
        """Set the reader's clock (ISO 8601, UTC)."""
        self.request(os_group.DateTimeWrite(datetime=utc))

    def reset(self, force: bool = False) -> None:
        """Restart the reader; without force not in the middle of a run."""
        self._leave(os_group.ResetWrite(force=1) if force else os_group.ResetWrite())

    def status(self) -> messages.StatusReadResponse:
        """Return what the reader is doing."""
        answer: messages.StatusReadResponse = self.request(messages.StatusRead())
        return answer

    def start(self, sample: str, kind: str, fields: int | None = None, operator: str | None = None) -> int:
        """Start a run and return its sequence number."""
        request = messages.StartWrite(sample=sample, kind=kind, fields=fields, operator=operator)
        return int(self.request(request).seq)

    def abort(self) -> None:
        """Stop the run; it ends INVALID."""
        self.request(messages.AbortWrite())

    def results(self, after: int = 0) -> list[messages.Kept]:
        """Return the records behind `after` that the reader keeps, oldest first, at most 8."""
        return list(self.request(messages.ResultsRead(after=after)).results)

    def record(self, kept: messages.Kept) -> bytes:
        """Fetch one record and compare it with its SHA-256.

        Raises:
            TransferFailed: it is not what the reader announced.
        """
        data = bytearray()
        while len(data) < kept.len:
            part = self.request(messages.RecordRead(seq=kept.seq, off=len(data)))
            if (part.seq, part.off, part.len) != (kept.seq, len(data), kept.len) or not part.data:
                raise TransferFailed(f"Record {kept.seq} changed while it was read; pull again.")
            data += part.data
        if hashlib.sha256(data).digest() != kept.sha:
            raise TransferFailed(
                f"Record {kept.seq} does not have the SHA-256 that the reader states; pull again, "
                "it is still there."
            )
        return bytes(data)

    def acknowledge(self, kept: messages.Kept) -> None:
        """Tell the reader that the record is safe. Once more does no harm: an answer may have been lost."""
        try:
            self.request(messages.AcknowledgeWrite(seq=kept.seq, sha=kept.sha))
        except ReaderRefused as refused:
            if refused.code != ReaderCode.NO_SUCH_RESULT:
                raise

    def screen(self) -> Screen:
        """Return what the display shows.

        Raises:
            AnswerUnknown: the picture's size and its data do not fit together.
        """
        data = bytearray()
        while True:
            part = self.request(messages.ScreenRead(off=len(data)))
            data += part.data
            if len(data) >= part.len or not part.data:
                break
        if len(data) * 2 != part.width * part.height or len(part.palette) != 48:
            raise AnswerUnknown(
                "The reader's picture and its size do not fit: flash the reader with 'host flash'."
            )
        pixels = bytes(nibble for byte in data for nibble in (byte >> 4, byte & 15))
        return Screen(part.width, part.height, part.palette, pixels)

    def selftest(self) -> messages.SelftestWriteResponse:
        """Run the self-test."""
        answer: messages.SelftestWriteResponse = self.request(messages.SelftestWrite(), SELFTEST_S)
        return answer

    def bootloader(self) -> None:
        """Restart the reader into its boot drive; not in the middle of a run."""
        self._leave(messages.BootloaderWrite())

    def _leave(self, request: Any) -> None:
        """Send what takes the port away. The answer may go with it: then that is the answer."""
        with suppress(PortLost):
            self.request(request)


def wait_until_it_answers(address: str, deadline: Deadline, seconds: float) -> Info:
    """Return what runs in a reader that is starting, asking until it answers.

    Raises:
        ReaderSilent: it did not within `seconds`.
        TookTooLong: the deadline has passed.
    """
    limit = Deadline(deadline.within(seconds))
    attempt = ATTEMPT_S
    while True:
        try:
            with Link(address, limit) as link:
                link.deadline = Deadline(limit.within(attempt))
                attempt *= 2  # what was asked before has to be answered first
                return link.info()
        except (NoReader, PortLost, PortUnusable, ReaderSilent, TookTooLong) as why:
            deadline.left()
            try:
                limit.sleep(0.1)
            except TookTooLong:
                raise ReaderSilent(
                    f"The reader on {address} did not come back within {seconds:g} s: switch it off and on."
                ) from why
