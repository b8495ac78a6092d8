"""Four planes and their metadata out of a TIFF or OME-TIFF, or one sentence why not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import tifffile
from numpy.typing import NDArray

from host.specimen import ome
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS

WANTED = "four channel pages (dapi, ck, cd45, her2)"


@dataclass(frozen=True, slots=True)
class Planes:
    """An image as it lies in the file: [4, height, width], any numeric type, in the file's own order."""

    pixels: NDArray[Any]
    metadata: ome.OmeMetadata


@dataclass(frozen=True, slots=True)
class Header:
    """What is known before a single pixel is read."""

    height: int
    width: int
    metadata: ome.OmeMetadata


class Complaints(logging.Handler):
    """What tifffile reports of a damaged file instead of raising; kept off standard error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._found.append(record.getMessage())

    def check(self, path: Path) -> None:
        """Raise ``SpecimenError`` when there was a report."""
        if self._found:
            raise SpecimenError(
                f"{path} is damaged or cut short ({self._found[0]}): copy or save it again."
            ) from None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take tifffile's reports while the context lasts."""
        logger = tifffile.logger()
        propagate = logger.propagate
        logger.addHandler(self)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(self)
            logger.propagate = propagate


class TiffImage:
    """One open file. Use as a context manager: ``header`` first, ``read`` when it fits."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` and check its structure.

        Raises:
            SpecimenError: no such file, no TIFF, damaged, or not four channels in two dimensions.
        """
        self._path = path
        complaints = Complaints()
        try:
            with complaints.listening():
                self._file = tifffile.TiffFile(path)
                try:
                    self._series, shape = self._examine()
                    self._check_complete()
                    self.header = Header(shape[-2], shape[-1], self._metadata())
                    complaints.check(path)
                except BaseException:
                    self._file.close()
                    raise
        except SpecimenError:
            complaints.check(path)  # a missing page is the damage's consequence: name the damage
            raise
        except FileNotFoundError:
            raise SpecimenError(f"There is no file {path}: check the name.") from None
        except (IsADirectoryError, PermissionError) as why:
            raise SpecimenError(f"{path} cannot be read ({why.strerror}): give a TIFF file.") from None
        except Exception as why:  # tifffile answers damage with whatever its parser trips over
            raise self._unreadable(why) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self) -> Planes:
        """Read the pixels.

        Raises:
            SpecimenError: they cannot be decoded.
        """
        complaints = Complaints()
        try:
            with complaints.listening():
                planes = np.stack([np.squeeze(one.asarray()) for one in self._series])
        except Exception as why:  # a codec fails in its own way
            raise SpecimenError(
                f"The pixels of {self._path} cannot be read ({_short(why)}): copy it again, or save it "
                "uncompressed."
            ) from None
        complaints.check(self._path)
        wanted = (len(CHANNELS), self.header.height, self.header.width)
        return Planes(planes.reshape(wanted), self.header.metadata)

    def _examine(self) -> tuple[list[tifffile.TiffPageSeries], tuple[int, ...]]:
        """Return the series that make the image, and its shape without axes of length 1."""
        series = list(self._file.series)
        if not series:
            raise SpecimenError(
                f"{self._path} holds no image, so it may be cut short: copy it again, or give a TIFF with "
                f"{WANTED}."
            )
        if self._file.is_ome or len(series) == 1:
            series = series[:1]  # OME: further images are thumbnails and labels
        elif any(
            one.ndim != 2 or one.shape != series[0].shape or one.dtype != series[0].dtype for one in series
        ):
            raise SpecimenError(
                f"The pages of {self._path} differ in size or type: give {WANTED}, all of the same size "
                "and depth."
            )
        first = series[0]
        axes = "".join(axis for axis, n in zip(first.axes, first.shape, strict=True) if n > 1 or axis in "YX")
        shape = tuple(n for axis, n in zip(first.axes, first.shape, strict=True) if n > 1 or axis in "YX")
        if len(series) > 1:
            axes, shape = "I" + axes, (len(series), *shape)
        self._check_shape(axes, shape)
        if first.dtype is None or first.dtype.kind not in "uif":
            raise SpecimenError(
                f"The pixels of {self._path} are {first.dtype}: give whole numbers or floating point."
            )
        return series, shape

    def _check_shape(self, axes: str, shape: tuple[int, ...]) -> None:
        name = self._path
        if axes.endswith("S"):
            raise SpecimenError(
                f"{name} is a colour picture (RGB), not {WANTED}: save each channel as a page of its own."
            )
        for axis, what in (("Z", "focal planes"), ("T", "time points"), ("R", "rounds")):
            if axis in axes:
                raise SpecimenError(
                    f"{name} has {shape[axes.index(axis)]} {what}, but the reader sees one flat image: "
                    "save one of them."
                )
        if not axes.endswith("YX") or len(shape) > 3:
            raise SpecimenError(f"{name} is not two-dimensional (axes {axes}, {shape}): give {WANTED}.")
        channels = shape[0] if len(shape) == 3 else 1
        if channels != len(CHANNELS):
            pages = "1 channel page" if channels == 1 else f"{channels} channel pages"
            raise SpecimenError(f"{name} has {pages}, not four: give a TIFF with {WANTED}.")

    def _check_complete(self) -> None:
        """tifffile fills pixels that are not in the file with zeros: that would be a dark channel, read as
        HER2 0."""
        size = self._path.stat().st_size
        pages = (page for one in self._series for page in one.pages)
        if any(page is None or not lies_within(page, size) for page in pages):
            raise SpecimenError(f"{self._path} is cut short: copy or save it again.")

    def _metadata(self) -> ome.OmeMetadata:
        xml = self._file.ome_metadata
        return ome.OmeMetadata() if xml is None else ome.parse(xml)

    def _unreadable(self, why: Exception) -> SpecimenError:
        try:
            with self._path.open("rb") as file:
                head = file.read(4)
        except OSError as error:
            return SpecimenError(f"{self._path} cannot be read ({error.strerror}): check the file.")
        if not head:
            return SpecimenError(f"{self._path} is empty: copy or save it again.")
        if head[:2] not in (b"II", b"MM"):
            return SpecimenError(f"{self._path} is not a TIFF file: give a TIFF with {WANTED}.")
        return SpecimenError(f"{self._path} is damaged or cut short ({_short(why)}): copy or save it again.")


def _short(why: Exception) -> str:
    text = " ".join(str(why).split())
    return (text or type(why).__name__)[:120]


def lies_within(page: tifffile.TiffPage | tifffile.TiffFrame, size: int) -> bool:
    """Return whether every strip or tile of a page is in a file of ``size`` bytes."""
    offsets, counts = page.dataoffsets, page.databytecounts
    if not offsets or len(offsets) != len(counts) or min(counts) == 0:
        return False
    return max(at + n for at, n in zip(offsets, counts, strict=True)) <= size
