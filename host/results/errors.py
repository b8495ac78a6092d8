"""What can go wrong with results; each message is one sentence: what is wrong, what to do."""

from __future__ import annotations


class ResultError(Exception):
    """Any failure of records or of the store."""


class RecordError(ResultError):
    """Bytes that are not a sound result record."""


class StoreError(ResultError):
    """The store's file cannot be used."""


class ResultConflict(ResultError):
    """A different record is already stored under the same reader and sequence."""


class ResultNotFound(ResultError):
    """No such result in the store."""


class CropsMissing(ResultError):
    """A result without crops."""


class AmbiguousResult(ResultError):
    """Several readers have a result with that sequence number."""
