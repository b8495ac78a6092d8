"""From a file's numbers to grey levels: one fixed straight line for every channel and every image.

HER2 is scored from intensity, so nothing is ever stretched to what one image happens to hold:
``signal = value * 255 / full scale``, with value 0 as dark. The full scale is 2^bits - 1; a float file
without ``bits`` is 0 to 1, or grey levels 0 to 255 as soon as one value is above 1.
"""

from __future__ import annotations

import numpy as np

from host.specimen.errors import SpecimenError
from host.specimen.geometry import FULL_SCALE

BITS_MAX = 32


def full_scale(dtype: np.dtype[np.generic], bits: int | None, brightest: float, darkest: float) -> float:
    """Return the value that stands for the reader's grey level 255.

    Args:
        dtype: of the file's pixels.
        bits: significant bits, from the file or the caller; None when nobody said.
        brightest, darkest: over all channels of the image.

    Raises:
        SpecimenError: the depth cannot be right, or has to be said.
    """
    if bits is not None:
        if not 1 <= bits <= BITS_MAX:
            raise SpecimenError(f"A depth of {bits} bits is impossible: give --bits from 1 to {BITS_MAX}.")
        if brightest > 2.0**bits - 1.0:
            raise SpecimenError(
                f"The brightest pixel is {brightest:g}, more than {bits} bits can hold: give the right "
                "--bits."
            )
        return 2.0**bits - 1.0
    if dtype.kind == "f":
        if brightest <= 1.0:
            return 1.0
        if brightest <= FULL_SCALE:
            return FULL_SCALE
        raise SpecimenError(
            f"The pixels are floating-point numbers up to {brightest:g}, so their full scale is unknown: "
            "give --bits (16 for 0 to 65535)."
        )
    depth = 8 * dtype.itemsize - (dtype.kind == "i")
    scale = 2.0**depth - 1.0
    # Cameras of 10 to 14 bits are stored in 16: taken at face value, every 3+ would read as 0 and nobody
    # would know.
    if depth > 8 and darkest < brightest < 2.0 ** (depth - 2):
        used = max(8, int(brightest).bit_length())
        raise SpecimenError(
            f"The brightest pixel is {brightest:g}, which uses {used} of {depth} bits, and the file does "
            "not say its "
            f"depth: give --bits {used} if that is the camera's, or --bits {depth} if the image is that dark."
        )
    return scale
