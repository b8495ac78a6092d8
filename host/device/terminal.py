"""The user's terminal joined to a reader's MicroPython prompt (POSIX terminals)."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty

import serial

from host.device.errors import PortLost

LEAVE = b"\x1d"  # Ctrl-]
_TO_PROMPT = b"\r"
_SOFT_RESET = b"\x03\x02\x04"  # stop what runs, leave the raw prompt, restart the application


def leave_prompt(address: str) -> None:
    """Restart the application of a development reader that was left at its prompt (by mpremote, say).

    Raises:
        PortLost: the port cannot be used.
    """
    try:
        with serial.Serial(address, write_timeout=2, exclusive=True) as port:
            port.write(_SOFT_RESET)
    except (serial.SerialException, OSError):
        raise PortLost(f"The reader on {address} was unplugged; plug it in and see 'host devices'.") from None


def converse(address: str) -> None:
    """Pass bytes both ways until Ctrl-].

    Raises:
        PortLost: the reader was unplugged meanwhile.
    """
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        with serial.Serial(address, timeout=0, write_timeout=2, exclusive=True) as port:
            tty.setraw(keyboard)
            port.write(_TO_PROMPT)
            while True:
                ready, _, _ = select.select([keyboard, port.fileno()], [], [])
                if port.fileno() in ready:
                    os.write(sys.stdout.fileno(), port.read(4096))
                if keyboard in ready:
                    typed = os.read(keyboard, 1024)
                    port.write(typed.partition(LEAVE)[0])
                    if not typed or LEAVE in typed:
                        port.write(_SOFT_RESET)
                        return
    except (serial.SerialException, OSError):
        raise PortLost(f"The reader on {address} was unplugged; plug it in and see 'host devices'.") from None
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
