"""Public data sets, and the values R's ``survival`` gives for them (``values.csv``, made by
``make_reference.R``).

lung (Loprinzi et al. 1994), gbsg2 (Schumacher et al. 1994) and rossi (Rossi et al. 1980) come with lifelines
(MIT); veteran (Kalbfleisch and Prentice 1980) is a copy of R survival's (LGPL 2 or later).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
DATASETS = ("lung", "gbsg2", "rossi", "veteran")


def dataset(name: str) -> pd.DataFrame:
    """Return one of ``DATASETS``."""
    if name == "veteran":
        return pd.read_csv(HERE / "veteran.csv")
    from lifelines import datasets

    return getattr(datasets, f"load_{name}")()


def write_datasets(folder: Path) -> None:
    """Write every data set as ``<name>.csv``, missing cells as NA."""
    for name in DATASETS:
        dataset(name).to_csv(folder / f"{name}.csv", index=False, na_rep="NA")
