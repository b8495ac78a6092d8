# The boot manager's first form: runs before anything else, after every reset. It mounts nothing and formats
# nothing; frozen modules are all that can be imported.
import sys

import board
from machine import Pin

# Light and magnet off: an interpreter restart stops the PWM slices wherever they happen to be.
for _name in board.PWM_PINS:
    Pin(getattr(board, "PINS_" + _name.upper()), Pin.OUT, value=0)

sys.path[:] = [".frozen"]
