"""The same cohort under every patient-level rule: what each rule calls positive, and what that predicts.

A rule is decided in integers, as on the reader. Patients without CTCs have no status and are left out,
never counted as negative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats import cox
from host.stats.bootstrap import Floats, TimeOrder, percentile_interval
from host.stats.errors import CohortError
from host.stats.logrank import logrank
from host.stats.maxselected import MaxSelected, eligible, max_selected
from host.stats.optimism import Resampled, resample
from host.stats.partial import Ties
from host.stats.rules import NAMED, Rule, check_tallies, sweep
from host.stats.survtable import checked


@dataclass
class Evaluation:
    """One rule on one cohort. Limits and C are None where the cohort does not give them; ``note`` says why.

    Attributes:
        hr, lower, upper, p: Cox's model of positive against negative (profile limits, Wald's P).
        p_logrank: log-rank.
        c, c_corrected, c_lower, c_upper: concordance, the same less its optimism, and its bootstrap interval.
        optimism: mean over the samples of C in the sample minus C of the same prediction in the cohort.
        c_difference, c_difference_lower, c_difference_upper: corrected C minus that of the shipped rule.
        empty_samples: bootstrap samples with nobody positive or nobody negative; they count nowhere else.
    """

    rule: Rule
    positive: int
    negative: int
    events_positive: int
    events_negative: int
    hr: float | None = None
    lower: float | None = None
    upper: float | None = None
    p: float | None = None
    p_logrank: float | None = None
    penalised: bool = False
    c: float | None = None
    optimism: float | None = None
    c_corrected: float | None = None
    c_lower: float | None = None
    c_upper: float | None = None
    c_difference: float | None = None
    c_difference_lower: float | None = None
    c_difference_upper: float | None = None
    empty_samples: int = 0
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        out = {name: value for name, value in vars(self).items() if name != "rule"}
        return {"rule": self.rule.key, "text": self.rule.text, "cut": self.rule.cut, **out}


@dataclass
class Selection:
    """The procedure "take the cut-off with the largest log-rank statistic", judged as a procedure.

    ``chosen`` are the cut-offs taken in the bootstrap samples; numbers are None where the samples give none.
    """

    test: MaxSelected
    rule: Rule
    c: float | None
    optimism: float | None
    c_corrected: float | None
    c_lower: float | None
    c_upper: float | None
    chosen: dict[int, int] = field(default_factory=dict)
    samples: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.key,
            "text": self.rule.text,
            "cut": self.rule.cut,
            "statistic": self.test.statistic,
            "p": self.test.p,
            "p_if_prespecified": self.test.p_single,
            "permutations": self.test.permutations,
            "cut_offs_tested": int(self.test.candidates.sum()),
            "c": self.c,
            "optimism": self.optimism,
            "c_corrected": self.c_corrected,
            "c_lower": self.c_lower,
            "c_upper": self.c_upper,
            "samples": self.samples,
            "chosen_in_samples": {str(cut): count for cut, count in sorted(self.chosen.items())},
        }


@dataclass
class Criteria:
    """All rules on one cohort: the named ones, the sweep, and what choosing the best cut-off is worth."""

    patients: int
    events: int
    no_ctc: int
    bootstrap: int
    seed: int
    level: float
    named: list[Evaluation]
    sweep: list[Evaluation]
    selection: Selection | None
    notes: list[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "patients": self.patients,
            "events": self.events,
            "no_ctc": self.no_ctc,
            "bootstrap": self.bootstrap,
            "seed": self.seed,
            "level": self.level,
            "rules": [one.to_json() for one in self.named],
            "sweep": [one.to_json() for one in self.sweep],
            "selection": None if self.selection is None else self.selection.to_json(),
            "notes": self.notes,
        }


def evaluate(
    time: ArrayLike,
    event: ArrayLike,
    tallies: ArrayLike,
    *,
    samples: int = 2000,
    permutations: int = 9999,
    seed: int = 1,
    ties: Ties = "breslow",
    level: float = 0.95,
    least: float = 0.1,
    step: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> Criteria:
    """Judge every rule on one cohort.

    Args:
        time, event: [n] follow-up; 1 event, 0 censored.
        tallies: [n, 4] CTCs per score. Patients with none are left out and counted.
        samples: bootstrap samples, 0 for none.
        permutations: for the max-selected log-rank test, 0 for none.
        seed: of both.
        level: coverage of the intervals.
        least: share of patients on each side of a cut-off that may be selected.
        step: of the sweep, %.
        progress: told (what, done now, of how many).

    Raises:
        CohortError: unusable follow-up or tallies, nobody with CTCs, or no event.
    """
    times, events = checked(time, event)
    counts = check_tallies(tallies)
    if counts.shape != (times.size, 4):
        raise CohortError("Every patient needs four counts: CTCs at 0, 1+, 2+ and 3+.")
    with_ctcs = counts.sum(axis=1) > 0
    if not with_ctcs.any():
        raise CohortError("Nobody has CTCs, so no rule decides anything: check the columns of the counts.")
    no_ctc = int((~with_ctcs).sum())
    times, events, counts = times[with_ctcs], events[with_ctcs], counts[with_ctcs]
    if events.sum() == 0:
        raise CohortError(
            "Nobody with CTCs has an event, so no rule predicts anything: follow them for longer."
        )

    rules = (*NAMED, *sweep(step))
    markers = np.column_stack([rule.decide(counts) for rule in rules])
    found = _models(times, events, markers, rules, ties, level)
    notes = []
    cuts = np.array([rule.cut is not None for rule in rules])
    order = TimeOrder.of(times, events)
    sorted_markers = markers[order.order]
    rng = np.random.default_rng(seed)
    boot = resample(order, sorted_markers, cuts, least, samples, rng, progress)
    _fill(found, boot, samples, level)

    selection = None
    if permutations and eligible(markers[:, cuts], least).any():
        try:
            test = max_selected(
                times,
                events,
                markers[:, cuts],
                rng=rng,
                permutations=permutations,
                least=least,
                progress=None
                if progress is None
                else lambda now: progress("permutations", now, permutations),
            )
            selection = _selection(test, rules[len(NAMED) :], boot, len(NAMED), level)
        except CohortError as why:
            notes.append(str(why))
    elif permutations:
        notes.append(
            f"No cut-off leaves {100 * least:g} % of the patients on both sides: the best one is not sought."
        )
    return Criteria(
        int(times.size),
        int(events.sum()),
        no_ctc,
        samples,
        seed,
        level,
        found[: len(NAMED)],
        found[len(NAMED) :],
        selection,
        notes,
    )


def _models(
    times: Floats,
    events: NDArray[np.int64],
    markers: NDArray[np.bool_],
    rules: Sequence[Rule],
    ties: Ties,
    level: float,
) -> list[Evaluation]:
    """Hazard ratio and log-rank of every rule; rules that call the same patients positive are fitted once."""
    known: dict[bytes, Evaluation] = {}
    out = []
    for i, rule in enumerate(rules):
        marker = markers[:, i]
        key = marker.tobytes()
        if key not in known:
            known[key] = _model(times, events, marker, rule, ties, level)
        out.append(Evaluation(**{**vars(known[key]), "rule": rule}))
    return out


def _model(
    times: Floats,
    events: NDArray[np.int64],
    marker: NDArray[np.bool_],
    rule: Rule,
    ties: Ties,
    level: float,
) -> Evaluation:
    one = Evaluation(
        rule,
        int(marker.sum()),
        int((~marker).sum()),
        int(events[marker].sum()),
        int(events[~marker].sum()),
    )
    if not one.positive or not one.negative:
        one.note = "nobody positive" if not one.positive else "nobody negative"
        return one
    try:
        one.p_logrank = logrank(times, events, marker)[2]
        fit = cox.fit(times, events, marker.astype(float), ties=ties, names=["CTC HER2"])
    except CohortError as why:
        one.note = str(why)
        return one
    if not fit.converged:
        one.note = "the model has no estimate"
        return one
    low, high = fit.profile_limits(0, level)
    one.hr, one.p, one.penalised = float(np.exp(fit.coef[0])), float(fit.wald_p()[0]), fit.penalised
    one.lower, one.upper = _exp(low), _exp(high)
    if fit.penalised:
        one.note = "Firth's penalty: one group has no event, or all of them"
    return one


def _exp(value: float) -> float | None:
    if math.isnan(value) or value == math.inf:
        return None
    return math.exp(value)


def _fill(found: list[Evaluation], boot: Resampled, samples: int, level: float) -> None:
    """Add concordance to the evaluations.

    The interval is that of C over the samples, moved by the optimism (Noma et al., Stat. Med. 40 (2021)
    5691).
    """
    optimism = np.full(len(found), np.nan)
    for i, one in enumerate(found):
        if math.isnan(boot.original[i]):
            continue
        one.c = float(boot.original[i])
        kept = ~np.isnan(boot.sample[:, i])
        one.empty_samples = int((~kept).sum())
        if not kept.any():
            continue
        optimism[i] = float((boot.sample[kept, i] - boot.of_prediction[kept, i]).mean())
        one.optimism = float(optimism[i])
        one.c_corrected = one.c - one.optimism
        low, high = percentile_interval(boot.sample[:, i], level)
        if not math.isnan(low):
            one.c_lower, one.c_upper = low - one.optimism, high - one.optimism
    shipped = found[0]
    if shipped.c_corrected is None:
        return
    for i, one in enumerate(found):
        if i == 0 or one.c_corrected is None:
            continue
        one.c_difference = one.c_corrected - shipped.c_corrected
        shift = float(optimism[i] - optimism[0])
        low, high = percentile_interval(boot.sample[:, i] - boot.sample[:, 0], level)
        if not math.isnan(low):
            one.c_difference_lower, one.c_difference_upper = low - shift, high - shift


def _selection(
    test: MaxSelected, cuts: Sequence[Rule], boot: Resampled, first: int, level: float
) -> Selection:
    kept = boot.selected >= 0
    optimism = (
        float((boot.selected_c[kept] - boot.selected_original[kept]).mean()) if kept.any() else math.nan
    )
    low, high = percentile_interval(boot.selected_c, level)
    chosen: dict[int, int] = {}
    for column in boot.selected[kept]:
        cut = cuts[int(column) - first].cut
        assert cut is not None
        chosen[cut] = chosen.get(cut, 0) + 1
    c = float(boot.original[first + test.best])

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return Selection(
        test,
        cuts[test.best],
        known(c),
        known(optimism),
        known(c - optimism),
        known(low - optimism),
        known(high - optimism),
        chosen,
        int(kept.sum()),
    )
