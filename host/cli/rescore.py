"""host rescore"""

from __future__ import annotations

from pathlib import Path

import click

from host.cli.options import emit, json_option, progress, timeout_option
from host.device.deadline import Deadline

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("frames", type=_PATH, required=False)
@click.option("--truth", is_flag=True, help="Compare with the ground truth that the input carries.")
@click.option("--truth-from", type=_PATH, metavar="FILE.npz",
              help="Compare with the ground truth of that specimen.")  # fmt: skip
@click.option("--save-frames", type=_PATH, metavar="FILE.npz", help="Keep the frames, truth included.")
@click.option("--rule", metavar="NAME", help="Patient-level rule (the study's: more than 30 % at 3+).")
@click.option("--reader", metavar="SERIAL", help="Whose optics see a prepared specimen.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N",
              help="Of the sensor's noise, for a prepared specimen (1).")  # fmt: skip
@click.option("--evaluate", type=_PATH, metavar="FOLDER",
              help="Instead: measure thousands of simulated specimens, and report how well.")  # fmt: skip
@click.option("--share", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
              help="With --evaluate: only that share of its specimens (1).")  # fmt: skip
@timeout_option(3600)
@json_option
def rescore(
    frames: Path | None,
    truth: bool,
    truth_from: Path | None,
    save_frames: Path | None,
    rule: str | None,
    reader: str | None,
    seed: int | None,
    evaluate: Path | None,
    share: float | None,
    deadline: Deadline,
    as_json: bool,
) -> None:
    """Analyse frames from disk as the reader would: same core, same rows, same status.

    FRAMES is a .npz or TIFF of 8-bit frames (dark, dapi, ck, cd45, her2 for each field), a folder of
    such files, or a prepared specimen, which a model of the reader's camera exposes (docs/rescore.md).
    """
    if (frames is None) == (evaluate is None):
        raise click.UsageError("Give FRAMES, or --evaluate FOLDER: one of the two.")
    if frames is None:
        assert evaluate is not None
        if truth or any(value is not None for value in (truth_from, save_frames, rule, reader, seed)):
            raise click.UsageError("--evaluate makes its own specimens: it takes only --share.")
        _evaluate(evaluate, share or 1.0, deadline, as_json)
        return
    if share is not None:
        raise click.UsageError("--share goes with --evaluate.")
    from host import core
    from host.rescore import FramesError, analyse, compare, load, save
    from host.rescore.frames import READER
    from host.rescore.text import as_table, describe
    from host.specimen.geometry import geometry

    if rule is not None and rule not in core.RULES:
        raise click.UsageError(f"There is no rule {rule}: choose {', '.join(core.RULES)}.")
    um_per_pixel = geometry().um_per_pixel
    given = load(frames, reader=reader or READER, seed=1 if seed is None else seed)
    known = given.truth
    if truth_from is not None:
        known = load(truth_from).truth
    if (truth or truth_from is not None) and known is None:
        raise FramesError(
            f"{truth_from or frames} carries no ground truth: name a simulated specimen with --truth-from."
        )
    measured = analyse(given.pixels, rule=rule or core.RULE)
    result = as_table(measured, um_per_pixel)
    if known is not None and (truth or truth_from is not None):
        result["comparison"] = compare(known, measured, um_per_pixel).as_dict()
    if save_frames is not None:
        save(given, save_frames)
    emit(as_json, result, lambda: describe(result))


def _evaluate(folder: Path, share: float, deadline: Deadline, as_json: bool) -> None:
    from host.evaluate import evaluate
    from host.evaluate.report import figures_table

    with progress(as_json) as show:

        def step(what: str, done: float | None) -> None:
            deadline.left()
            show(what, done)

        result = evaluate(folder, share=share, progress=step)
    where = f"{result['specimens']} specimens; the whole report: {folder / 'report.md'}"
    emit(as_json, result, lambda: f"{figures_table(result['figures'])}\n\n{where}")
