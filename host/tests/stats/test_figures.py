"""Every figure: words inside the page, and none on top of another."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from host.cli import cli
from host.stats.longitudinal import simulate_draws
from host.stats.simulate import simulate

FOLLOW = ("--time", "pfs_months", "--event", "progressed", "--units", "months")
CALLS = {
    "km": ("km", "COHORT", *FOLLOW, "--group", "ctc_status"),
    "km, long names": ("km", "COHORT", *FOLLOW, "--group", "treatment"),
    "cox": (
        *("cox", "COHORT", *FOLLOW),
        *("--covariate", "treatment", "--covariate", "age", "--covariate", "sites", "--covariate", "line"),
    ),
    "km, everybody": ("km", "COHORT", *FOLLOW),
    "cox, one covariate": ("cox", "COHORT", *FOLLOW, "--covariate", "age"),
    "discordance alone": ("discordance", "COHORT", "--ctc", "ctc_status", "--tissue-positive"),
    "landmark without estimate": (
        *("landmark", "COHORT", *FOLLOW, "--draws", "DRAWS"),
        *("--at", "1", "--at", "16", "--oldest", "2"),
    ),
    "criteria": ("criteria", "COHORT", *FOLLOW, "--bootstrap", "50", "--permutations", "99"),
    "discordance": (
        *("discordance", "COHORT", "--ctc", "ctc_status", "--tissue-positive"),
        *("--interval", "interval_years", "--by", "treatment"),
    ),
    "landmark": ("landmark", "COHORT", *FOLLOW, "--draws", "DRAWS"),
    "everyone": ("landmark", "COHORT", *FOLLOW, "--draws", "DRAWS", "--everyone"),
    "patient": ("landmark", "COHORT", *FOLLOW, "--draws", "DRAWS", "--patient", "SIM-002"),
    "power": (
        *("power", "survival", "--hr", "0.5", "--share", "0.38", "--median-negative", "3.5"),
        *("--follow-up", "12", "--patients", "101"),
    ),
    "paper": ("paper", "--only", "findings"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("cohort")
    cohort, truth = simulate(1)
    followed, draws = simulate_draws(cohort, truth)
    followed.to_csv(folder / "cohort.csv", index=False)
    draws.to_csv(folder / "draws.csv", index=False)
    return {"COHORT": str(folder / "cohort.csv"), "DRAWS": str(folder / "draws.csv")}


@pytest.mark.parametrize("name", CALLS)
def test_words_are_inside_and_apart(
    name: str, files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    save = Figure.savefig

    def kept(self: Figure, *args: object, **options: object) -> None:
        drawn.append(self)
        save(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Figure, "savefig", kept)
    call = [files.get(word, word) for word in CALLS[name]]
    done = CliRunner().invoke(cli, ["cohort", *call, "--figure", str(tmp_path / "f.png")])
    assert done.exit_code == 0, done.output
    (figure,) = drawn
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    hidden = _off_axis(figure)
    boxes = {
        text: text.get_window_extent(renderer)
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    }
    page = figure.bbox
    for text, box in boxes.items():
        inside = (
            page.x0 - 1 <= box.x0
            and box.x1 <= page.x1 + 1
            and page.y0 - 1 <= box.y0
            and box.y1 <= page.y1 + 1
        )
        assert inside, f"{text.get_text()!r} leaves the page"
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (wide > 1 and high > 2), f"{one.get_text()!r} lies on {other.get_text()!r}"


def _off_axis(figure: Figure) -> set[Text]:
    """Return the labels of ticks beyond the ends of their axis, which are not drawn."""
    out = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not low <= tick.get_loc() <= high:
                    out |= {tick.label1, tick.label2}
    return out
