"""``host cohort``: the tables, curves and models of a study. One file per command; the work is in
``host.stats``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import cast

import click

# Name -> what `--help` says. The module of the same name is imported only when its command is called, because
# pandas, statsmodels and matplotlib take seconds.
COMMANDS = {
    "table1": "Characteristics of the patients by group, with tests.",
    "discordance": "Tissue against CTC status: rates, differences, agreement.",
    "km": "Kaplan-Meier curves, medians, log-rank, restricted mean.",
    "cox": "Hazard ratios, univariate and multivariate.",
    "missing": "How many values each column lacks.",
    "criteria": "The same cohort under every patient-level rule.",
    "paper": "Every number of the study that can be recomputed.",
    "simulate": "A synthetic cohort with the study's margins.",
    "landmark": "Repeated draws: what a status says about what follows.",
    "power": "Events and patients for the next study.",
    "remark": "REMARK checklist: what the output covers.",
}


class CohortGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if find_spec(f"host.cli.cohort.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return cast(click.Command, getattr(import_module(f"host.cli.cohort.{cmd_name}"), cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=CohortGroup)
def cohort() -> None:
    """Statistics of a whole study: FILE is a table with one patient per row (CSV or Parquet)."""
