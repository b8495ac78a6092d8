"""What the text says of its tables: numbers printed again, and what it calls significant."""

from __future__ import annotations

from host.stats.paper import categorical, study
from host.stats.paper.models import name
from host.stats.paper.row import Row, match_if


def said_again() -> list[Row]:
    """Hazard ratios, limits and P of the text, against the table they are taken from."""
    return [
        Row(
            "Results",
            f"{name(line)}, printed again in the {where}",
            again.text,
            f"Table 2: {line.text}",
            "compared with the line of Table 2",
            match_if(again.text == line.text),
        )
        for where, line, again in study.SAID_AGAIN
    ]


def significance() -> list[Row]:
    """Which P values are below 0.05, against which the text says are."""

    def row(item: str, said: tuple[str, ...], found: list[str], method: str) -> Row:
        return Row(
            "Results",
            item,
            ", ".join(said),
            ", ".join(found),
            method,
            match_if(set(found) == set(said)),
        )

    tested = zip(study.TABLE_1, categorical.table_1(), strict=True)
    low = [item.name for item, tests in tested if float(str(tests.recomputed)) < study.SIGNIFICANT]
    rows = [
        row(
            "characteristics that differ between CTC HER2-positive and -negative",
            study.SIGNIFICANT_TABLE_1,
            low,
            f"recomputed P below {study.SIGNIFICANT:g}; age is not among them",
        )
    ]
    for model, said in (
        ("univariate", study.SIGNIFICANT_UNIVARIATE),
        ("multivariate", study.SIGNIFICANT_MULTIVARIATE),
    ):
        lines = [line for line in study.TABLE_2 if line.model == model]
        found = [line.item for line in lines if not line.lower.value <= 1 <= line.upper.value]
        rows.append(row(f"significant, {model} analysis", said, found, "limits of Table 2 that leave out 1"))
    return rows
