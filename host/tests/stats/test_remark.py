"""The checklist is whole, and the commands it names exist."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from host.cli.cohort import cohort
from host.cli.cohort.remark import remark
from host.stats.remark import AUTHOR, CHECKLIST, COVERED, PARTLY


def test_twenty_items_in_order() -> None:
    assert [item.number for item in CHECKLIST] == list(range(1, 21))


@pytest.mark.parametrize("item", CHECKLIST, ids=lambda item: str(item.number))
def test_an_item_says_what_gives_it_and_what_is_missing(item: object) -> None:
    assert item.coverage in (COVERED, PARTLY, AUTHOR)
    assert bool(item.commands) == bool(item.gives) == (item.coverage != AUTHOR)
    assert item.coverage == COVERED or item.missing


def test_named_cohort_commands_exist() -> None:
    import click

    context = click.Context(cohort)
    named = {name.split()[1] for item in CHECKLIST for name in item.commands if name.startswith("cohort ")}
    missing = [name for name in sorted(named) if cohort.get_command(context, name) is None]
    assert missing == []


def test_command() -> None:
    assert len(json.loads(CliRunner().invoke(remark, ["--json"]).stdout)["items"]) == 20
