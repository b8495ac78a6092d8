"""Which plane is which channel, from the names a microscope gave them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS

SYNONYMS = {
    "dapi": ("dapi", "hoechst", "hoechst33342", "nucleus", "nuclei", "dna"),
    "ck": (
        "ck",
        "ckpe",
        "pe",
        "cytokeratin",
        "cytokeratins",
        "pancytokeratin",
        "panck",
        "keratin",
        "phycoerythrin",
    ),
    "cd45": ("cd45", "cd45apc", "apc", "allophycocyanin", "leukocyte", "ptprc"),
    "her2": ("her2", "her2neu", "her2fitc", "fitc", "erbb2", "neu"),
}
"""Names without case, spaces and punctuation: the marker, or the dye this assay uses for it."""

_CHANNEL_OF = {synonym: channel for channel, synonyms in SYNONYMS.items() for synonym in synonyms}


def channel_of(name: str) -> str | None:
    """Return the channel that ``name`` means, None when it is not known."""
    whole = re.sub(r"[^a-z0-9]", "", name.lower())
    if whole in _CHANNEL_OF:
        return _CHANNEL_OF[whole]
    words = re.findall(r"[a-z0-9]+", name.lower())
    found = {_CHANNEL_OF[word] for word in words if word in _CHANNEL_OF}
    return found.pop() if len(found) == 1 else None


def order(names: Sequence[str]) -> tuple[int, ...]:
    """Return, for dapi, ck, cd45 and her2 in turn, the index of its plane.

    No name known: the planes are in that order already. A known name that contradicts an incomplete set is an
    error, since a swapped CK and CD45 would turn leukocytes into CTCs.

    Raises:
        SpecimenError: two planes have the same channel, or known and unknown names do not fit together.
    """
    in_page_order = tuple(range(len(CHANNELS)))
    channels = [channel_of(name) for name in names]
    known = [channel for channel in channels if channel is not None]
    if len(names) != len(CHANNELS) or not known:
        return in_page_order
    if len(set(known)) != len(known):
        raise SpecimenError(
            f"The channels are named {', '.join(names)}, so two are the same: name them dapi, ck, cd45 "
            "and her2."
        )
    if len(known) == len(CHANNELS):
        return tuple(channels.index(channel) for channel in CHANNELS)
    if all(channel in (None, expected) for channel, expected in zip(channels, CHANNELS, strict=True)):
        return in_page_order
    raise SpecimenError(
        f"The channels are named {', '.join(repr(name) for name in names)}, which leaves their order open: "
        "name them dapi, ck, cd45 and her2."
    )
