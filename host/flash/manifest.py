"""What the build says about an image, so that a reader can be asked whether it runs it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from host.device.link import Info
from host.flash.errors import ImageDamaged
from host.flash.uf2 import Image


@dataclass(frozen=True)
class Manifest:
    """The part of ``ctc-reader.json`` that a reader reports as well."""

    version: str
    git: str
    build: str

    def runs_in(self, info: Info) -> bool:
        """Tell whether that is what runs in a reader."""
        return (info.firmware, info.git, info.build) == (self.version, self.git, self.build)


def beside(image: Image) -> Manifest | None:
    """Return the manifest beside an image, or None when there is none.

    Raises:
        ImageDamaged: the manifest cannot be read, or is of another image.
    """
    path = image.path.with_suffix(".json")
    try:
        table = json.loads(path.read_text())
        stated = table["outputs"][image.path.name]["sha256"]
        manifest = Manifest(str(table["version"]), str(table["git"]), str(table["build"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise ImageDamaged(f"The manifest {path} cannot be read: build the image again.") from None
    if hashlib.sha256(image.data).hexdigest() != stated:
        raise ImageDamaged(f"{image.path} is not the image of its manifest {path.name}: build it again.")
    return manifest
