"""What an OME-TIFF says about itself: pixel size, significant bits, channel names.

OME data model 2016-06, element ``Pixels``: PhysicalSizeX/Y with their units (default micrometre),
SignificantBits, and the ``Channel`` elements' names.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from host.specimen.errors import SpecimenError

MICROMETRES = {
    "m": 1e6,
    "dm": 1e5,
    "cm": 1e4,
    "mm": 1e3,
    "µm": 1.0,  # U+00B5, the one the schema names
    "μm": 1.0,  # U+03BC, which some writers use
    "um": 1.0,
    "micron": 1.0,
    "nm": 1e-3,
    "Å": 1e-4,
    "pm": 1e-6,
    "in": 25400.0,
}
"""Length units of the schema that a microscope image can have, and two common misspellings."""


@dataclass(frozen=True, slots=True)
class OmeMetadata:
    """Of the first image; None where it says nothing."""

    um_per_pixel_x: float | None = None
    um_per_pixel_y: float | None = None
    significant_bits: int | None = None
    channels: tuple[str, ...] = ()


def parse(xml: str) -> OmeMetadata:
    """Read the OME-XML of a TIFF.

    Raises:
        SpecimenError: it is not XML, holds no image, or a value is no number.
    """
    try:
        root = ElementTree.fromstring(xml.encode("utf-8"))
    except ElementTree.ParseError as why:
        raise SpecimenError(f"The file's OME metadata is damaged ({why}): save the file again.") from None
    pixels = root.find("{*}Image/{*}Pixels")
    if pixels is None:
        raise SpecimenError("The file's OME metadata describes no image: save the file again.")
    x = _length(pixels, "X")
    y = _length(pixels, "Y")
    bits = pixels.get("SignificantBits")
    if bits is not None and not (bits.isdigit() and 1 <= int(bits) <= 32):
        raise SpecimenError(f"The file's OME metadata says SignificantBits {bits!r}: it must be 1 to 32.")
    return OmeMetadata(
        um_per_pixel_x=x,
        um_per_pixel_y=x if y is None else y,
        significant_bits=None if bits is None else int(bits),
        channels=tuple(channel.get("Name", "") for channel in pixels.findall("{*}Channel")),
    )


def _length(pixels: ElementTree.Element, axis: str) -> float | None:
    """Return the pixel size along one axis in um, None when absent or in no unit of length."""
    name = f"PhysicalSize{axis}"
    text = pixels.get(name)
    if text is None:
        return None
    unit = pixels.get(f"{name}Unit", "µm")
    if unit in ("pixel", "reference frame"):
        return None
    if unit not in MICROMETRES:
        raise SpecimenError(f"The file's OME metadata gives {name} in {unit!r}: save it in micrometres.")
    try:
        return float(text) * MICROMETRES[unit]
    except ValueError:
        raise SpecimenError(f"The file's OME metadata says {name} {text!r}: it must be a number.") from None
