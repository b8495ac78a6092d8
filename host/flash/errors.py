"""What can go wrong while flashing; each text is one sentence: what is wrong, what to do."""

from __future__ import annotations


class FlashError(Exception):
    """Any of them."""


class ImageMissing(FlashError):
    """There is no such file."""


class ImageDamaged(FlashError):
    """The file is no UF2, or not a whole one."""


class ImageForeign(FlashError):
    """A UF2 for another chip, or one that would write outside the reader's base."""


class DriveMissing(FlashError):
    """The boot drive did not appear, or several did."""


class FlashFailed(FlashError):
    """The image was copied, and the reader does not run it."""
