"""Results on the host: records decoded and checked, the file that keeps them, and their export."""

from host.results.errors import (
    AmbiguousResult,
    CropsMissing,
    RecordError,
    ResultConflict,
    ResultError,
    ResultNotFound,
    StoreError,
)
from host.results.record import Record
from host.results.store import Finding, Store, default_path

__all__ = [
    "AmbiguousResult",
    "CropsMissing",
    "Finding",
    "Record",
    "RecordError",
    "ResultConflict",
    "ResultError",
    "ResultNotFound",
    "Store",
    "StoreError",
    "default_path",
]
