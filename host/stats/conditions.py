"""Which patients: conditions on columns, as ``column=value`` or ``column>=number``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from host.stats.data import Cohort, level_order
from host.stats.errors import CohortError, nearest

FORM = re.compile(r"\s*(.+?)\s*(<=|>=|!=|=|<|>)=?\s*(.*?)\s*")


def where(cohort: Cohort, conditions: Sequence[str]) -> Cohort:
    """Keep the patients who meet every condition: ``column=value``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.

    Patients with a missing value meet none.

    Raises:
        CohortError: a condition that cannot be read, an unknown column or value, or nobody left.
    """
    if not conditions:
        return cohort
    keep = np.ones(len(cohort), dtype=bool)
    for condition in conditions:
        keep &= _meets(cohort, condition)
    if not keep.any():
        raise CohortError(f"Nobody meets {' and '.join(conditions)}.")
    note = f"{int(keep.sum())} of {len(cohort)} rows meet {' and '.join(conditions)}."
    return replace(cohort, frame=cohort.frame[keep], notes=(*cohort.notes, note), _numbers={})


def _meets(cohort: Cohort, condition: str) -> NDArray[np.bool_]:
    match = FORM.fullmatch(condition)
    if match is None:
        raise CohortError(f'"{condition}" is no condition: write column=value, or !=, <, <=, >, >=.')
    name, sign, value = match.groups()
    if sign in ("=", "!="):
        texts = cohort.texts(name)
        present = np.array([v is not None for v in texts])
        wanted = cohort.written(name, value)
        if not (texts == wanted).any():
            known = sorted({v for v in texts if v is not None}, key=level_order)
            raise CohortError(f'No patient has "{value}" in column "{name}"{nearest(value, known)}.')
        return np.asarray((texts == wanted) if sign == "=" else present & (texts != wanted))
    try:
        limit = float(value)
    except ValueError:
        raise CohortError(f'"{condition}" compares with "{value}", which is no number.') from None
    numbers = cohort.numbers(name)
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[sign]
    return np.asarray(compare(numbers, limit))
