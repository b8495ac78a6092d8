"""Flashing: an image checked, copied to the boot drive, and seen to run."""

from host.flash.errors import (
    DriveMissing,
    FlashError,
    FlashFailed,
    ImageDamaged,
    ImageForeign,
    ImageMissing,
)
from host.flash.manifest import Manifest
from host.flash.program import Outcome, choose, flash
from host.flash.uf2 import Image, load

__all__ = [
    "DriveMissing",
    "FlashError",
    "FlashFailed",
    "Image",
    "ImageDamaged",
    "ImageForeign",
    "ImageMissing",
    "Manifest",
    "Outcome",
    "choose",
    "flash",
    "load",
]
