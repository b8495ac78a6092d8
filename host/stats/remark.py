"""REMARK: what a report on a tumour marker must say, and which of it comes from these commands.

The twenty items of the checklist in their order (McShane et al., J. Natl. Cancer Inst. 97 (2005) 1180;
explained in Altman et al., PLoS Med. 9 (2012) e1001216), in our words.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

COVERED, PARTLY, AUTHOR = "covered", "partly", "author"


@dataclass(frozen=True)
class Item:
    """One item of the checklist.

    Attributes:
        number: 1 to 20.
        section: of the report.
        asks: what the item asks for.
        coverage: ``covered`` by output, ``partly``, or left to the ``author``.
        commands: of ``host``, whose output covers it.
        gives: what they give.
        missing: what the author still has to say.
    """

    number: int
    section: str
    asks: str
    coverage: str
    commands: tuple[str, ...] = ()
    gives: str = ""
    missing: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


CHECKLIST = (
    Item(
        1,
        "Introduction",
        "the marker, the objectives, hypotheses stated beforehand",
        AUTHOR,
        missing="objectives and hypotheses; which rule was fixed before the data were seen",
    ),
    Item(
        2,
        "Patients",
        "the patients: source, stage, comorbidities, inclusion and exclusion",
        PARTLY,
        ("cohort table1",),
        "characteristics by group",
        "where the patients came from; criteria of inclusion and exclusion",
    ),
    Item(
        3,
        "Patients",
        "treatments and how they were chosen",
        PARTLY,
        ("cohort table1",),
        "treatment by group",
        "how they were chosen",
    ),
    Item(
        4,
        "Specimens",
        "the material, controls, how it was kept",
        PARTLY,
        ("results show", "results list"),
        "specimen kind, reader and time of every result; controls are kept apart",
        "tubes, volume, time to processing, storage",
    ),
    Item(
        5,
        "Assay",
        "the method with protocol, reagents, quality control, blinding",
        PARTLY,
        ("results show",),
        "firmware, core, gate set, rule, calibration and quality of every field",
        "reagents and lots; whether readers were blind to the outcome",
    ),
    Item(
        6,
        "Design",
        "selection of cases, period, length of follow-up",
        PARTLY,
        ("cohort km",),
        "numbers at risk",
        "prospective or not, period of enrolment, how cases were selected",
    ),
    Item(
        7,
        "Design",
        "endpoints, defined exactly",
        PARTLY,
        ("cohort km", "cohort cox"),
        "origin, event and unit of time as given on the command line",
        "the definition of progression, and how it was assessed",
    ),
    Item(
        8,
        "Design",
        "variables that were examined or considered",
        PARTLY,
        ("cohort cox", "cohort missing"),
        "every covariate with its reference",
        "variables considered and not used",
    ),
    Item(
        9,
        "Design",
        "rationale of the sample size",
        COVERED,
        ("cohort power",),
        "events and patients, with the assumptions",
    ),
    Item(
        10,
        "Analysis",
        "methods, selection of variables, assumptions, missing data",
        COVERED,
        ("cohort cox", "cohort missing"),
        "ties, kind of limits, penalty, proportional hazards, missing values per model",
        "why these variables",
    ),
    Item(
        11,
        "Analysis",
        "how marker values were handled; how cut-offs were found",
        COVERED,
        ("cohort criteria",),
        "every cut-off, the P value corrected for the search, the optimism of choosing the best",
    ),
    Item(
        12,
        "Results",
        "the flow of patients, with numbers at each stage and events",
        PARTLY,
        ("cohort cox", "cohort km", "cohort criteria"),
        "patients, events, left out and why, without CTCs",
        "patients screened and not enrolled",
    ),
    Item(
        13,
        "Results",
        "distributions of characteristics and of the marker, with numbers missing",
        COVERED,
        ("cohort table1", "cohort missing"),
        "characteristics, range and median, missing values",
    ),
    Item(
        14,
        "Results",
        "the marker against standard variables",
        COVERED,
        ("cohort table1", "cohort discordance"),
        "tests by characteristic; tissue against CTC status",
    ),
    Item(
        15,
        "Results",
        "marker and outcome alone: effect, interval, survival curve",
        COVERED,
        ("cohort km", "cohort cox"),
        "curves with medians and intervals, univariate hazard ratios with limits",
    ),
    Item(
        16,
        "Results",
        "multivariable effects with intervals",
        COVERED,
        ("cohort cox",),
        "the multivariate column, marker and all covariates",
    ),
    Item(
        17,
        "Results",
        "effects with and without the marker among standard variables",
        PARTLY,
        ("cohort cox",),
        "the model with the marker; leave the covariate out for the other",
        "which model is the main one",
    ),
    Item(
        18,
        "Results",
        "further analyses: assumptions, sensitivity, internal validation",
        COVERED,
        ("cohort cox", "cohort criteria", "cohort landmark"),
        "Schoenfeld residuals, bootstrap of every rule, landmarks for repeated draws",
    ),
    Item(
        19,
        "Discussion",
        "results against hypotheses and other studies, limitations",
        AUTHOR,
        missing="all of it",
    ),
    Item(
        20,
        "Discussion",
        "implications for research and practice",
        PARTLY,
        ("cohort power",),
        "size of the next study",
        "clinical value",
    ),
)
