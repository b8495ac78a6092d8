"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path, *, text: bool = False) -> Iterator[Any]:
    """Open a file for writing that is at ``path`` only once the block has ended well.

    Until then it has a name of its own beside it, and is readable by its owner only.

    Args:
        path: where to; what is there is replaced.
        text: UTF-8 with line ends as they are written; else bytes.

    Raises:
        OSError: it cannot be written; the name in the error is ``path``.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as why:
        raise OSError(why.errno, why.strerror, str(path)) from None
    part = Path(name)
    try:
        if text:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                yield file
        else:
            with os.fdopen(handle, "wb") as data:
                yield data
        part.replace(path)
    except BaseException:
        part.unlink()
        raise
