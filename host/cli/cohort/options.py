"""What the cohort commands have in common: the table, its columns, follow-up, where figures go."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from host.stats.errors import CohortError, nearest

if TYPE_CHECKING:
    from host.stats.data import Cohort, FollowUp

F = TypeVar("F", bound=Callable[..., Any])
FIGURES = (".png", ".svg", ".pdf")


def _from_toml(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    """Take the defaults of options from a TOML file: ``time = "pfs"``, or for one command only under
    ``[km]``.
    """
    if value is None:
        return
    try:
        with value.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        raise CohortError(f"There is no file {value}: check the name.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise CohortError(f"{value} is no sound TOML file: {why}.") from None
    here = {_key(param) for param in ctx.command.params if isinstance(param, click.Option)} - {
        "columns",
        "help",
    }
    own = table.pop(ctx.info_name or "", {})
    others = {key: part for key, part in table.items() if not isinstance(part, dict)}
    for key in own:
        if key.replace("_", "-") not in here:
            raise CohortError(
                f'[{ctx.info_name}] in {value} names "{key}", which is no option{nearest(key, here)}.'
            )
    known = here | _all_options()
    for key in others:
        if key.replace("_", "-") not in known:
            raise CohortError(
                f'{value} names "{key}", which is no option of any command{nearest(key, known)}.'
            )
    names = {_key(p): str(p.name) for p in ctx.command.params if isinstance(p, click.Option)}
    ctx.default_map = {
        names[key.replace("_", "-")]: part
        for key, part in {**others, **own}.items()
        if key.replace("_", "-") in here
    }


def _key(option: click.Parameter) -> str:
    return max((text.lstrip("-") for text in (*option.opts, *option.secondary_opts)), key=len)


def _all_options() -> set[str]:
    """Return the long options of every cohort command, so that one TOML file serves all and a slip is still
    found.
    """
    from host.cli.cohort import cohort as group

    found: set[str] = set()
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is not None:
            found |= {_key(param) for param in command.params if isinstance(param, click.Option)}
    return found


def table_options(command: F) -> F:
    """Add FILE and the options that say how to read it; the command gets a ``table`` dictionary for
    ``load``.
    """
    names = ("file", "id_column", "encoding", "decimal", "where", "results", "sample", "pick")

    def gathered(*args: Any, **values: Any) -> Any:
        values["table"] = {name: values.pop(name) for name in names}
        return command(*args, **values)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    gathered.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    decorated: Any = gathered
    for option in (
        click.option(
            "--columns",
            type=click.Path(path_type=Path, dir_okay=False),
            is_eager=True,
            expose_value=False,
            callback=_from_toml,
            metavar="TOML",
            help='Take options from a TOML file (time = "pfs").',
        ),
        click.option(
            "--pick",
            type=click.Choice(["only", "first", "last"]),
            default="only",
            help="Which valid result of a patient with several.",
        ),
        click.option(
            "--sample", metavar="COLUMN", help="Column of the readers' sample ids (default: the patient)."
        ),
        click.option(
            "--results",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="STORE",
            help="Join the results of this store: ctc_status, ctc, her2_0 to her2_3plus.",
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="COND",
            help="Only patients with column=value, !=, <, <=, >, >=.",
        ),
        click.option(
            "--decimal", type=click.Choice([".", ","]), default=".", help="Decimal mark of a CSV file."
        ),
        click.option(
            "--encoding", default="utf-8", metavar="NAME", help="Encoding of a CSV file.  [default: utf-8]"
        ),
        click.option(
            "--id", "id_column", metavar="COLUMN", help='Patient column; "none": rows are patients.'
        ),
        click.argument("file", type=click.Path(path_type=Path), metavar="FILE"),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def load(table: dict[str, Any]) -> Cohort:
    """Read the cohort that ``table_options`` describes."""
    from host.stats.data import read_cohort

    found = read_cohort(
        table["file"], id=table["id_column"], encoding=table["encoding"], decimal=table["decimal"]
    )
    if table["results"] is not None:
        from host.stats.results import join_results

        found = join_results(found, table["results"], sample=table["sample"], pick=table["pick"])
    return found.where(table["where"])


def follow_up_options(command: F) -> F:
    """Add the columns of follow-up, as times or as dates; the command gets a ``follow`` dictionary."""
    names = [
        "time",
        "event",
        "event_code",
        "units",
        "time_in",
        "days_per_month",
        "start",
        "progression",
        "death",
        "last_visit",
        "death_is",
        "date_format",
    ]

    def gathered(*args: Any, **values: Any) -> Any:
        values["follow"] = {name: values.pop(name) for name in names}
        return command(*args, **values)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    gathered.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    decorated: Any = gathered
    unit = click.Choice(["days", "weeks", "months", "years"])
    for option in (
        click.option(
            "--date-format", default="%Y-%m-%d", metavar="FORM", help="Form of dates.  [default: %Y-%m-%d]"
        ),
        click.option(
            "--death-is",
            type=click.Choice(["event", "censored"]),
            default="event",
            help="Death without progression.",
            show_default=True,
        ),
        click.option("--last-visit", metavar="COLUMN", help="Date of the last visit without event."),
        click.option("--death", metavar="COLUMN", help="Date of death."),
        click.option("--progression", metavar="COLUMN", help="Date of progression."),
        click.option("--start", metavar="COLUMN", help="Date of the start: therapy or blood draw."),
        click.option(
            "--days-per-month", type=float, metavar="N", help="Length of a month.  [default: 30.4375]"
        ),
        click.option("--time-in", type=unit, help="Unit of --time in the file, if it is not --units."),
        click.option("--units", type=unit, help="Unit of the results."),
        click.option(
            "--event-code", metavar="VALUE", help="Value that means event, if the file has other codes."
        ),
        click.option("--event", metavar="COLUMN", help="Event: 1, censored: 0."),
        click.option("--time", metavar="COLUMN", help="Follow-up time."),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def follow_up(cohort: Cohort, follow: dict[str, Any]) -> FollowUp:
    """Return times and events as ``follow_up_options`` describe them.

    Raises:
        CohortError: neither columns of times nor of dates are named, or both, or unusable data.
    """
    from host.stats.dates import DAYS_PER_MONTH, from_dates, unit_days

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
    divide = 1.0
    if follow["time_in"]:
        if not follow["units"]:
            raise CohortError("--time-in needs --units, the unit to convert to.")
        divide = unit_days(follow["units"], month) / unit_days(follow["time_in"], month)
    return cohort.follow_up(
        follow["time"], follow["event"], event_code=follow["event_code"], units=follow["units"], divide=divide
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
