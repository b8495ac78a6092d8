"""The reader's clock is set by whoever talks to it and knows the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from reader.link.errors import BAD_VALUE, Refused

from host.device import Deadline, Link
from host.device.clock import synchronise
from host.tests.pty_reader import MemoryServices, PtyReader


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def link(services: MemoryServices) -> Iterator[Link]:
    with PtyReader(services) as reader, Link(reader.path, Deadline(60)) as link:
        yield link


def iso(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"  # as firmware/reader/wording.py writes it


def is_now(text: str | None) -> bool:
    assert text is not None
    return abs(datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clock_that_was_never_set_is_set(link: Link, services: MemoryServices) -> None:
    said = synchronise(link)
    assert said is not None and "was not set" in said and "UTC" in said
    assert is_now(services.clock)
    assert synchronise(link) is None


def test_a_clock_that_is_right_is_left_alone(link: Link, services: MemoryServices) -> None:
    services.clock = right = iso(datetime.now(UTC) + timedelta(seconds=2))
    assert synchronise(link) is None
    assert services.clock == right


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(hours=-3), "3 h slow"),
        (timedelta(days=400), "400 d fast"),
        (timedelta(minutes=-5), "5 min slow"),
    ],
)
def test_a_clock_that_is_off_is_set(link: Link, services: MemoryServices, off: timedelta, words: str) -> None:
    services.clock = iso(datetime.now(UTC) + off)
    said = synchronise(link)
    assert said is not None and words in said
    assert is_now(services.clock)


def test_a_clock_that_cannot_be_set_is_no_reason_to_stop(
    link: Link, services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(value: str) -> None:
        raise Refused(BAD_VALUE)

    monkeypatch.setattr(services, "datetime_set", refuse)
    assert synchronise(link) is None
