"""What the cohort commands have in common: the table, its columns, follow-up, where figures go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from host.cli.cohort.columns import from_toml
from host.stats.errors import CohortError

if TYPE_CHECKING:
    from host.stats.data import Cohort
    from host.stats.followup import FollowUp

F = TypeVar("F", bound=Callable[..., Any])
FIGURES = (".png", ".svg", ".pdf")


class SectionedCommand(click.Command):
    """A command whose --help has its own options first, then those that many commands share, by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; those without a section come first."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            if (record := param.get_help_record(ctx)) is not None:
                sections.setdefault(getattr(param, "section", "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _gathered(name: str, title: str, parts: Sequence[Callable[[Any], Any]]) -> Callable[[F], F]:
    """Return a decorator that adds options and arguments; the command gets their values in one dictionary.

    In --help they stand under ``title``.
    """

    def add(command: F) -> F:
        def gather(*args: Any, **values: Any) -> Any:
            own = {param: values.pop(param) for param in names}
            return command(*args, **values, **{name: own})

        gather.__name__, gather.__doc__ = command.__name__, command.__doc__
        before = list(getattr(command, "__click_params__", []))
        gather.__click_params__ = list(before)  # type: ignore[attr-defined]
        decorated: Any = gather
        for part in reversed(parts):
            decorated = part(decorated)
        added = decorated.__click_params__[len(before) :]
        for param in added:
            param.section = title
        names = [str(param.name) for param in added if param.expose_value]
        return decorated  # type: ignore[no-any-return]

    return add


table_options = _gathered(
    "table",
    "The table",
    (
        click.argument("file", type=click.Path(path_type=Path), metavar="FILE"),
        click.option(
            "--id", "id_column", metavar="COLUMN", help='Patient column; "none": rows are patients.'
        ),
        click.option(
            "--encoding", default="utf-8", metavar="NAME", help="Encoding of a CSV file.  [default: utf-8]"
        ),
        click.option(
            "--decimal", type=click.Choice([".", ","]), default=".", help="Decimal mark of a CSV file."
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="COND",
            help="Only patients with column=value, !=, <, <=, >, >=.",
        ),
        click.option(
            "--results",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="STORE",
            help="Join the results of this store: ctc_status, ctc, her2_0 to her2_3plus.",
        ),
        click.option(
            "--sample", metavar="COLUMN", help="Column of the readers' sample ids (default: the patient)."
        ),
        click.option(
            "--pick",
            type=click.Choice(["only", "first", "last"]),
            default="only",
            help="Which valid result of a patient with several.",
        ),
        click.option(
            "--columns",
            type=click.Path(path_type=Path, dir_okay=False),
            is_eager=True,
            expose_value=False,
            callback=from_toml,
            metavar="TOML",
            help='Take options from a TOML file (time = "pfs").',
        ),
    ),
)
"""Add FILE and the options that say how to read it; the command gets a ``table`` dictionary for ``load``."""


def load(table: dict[str, Any]) -> Cohort:
    """Read the cohort that ``table_options`` describes.

    Without results, rows are chosen before patients are checked: one visit of several per patient, say. With
    results the table is whole until they are joined, so that what stays out is counted rightly.
    """
    from host.stats.conditions import where
    from host.stats.patients import read_cohort

    store, conditions = table["results"], table["where"]
    found = read_cohort(
        table["file"],
        id=table["id_column"],
        encoding=table["encoding"],
        decimal=table["decimal"],
        conditions=() if store else conditions,
    )
    if store is None:
        return found
    from host.stats.results import join_results

    joined = join_results(found, store, sample=table["sample"], pick=table["pick"])
    return where(joined, conditions)


UNIT = click.Choice(["days", "weeks", "months", "years"])

date_format_option = click.option(
    "--date-format", default="%Y-%m-%d", metavar="FORM", help="Form of dates.  [default: %Y-%m-%d]"
)

follow_up_options = _gathered(
    "follow",
    "Follow-up: times, or dates",
    (
        click.option("--time", metavar="COLUMN", help="Follow-up time."),
        click.option("--event", metavar="COLUMN", help="Event: 1, censored: 0."),
        click.option(
            "--event-code", metavar="VALUE", help="Value that means event, if the file has other codes."
        ),
        click.option("--units", type=UNIT, help="Unit of the results."),
        click.option("--time-in", type=UNIT, help="Unit of --time in the file, if it is not --units."),
        click.option(
            "--days-per-month",
            type=click.FloatRange(min=0, min_open=True),
            metavar="N",
            help="Length of a month.  [default: 30.4375]",
        ),
        click.option("--start", metavar="COLUMN", help="Date of the start: therapy or blood draw."),
        click.option("--progression", metavar="COLUMN", help="Date of progression."),
        click.option("--death", metavar="COLUMN", help="Date of death."),
        click.option("--last-visit", metavar="COLUMN", help="Date of the last visit without event."),
        click.option(
            "--death-is",
            type=click.Choice(["event", "censored"]),
            default="event",
            help="Death without progression.",
            show_default=True,
        ),
        date_format_option,
    ),
)
"""Add the columns of follow-up, as times or as dates; the command gets a ``follow`` dictionary."""


def follow_up(cohort: Cohort, follow: dict[str, Any], explaining: Iterable[str] = ()) -> FollowUp:
    """Return times and events as ``follow_up_options`` describe them.

    Args:
        explaining: columns that are to explain the outcome, so that none may be one of its own.

    Raises:
        CohortError: neither columns of times nor of dates are named, or both, unusable data, or an outcome
            that would explain itself.
    """
    from host.stats.dates import DAYS_PER_MONTH, from_dates, month_note, unit_days
    from host.stats.followup import from_columns

    outcome = {follow[key] for key in ("time", "event", "progression", "death", "last_visit")} - {None}
    for name in explaining:
        if name in outcome:
            raise CohortError(f'"{name}" is the follow-up itself and cannot explain it: leave it out.')
    month = follow["days_per_month"] or DAYS_PER_MONTH
    by_dates = follow["start"] is not None
    if by_dates and (follow["time"] or follow["event"]):
        raise CohortError("Name either --time and --event, or --start and the other dates, not both.")
    if by_dates:
        if follow["last_visit"] is None:
            raise CohortError("Dates need the last visit of those without event: name it with --last-visit.")
        return from_dates(
            cohort,
            follow["start"],
            follow["last_visit"],
            progression=follow["progression"],
            death=follow["death"],
            death_is=follow["death_is"],
            form=follow["date_format"],
            units=follow["units"] or "months",
            days_per_month=month,
        )
    if not follow["time"] or not follow["event"]:
        raise CohortError("Name the columns of follow-up with --time and --event, or as dates with --start.")
    divide, notes = 1.0, []
    if follow["time_in"]:
        if not follow["units"]:
            raise CohortError("--time-in needs --units, the unit to convert to.")
        divide = unit_days(follow["units"], month) / unit_days(follow["time_in"], month)
        notes = [f'"{follow["time"]}" is in {follow["time_in"]}. {month_note(follow["units"], month)}']
    return from_columns(
        cohort,
        follow["time"],
        follow["event"],
        event_code=follow["event_code"],
        units=follow["units"],
        divide=divide,
        notes=tuple(notes),
    )


def figure_option(command: F) -> F:
    """Add --figure: where the picture goes."""
    return click.option(
        "--figure",
        type=click.Path(path_type=Path, dir_okay=False),
        callback=_figure,
        metavar="FILE",
        help="Draw it: .png, .svg or .pdf.",
    )(command)


def _figure(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in FIGURES:
        raise CohortError(f'A figure is a .png, .svg or .pdf file, not "{value.name}".')
    return value


def level_option(command: F) -> F:
    """Add --level: coverage of the intervals."""
    return click.option(
        "--level",
        type=click.FloatRange(0.5, 0.999),
        default=0.95,
        show_default=True,
        help="Coverage of the intervals.",
    )(command)


def ties_option(command: F) -> F:
    """Add --ties: whose approximation."""
    return click.option(
        "--ties",
        type=click.Choice(["breslow", "efron"]),
        default="breslow",
        show_default=True,
        help="Events at one time: Breslow's way, as SAS, or Efron's, as R.",
    )(command)


def tally_option(command: F) -> F:
    """Add --tally: the columns of CTCs per score."""
    from host.stats.rules import TALLY

    return click.option(
        "--tally",
        default=",".join(TALLY),
        show_default=True,
        metavar="A,B,C,D",
        callback=_four_names,
        help="Columns of the CTCs at 0, 1+, 2+ and 3+.",
    )(command)


def _four_names(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    if len(names) != 4:
        raise CohortError(f"--tally names four columns, CTCs at 0, 1+, 2+ and 3+, not {len(names)}.")
    return names
