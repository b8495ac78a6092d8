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
    commands = _commands()
    for key, part in table.items():
        if isinstance(part, dict) and key not in commands:
            raise CohortError(f"[{key}] in {value} is no command{nearest(key, commands)}.")
    own = table.pop(ctx.info_name or "", {})
    if not isinstance(own, dict):
        raise CohortError(f"{value}: write the options of {ctx.info_name} under [{ctx.info_name}].")
    others = {key: part for key, part in table.items() if not isinstance(part, dict)}
    for key in own:
        if key.replace("_", "-") not in here:
            raise CohortError(
                f'[{ctx.info_name}] in {value} names "{key}", which is no option{nearest(key, here)}.'
            )
    known = here | _all_options(commands)
    for key in others:
        if key.replace("_", "-") not in known:
            raise CohortError(
                f'{value} names "{key}", which is no option of any command{nearest(key, known)}.'
            )
    options = {_key(p): p for p in ctx.command.params if isinstance(p, click.Option)}
    ctx.default_map = {}
    for key, part in {**others, **own}.items():
        option = options.get(key.replace("_", "-"))
        if option is not None and option.name is not None:
            single = option.multiple and not isinstance(part, list)
            ctx.default_map[option.name] = [part] if single else part


def _key(option: click.Parameter) -> str:
    return max((text.lstrip("-") for text in (*option.opts, *option.secondary_opts)), key=len)


def _commands() -> dict[str, click.Command]:
    """Return every cohort command by name."""
    from host.cli.cohort import cohort as group

    ctx = click.Context(group)
    found = {name: group.get_command(ctx, name) for name in group.list_commands(ctx)}
    return {name: command for name, command in found.items() if command is not None}


def _all_options(commands: dict[str, click.Command]) -> set[str]:
    """Return the long options of every command: one TOML file serves all, and a slip is still found."""
    return {
        _key(param)
        for command in commands.values()
        for param in command.params
        if isinstance(param, click.Option)
    }
