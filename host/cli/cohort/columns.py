"""--columns: a TOML file in which a study names its columns once, for every command."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from host.stats.errors import CohortError, nearest


def from_toml(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
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
