"""The SMP server: packets in, packets out, whatever comes.

A handler takes (services, body) and returns the answer's map, or (map, later): `later` is called once the
answer has left. It raises ValueError for a bad value, Refused, or ProtocolError. Nothing that comes over
the link makes poll() raise.
"""

# ruff: noqa: B904 (MicroPython has no exception chaining)
from .. import cbor
from . import errors, os_group, reader_group
from .framing import HEADER, PACKET, Receiver, Sender

try:
    from time import ticks_diff as elapsed
    from time import ticks_ms as now
except ImportError:  # CPython
    from time import monotonic_ns  # type: ignore[attr-defined]

    def now():  # type: ignore[misc]
        return monotonic_ns() // 1_000_000

    def elapsed(later, earlier):  # type: ignore[misc]
        return later - earlier


_READS = 64  # reads from one port in one poll: a host that never stops must not stop the reader
_CHUNK = 128
_BODY_DEPTH = 4
_BODY_ITEMS = 64


class Server:
    """Answers on every port.

    ports: each has read(buf, n) -> int (what is there, at most n bytes, never waits), write(data) and
    drain(). services: the application's side (reader.services).
    """

    GROUPS = {errors.OS_GROUP: os_group, errors.READER_GROUP: reader_group}

    def __init__(self, ports, services, development=False):
        self._services = services
        self._links = [(port, Receiver(development)) for port in ports]
        self._chunk = bytearray(_CHUNK)
        self._sender = Sender()
        self.last_error = None
        """The exception behind the last "unknown" answer, for whoever looks for the reason."""

    def poll(self):
        """Handle what has arrived; return "repl" when a development build is asked for its REPL."""
        for port, receiver in self._links:
            for _ in range(_READS):
                n = port.read(self._chunk, receiver.wanted(_CHUNK))
                if not n:
                    receiver.silent(now(), elapsed)
                    break
                at = 0
                while at < n:
                    at = receiver.feed(self._chunk, at, n)
                    if receiver.framing:
                        self._answer(port, receiver)
                    elif receiver.repl:
                        receiver.repl = False
                        return "repl"
        return None

    def _answer(self, port, receiver):
        packet = receiver.packet()
        first = packet[0]
        op = first & 7
        if op & 1 or op > 2:
            return  # an answer, or nothing that is known: not ours to answer
        later = None
        try:
            body, later = self._handle(packet, first >> 3 & 3, op)
            data = cbor.dumps(body)
            if HEADER + len(data) > PACKET:
                raise errors.ProtocolError(errors.E_MSGSIZE)
        except errors.ProtocolError as error:
            data = cbor.dumps({"rc": error.rc})
        except MemoryError:
            data = cbor.dumps({"rc": errors.E_NOMEM})
        except Exception as error:  # a fault of ours must not take the link down with it
            self.last_error = error
            data = cbor.dumps({"rc": errors.E_UNKNOWN})
        size = HEADER + len(data)
        out = self._sender.packet(size)
        out[:HEADER] = packet[:HEADER]
        out[0] = first & 0x1F | 1
        out[1] = 0
        out[2] = len(data) >> 8
        out[3] = len(data) & 0xFF
        out[HEADER:] = data
        self._sender.send(port, receiver.framing, size)
        if later:
            port.drain()
            later()

    def _handle(self, packet, version, op):
        """Return (body, later) of the answer; raises ProtocolError."""
        if version > 1:
            raise errors.ProtocolError(errors.E_TOO_NEW)
        if HEADER + (packet[2] << 8 | packet[3]) != len(packet):
            raise errors.ProtocolError(errors.E_INVAL)
        number = packet[4] << 8 | packet[5]
        group = self.GROUPS.get(number)
        handler = group and (group.WRITE if op else group.READ).get(packet[7])
        if not handler:
            raise errors.ProtocolError(errors.E_NOTSUP)
        try:
            body = cbor.loads(packet[HEADER:], _BODY_DEPTH, _BODY_ITEMS) if len(packet) > HEADER else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise errors.ProtocolError(errors.E_INVAL)
        try:
            answer = handler(self._services, body)
            return answer if isinstance(answer, tuple) else (answer, None)
        except errors.Refused as refused:
            if version == 0:
                raise errors.ProtocolError(refused.nearest())
            return {"err": {"group": refused.group, "rc": refused.code}}, None
        except ValueError:
            if version == 0 or number != errors.READER_GROUP:
                raise errors.ProtocolError(errors.E_INVAL)
            return {"err": {"group": number, "rc": errors.BAD_VALUE}}, None
