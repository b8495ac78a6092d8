"""host rescore"""

from __future__ import annotations

from pathlib import Path

import click

from host.cli.options import emit, json_option

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("frames", type=_PATH)
@click.option("--truth", is_flag=True, help="Compare with the ground truth that the input carries.")
@click.option("--truth-from", type=_PATH, metavar="FILE.npz",
              help="Compare with the ground truth of that specimen.")  # fmt: skip
@click.option("--save-frames", type=_PATH, metavar="FILE.npz", help="Keep the frames, truth included.")
@click.option("--rule", metavar="NAME", help="Patient-level rule (the study's: more than 30 % at 3+).")
@click.option("--reader", metavar="SERIAL", help="Whose optics see a prepared specimen.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
              help="Of the sensor's noise, for a prepared specimen.")  # fmt: skip
@json_option
def rescore(
    frames: Path,
    truth: bool,
    truth_from: Path | None,
    save_frames: Path | None,
    rule: str | None,
    reader: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Analyse frames from disk as the reader would: same core, same rows, same status.

    FRAMES is a .npz or TIFF of 8-bit frames (dark, dapi, ck, cd45, her2 for each field), a folder of
    such files, or a prepared specimen, which a model of the reader's camera exposes (docs/rescore.md).
    """
    from host import core
    from host.rescore import FramesError, analyse, compare, load, save
    from host.rescore.frames import READER
    from host.rescore.text import as_table, describe
    from host.specimen.geometry import geometry

    um_per_pixel = geometry().um_per_pixel
    given = load(frames, reader=reader or READER, seed=seed)
    known = given.truth
    if truth_from is not None:
        known = load(truth_from).truth
    if (truth or truth_from is not None) and known is None:
        raise FramesError(
            f"{truth_from or frames} carries no ground truth: name a simulated specimen with --truth-from."
        )
    if save_frames is not None:
        save(given, save_frames)
    if rule is not None and rule not in core.RULES:
        raise click.UsageError(f"There is no rule {rule}: choose {', '.join(core.RULES)}.")
    measured = analyse(given.pixels, rule=rule or core.RULE)
    result = as_table(measured, um_per_pixel)
    if known is not None and (truth or truth_from is not None):
        result["comparison"] = compare(known, measured, um_per_pixel).as_dict()
    emit(as_json, result, lambda: describe(result))
