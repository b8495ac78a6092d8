"""The `host` command: thin. What it does is in the library; here are words in, words out, and exit codes.

Commands are loaded when they are called, so that `host --help` is quick.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from host import __version__
from host.cli import errors

COMMANDS = {
    "devices": "host.cli.devices:devices",
    "info": "host.cli.info:info",
    "flash": "host.cli.flash:flash",
    "run": "host.cli.run:run",
    "abort": "host.cli.abort:abort",
    "pull": "host.cli.pull:pull",
    "screen": "host.cli.screen:screen",
    "selftest": "host.cli.selftest:selftest",
    "settings": "host.cli.settings:settings",
    "calibrate": "host.cli.calibrate:calibrate",
    "reset": "host.cli.reset:reset",
    "console": "host.cli.console:console",
    "results": "host.cli.results:results",
    "cohort": "host.cli.cohort:cohort",
    "rescore": "host.cli.rescore:rescore",
    "bench": "host.cli.bench:bench",
}


class Host(click.Group):
    """The group of all commands, and the one place where a failure becomes a sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command."""
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and exit with a code of `errors.KINDS`."""
        extra["standalone_mode"] = False
        try:
            code = super().main(args, *rest, **extra)
        except click.ClickException as why:
            why.show()
            code = why.exit_code
        except (KeyboardInterrupt, click.Abort) as why:
            click.echo(f"host: {why.args[0] if why.args else 'interrupted.'}", err=True)
            code = errors.INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has enough; nothing more must be written, not even by Python's exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        except Exception as why:
            code = errors.code_of(why)
            if code is None or "CTC_TRACEBACK" in os.environ:
                raise
            click.echo(f"host: {errors.sentence(why)}", err=True)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Host, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="host")
def cli() -> None:
    """Flash, run and read CTC readers, real and virtual, and work with their results.

    Every command exits with 0 or with one number per kind of failure: docs/exit-codes.md.
    """


def main() -> None:
    """The entry point `host` (and `ctc-host`)."""
    cli()
