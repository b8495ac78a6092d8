"""What surrounds the reader under test: the virtual bench, a bare port, or a real rig."""

from .base import Lacking, Rig
from .commands import CommandRig
from .port import PortRig
from .virtual import VirtualRig

__all__ = ["CommandRig", "Lacking", "PortRig", "Rig", "VirtualRig"]
