"""From columns to a model's covariates: continuous as they are, categories as indicators against a
reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.stats.data import Cohort
from host.stats.errors import CohortError, nearest
from host.stats.partial import Floats


@dataclass(frozen=True, slots=True)
class Covariate:
    """What the user asked for: a column, and one level of it when the rest is to be the reference."""

    name: str
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One column of the design matrix: ``level`` and ``reference`` are None for a continuous covariate."""

    term: str
    level: str | None
    reference: str | None

    @property
    def label(self) -> str:
        """What a person reads."""
        return self.term if self.level is None else f"{self.term}: {self.level} vs {self.reference}"


@dataclass(frozen=True)
class Block:
    """The columns of one covariate: ``x`` [n, k], missing as NaN."""

    covariate: Covariate
    coefficients: tuple[Coefficient, ...]
    x: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a value."""
        return np.asarray(~np.isnan(self.x).any(axis=1))


def parse_covariate(text: str, cohort: Cohort) -> Covariate:
    """Read ``name`` or ``name:level``; a column whose own name has a colon comes first.

    Raises:
        CohortError: no such column.
    """
    if text not in cohort.frame.columns and ":" in text:
        name, _, level = text.partition(":")
        cohort.column(name)
        return Covariate(name, level)
    cohort.column(text)
    return Covariate(text)


def parse_references(texts: Sequence[str], cohort: Cohort) -> dict[str, str]:
    """Read ``name=level`` texts.

    Raises:
        CohortError: another form, no such column, or no such level.
    """
    found = {}
    for text in texts:
        name, sign, level = text.partition("=")
        if not sign:
            raise CohortError(f'"{text}" names no reference: write --ref column=level.')
        found[name] = _existing_level(cohort, name, level)
    return found


def _existing_level(cohort: Cohort, name: str, level: str) -> str:
    levels = cohort.levels(name)
    level = cohort.written(name, level)
    if level not in levels:
        near = nearest(level, levels) or f"; it has {', '.join(levels)}"
        raise CohortError(f'Column "{name}" has no level "{level}"{near}.')
    return level


def no_status_among_others(cohort: Cohort, covariate: Covariate) -> str | None:
    """Return a note when "all others" of ``name:level`` hold patients who have no status, else None."""
    if covariate.level is None:
        return None
    others = {text for text in cohort.texts(covariate.name) if text is not None and text != covariate.level}
    mixed = sorted(others & {"NO CTC", "INVALID"})
    if not mixed or len(others) == len(mixed):
        return None
    return (
        f"{covariate.name}: not {covariate.level} includes {' and '.join(mixed)}, which is no negative "
        f'status: leave them out with --where "{covariate.name}!={mixed[0]}".'
    )


def encode(
    cohort: Cohort,
    covariate: Covariate,
    references: Mapping[str, str],
    among: NDArray[np.bool_] | None = None,
) -> Block:
    """Make the columns of one covariate.

    A column of numbers is continuous unless a reference is named for it; any other is a category, whose
    reference is the one named, else its first level. ``name:level`` is that level against all others.

    Args:
        among: [n] the patients with follow-up; levels that none of them has are left out.

    Raises:
        CohortError: no such column or level, or fewer than two levels among them.
    """
    name = covariate.name
    if covariate.level is None and name not in references and cohort.kind(name) == "continuous":
        return Block(covariate, (Coefficient(name, None, None),), cohort.numbers(name)[:, None])
    texts = cohort.texts(name)
    present = np.array([v is not None for v in texts])
    used = present if among is None else present & among
    levels = [level for level in cohort.levels(name) if (texts[used] == level).any()]
    if len(levels) < 2:
        only = f'everyone has "{levels[0]}"' if levels else "nobody has a value"
        raise CohortError(f'Column "{name}" does not vary ({only}): leave it out.')
    if covariate.level is not None:
        level = _existing_level(cohort, name, covariate.level)
        others = [other for other in levels if other != level]
        reference = others[0] if len(others) == 1 else f"not {level}"
        if name in references and references[name] != reference:
            raise CohortError(
                f'"{name}:{level}" compares with all other levels: name "{name}" alone to use the reference '
                f'"{references[name]}".'
            )
        shown = [(level, reference)]
    else:
        reference = references.get(name, levels[0])
        if reference not in levels:
            raise CohortError(f'No patient with follow-up has the reference "{reference}" of "{name}".')
        shown = [(level, reference) for level in levels if level != reference]
    x = np.column_stack([(texts == level).astype(float) for level, _ in shown])
    x[~present] = np.nan
    return Block(covariate, tuple(Coefficient(name, level, ref) for level, ref in shown), x)
