"""Does a hazard ratio differ between subgroups? One test of the difference, not one test per subgroup.

"Significant in one subgroup only" is no evidence of a difference (Altman and Bland, BMJ 326 (2003) 219). The
test is the likelihood ratio of the model with the products against that without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from host.stats.coxtable import Options, fit_model, rows_of
from host.stats.data import Cohort
from host.stats.design import Block, Coefficient, Covariate, encode, parse_covariate
from host.stats.errors import CohortError
from host.stats.followup import FollowUp


def interactions(
    cohort: Cohort,
    follow_up: FollowUp,
    pairs: Sequence[str],
    references: Mapping[str, str],
    options: Options,
    strata: str | None = None,
) -> list[dict[str, Any]]:
    """Test each pair written ``a*b``: does the hazard ratio of ``a`` differ by ``b``?

    Raises:
        CohortError: no such pair or columns, or unusable data.
    """
    out = []
    for text in pairs:
        first, sign, second = text.partition("*")
        if not sign:
            raise CohortError(f'"{text}" is no pair: write --interaction a*b.')
        out.append(
            interaction(
                cohort,
                follow_up,
                parse_covariate(first.strip(), cohort),
                parse_covariate(second.strip(), cohort),
                references,
                options,
                strata,
            )
        )
    return out


def interaction(
    cohort: Cohort,
    follow_up: FollowUp,
    term: Covariate,
    by: Covariate,
    references: Mapping[str, str],
    options: Options,
    strata: str | None = None,
) -> dict[str, Any]:
    """Return the test, the ratio of hazard ratios of each product, and the hazard ratios within each level
    of ``by``.

    A continuous ``by`` has no subgroups; its products are ratios per unit.

    Raises:
        CohortError: unusable data, or a product that the data do not contain.
    """
    if term.name == by.name:
        raise CohortError(f'"{term.name}" cannot interact with itself.')
    labels = cohort.texts(strata) if strata else None
    a, b = (encode(cohort, part, references, follow_up.known) for part in (term, by))
    columns, names = [], []
    for i, left in enumerate(a.coefficients):
        for j, right in enumerate(b.coefficients):
            columns.append(a.x[:, i] * b.x[:, j])
            names.append(Coefficient(f"{left.label} × {right.label}", None, None))
    product = Block(Covariate(f"{term.name}*{by.name}"), tuple(names), np.column_stack(columns))
    full = fit_model([a, b, product], follow_up, options, labels)
    start = len(a.coefficients) + len(b.coefficients)
    indices = list(range(start, start + len(names)))
    test = full.fit.lr_of(indices)
    rows = rows_of(full, options)
    ratios = [
        {
            "label": rows[i]["term"],
            "ratio": rows[i]["hr"],
            **{key: rows[i][key] for key in ("lower", "upper", "p", "p_lr")},
        }
        for i in indices
    ]
    return {
        "term": term.name,
        "by": by.name,
        "n": full.fit.n,
        "events": full.fit.events,
        "missing": full.missing,
        "chi2": test.chi2,
        "df": test.df,
        "p_lr": test.p,
        "p_wald": full.fit.wald_of(indices).p,
        "method": rows[0]["method"],
        "ratios": ratios,
        "subgroups": _subgroups(cohort, follow_up, a, b, by, full.rows, options, labels),
    }


def _subgroups(
    cohort: Cohort,
    follow_up: FollowUp,
    a: Block,
    b: Block,
    by: Covariate,
    used: Any,
    options: Options,
    labels: Any,
) -> list[dict[str, Any]]:
    if b.coefficients[0].level is None:
        return []
    if by.level is None:
        values = cohort.texts(by.name)
    else:
        column = b.x[:, 0]
        first = b.coefficients[0]
        values = np.array(
            [None if np.isnan(v) else first.level if v == 1 else first.reference for v in column],
            dtype=object,
        )
    out = []
    for value in dict.fromkeys(sorted(str(v) for v in values[used])):
        inside = used & (values == value)
        base: dict[str, Any] = {
            "subgroup": value,
            "n": int(inside.sum()),
            "events": int(follow_up.event[inside].sum()),
        }
        part = FollowUp(follow_up.time, follow_up.event, inside, follow_up.units)
        try:
            rows = rows_of(fit_model([a], part, options, labels), options)
        except CohortError as why:
            empty = {
                "label": a.coefficients[0].label,
                "hr": np.nan,
                "lower": np.nan,
                "upper": np.nan,
                "p": np.nan,
            }
            out.append({**base, **empty, "remark": str(why)})
            continue
        for coefficient, row in zip(a.coefficients, rows, strict=True):
            kept = {key: row[key] for key in ("hr", "lower", "upper", "p", "p_lr")}
            out.append({**base, "label": coefficient.label, **kept, "remark": None})
    return out
