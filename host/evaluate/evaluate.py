"""The whole evaluation: lock, measure, summarise, write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from host import core
from host.evaluate import figures, lock, nuclei, report, stardist, summary
from host.evaluate import plan as plans
from host.evaluate.calibrated import calibrated
from host.evaluate.run import Progress, outcomes
from host.evaluate.specimen import optics

HER2_SHOWN = ("realistic", "HER2 up to the cut-offs")


def evaluate(
    folder: Path,
    *,
    config: core.Config | None = None,
    tuning: bool = False,
    share: float = 1.0,
    only: tuple[str, ...] = (),
    workers: int | None = None,
    progress: Progress = lambda what, share: None,
) -> dict[str, Any]:
    """Measure every specimen of the plan and write ``report.md``, ``report.json`` and pictures.

    The same core, settings and arguments give the same files, on any number of processors.

    Args:
        folder: where to.
        config: settings to judge; the core's own when left out.
        tuning: use the tuning seeds: a trial while settings are still being chosen.
        share: of the specimens of each condition, above 0 to 1.
        only: parts of names of conditions; all when empty.
        workers: processes; None: one per processor.
        progress: told what is done; whatever it raises ends the evaluation.

    Returns:
        What ``report.json`` holds.

    Raises:
        OSError: the folder cannot be written.
        ValueError: no condition is named so.
    """
    settings = config or core.Config.default()
    whole = plans.conditions()
    plan = plans.sample(whole, share, only)
    if not plan:
        raise ValueError(f"No condition is named like {', '.join(only)}.")
    folder.mkdir(parents=True, exist_ok=True)
    digest = lock.digest(settings, plans.as_json(whole))
    measured = outcomes(plan, settings, None if tuning else digest, workers=workers, progress=progress)
    found, missing = (None, None) if only else _nuclei(settings)
    figures_of = summary.summarise(plan, measured)
    result: dict[str, Any] = {
        "core": core.VERSION,
        "gate_set": settings.gate_set,
        "cutoffs": settings.cutoffs,
        "lock": digest,
        "seeds": "tuning" if tuning else "test",
        "share": share,
        "specimens": len(measured),
        "plan": plans.as_json(plan),
        "figures": summary.figures(figures_of, found.as_dict() if found else None),
        "summary": figures_of,
        "nuclei": found.as_dict() if found else None,
        "nuclei_missing": missing,
    }
    her2 = {name: summary.her2_points(measured, name) for name in HER2_SHOWN}
    cut_offs = tuple(float(value) for value in settings.score_min)
    result["pictures"] = figures.draw(figures_of, her2, cut_offs, found, folder)
    report.write(result, folder)
    return result


def _nuclei(settings: core.Config) -> tuple[nuclei.Nuclei | None, str | None]:
    try:
        image, mask = stardist.load()
    except stardist.ImageMissing as why:
        return None, str(why)
    seen_by = optics("READER-0", None, None, None)
    return nuclei.measure(image, mask, seen_by, calibrated(settings, seen_by, "READER-0")), None
