"""The control socket of a bench: one JSON object per line each way (docs/architecture.md)."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from host.bench.registry import BenchError

Answer = dict[str, Any]
LINE_MAX = 1 << 16
REPLY_TIMEOUT_S = 2.0


class ControlServer:
    """The bench's end; `handle(request)` gives the answer or raises BenchError."""

    def __init__(self, path: Path, handle: Callable[[Answer], Answer], poll: select.poll) -> None:
        self._handle, self._poll = handle, poll
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(str(path))
        except OSError as error:
            raise BenchError(
                f"The control socket {path} cannot be made: {error.strerror or error}."
            ) from None
        self._listener.listen(8)
        self._listener.setblocking(False)
        self._clients: dict[int, tuple[socket.socket, bytearray]] = {}
        poll.register(self._listener.fileno(), select.POLLIN)

    def serve(self, ready: set[int]) -> bool:
        """Answer what came in on the ready descriptors; return whether anything did."""
        if self._listener.fileno() in ready:
            with suppress(BlockingIOError):
                client, _address = self._listener.accept()
                client.settimeout(REPLY_TIMEOUT_S)
                self._clients[client.fileno()] = (client, bytearray())
                self._poll.register(client.fileno(), select.POLLIN)
        answered = False
        for number in ready & self._clients.keys():
            answered |= self._serve_client(number)
        return answered

    def _serve_client(self, number: int) -> bool:
        client, buffer = self._clients[number]
        try:
            data = client.recv(LINE_MAX)
            buffer += data
            if not data or len(buffer) > LINE_MAX:
                raise OSError("gone")
            while b"\n" in buffer:
                line, _, rest = bytes(buffer).partition(b"\n")
                buffer[:] = rest
                client.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            self._drop(number)
        return True

    def _answer(self, line: bytes) -> Answer:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise BenchError("A request is one JSON object per line.")
            return {"ok": True, **self._handle(request)}
        except BenchError as error:
            return {"ok": False, "error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"The request cannot be understood: {error!r}."}

    def _drop(self, number: int) -> None:
        self._poll.unregister(number)
        self._clients.pop(number)[0].close()

    def close(self) -> None:
        """Hang up on everybody."""
        for number in list(self._clients):
            self._drop(number)
        self._listener.close()


def ask(path: str | Path, command: str, /, timeout: float = 10.0, **arguments: Any) -> Answer:
    """Send one request to a bench and return its answer.

    Raises:
        BenchError: the bench refused (its own sentence), did not answer in time, or is gone.
    """
    request = json.dumps({"cmd": command, **arguments}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(timeout)
            client.connect(str(path))
            client.sendall(request)
            reply = bytearray()
            while not reply.endswith(b"\n"):
                part = client.recv(1 << 16)
                if not part:
                    raise BenchError(
                        "The bench ended before it answered; start it again with 'host bench up'."
                    )
                reply += part
    except TimeoutError:
        raise BenchError(f"The bench did not answer '{command}' within {timeout:g} s.") from None
    except OSError as error:
        raise BenchError(f"The bench does not answer ({error.strerror or error}); is it still up?") from None
    answer: Answer = json.loads(reply)
    if not answer.pop("ok", False):
        raise BenchError(str(answer.get("error", "The bench refused without a reason.")))
    return answer
