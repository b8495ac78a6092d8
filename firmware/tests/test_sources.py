"""The firmware's sources: a wrong, missing or unobtainable file is one sentence, never another image."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.tools import sources
from firmware.tools.errors import BuildError


def test_a_folder_without_the_files_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTC_FIRMWARE_SOURCES", str(tmp_path))
    with pytest.raises(BuildError, match=r"micropython_1\.25\.0.*put the files there"):
        sources.provide()


def test_a_differing_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in sources.pinned()[1]:
        (tmp_path / source.name).write_bytes(b"something else")
    monkeypatch.setenv("CTC_FIRMWARE_SOURCES", str(tmp_path))
    with pytest.raises(BuildError, match=r"is not the pinned .*SHA-256"):
        sources.provide()


def test_a_mirror_that_is_not_there_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CTC_FIRMWARE_SOURCES", raising=False)
    monkeypatch.setenv("CTC_CACHE", str(tmp_path))
    monkeypatch.setenv("CTC_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    with pytest.raises(BuildError, match="CTC_FIRMWARE_SOURCES"):
        sources.provide()
    assert not list((tmp_path / "sources").iterdir())


def test_given_files_are_used_from_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CTC_FIRMWARE_SOURCES", raising=False)
    fetched = sources.provide()
    folder = next(iter(fetched.values())).parent
    monkeypatch.setenv("CTC_FIRMWARE_SOURCES", str(folder))
    assert sources.provide() == {name: folder / path.name for name, path in fetched.items()}
