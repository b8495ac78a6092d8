"""A reader on a serial port, and nothing else around it."""

from __future__ import annotations

from .base import Rig


class PortRig(Rig):
    """`--port`: what the port and the picture that the reader sends can show."""

    features = frozenset({"port", "screen"})

    def __init__(self, port: str) -> None:
        self._port = port

    def port(self) -> str:
        return self._port
