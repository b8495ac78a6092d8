"""The firmware's sources: fetched once by apt into a cache, checked against pinned SHA-256, unpacked once.

Environment:
    CTC_FIRMWARE_SOURCES: a folder that already holds the files of ``sources.toml`` (no Debian needed).
    CTC_CACHE: where downloads and the unpacked tree are kept (else ``$XDG_CACHE_HOME/ctc-reader``).
    CTC_DEBIAN_MIRROR: the mirror to ask (else the one in this machine's own apt configuration).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError

PINS = Path(__file__).with_name("sources.toml")
FETCH_SECONDS = 900


@dataclass(frozen=True)
class Source:
    """One pinned file: its name, the upstream version, the apt call that brings it, its SHA-256."""

    name: str
    version: str
    fetch: str
    sha256: str

    @property
    def package(self) -> str:
        return self.fetch.split()[-1]


def pinned() -> tuple[str, list[Source]]:
    """Return the Debian suite and the pinned files."""
    with PINS.open("rb") as file:
        table = tomllib.load(file)
    return table["suite"], [Source(**entry) for entry in table["file"]]


def cache_dir() -> Path:
    """Return the folder for downloads and unpacked sources, shared by all clones of one user."""
    if folder := os.environ.get("CTC_CACHE"):
        return Path(folder).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ctc-reader"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, source: Source) -> None:
    """Raise BuildError unless the file is the pinned one."""
    found = sha256(path)
    if found != source.sha256:
        raise BuildError(
            f"{path} is not the pinned {source.name}: its SHA-256 is {found}, expected {source.sha256}; "
            "delete it and build again, or put the right file there."
        )


def provide() -> dict[str, Path]:
    """Return package name -> verified file, fetching what the cache does not have.

    Raises:
        BuildError: a file is missing, cannot be fetched, or differs from its pin.
    """
    suite, sources = pinned()
    given = os.environ.get("CTC_FIRMWARE_SOURCES")
    folder = Path(given) if given else cache_dir() / "sources"
    if given:
        missing = [s.name for s in sources if not (folder / s.name).is_file()]
        if missing:
            raise BuildError(f"CTC_FIRMWARE_SOURCES={given} lacks {', '.join(missing)}: put the files there.")
    else:
        wanted = [s for s in sources if not (folder / s.name).is_file()]
        if wanted:
            _fetch(suite, wanted, folder)
    for source in sources:
        check(folder / source.name, source)
    return {source.package: folder / source.name for source in sources}


def _mirror() -> str:
    """Return the Debian mirror that this machine's own apt configuration names."""
    if mirror := os.environ.get("CTC_DEBIAN_MIRROR"):
        return mirror
    try:
        listed = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)", "Created-By: Packages"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        ).stdout
    except (FileNotFoundError, subprocess.TimeoutExpired):
        listed = ""
    for line in listed.splitlines():
        uri, origin, label = [*line.split("|"), "", ""][:3]
        if origin == "Debian" and label == "Debian":
            return uri
    raise BuildError(
        "No Debian mirror found in this machine's apt configuration: set CTC_DEBIAN_MIRROR, or put the "
        "four files named in firmware/tools/sources.toml into a folder and set CTC_FIRMWARE_SOURCES to it."
    )


def _fetch(suite: str, wanted: list[Source], folder: Path) -> None:
    """Fetch files with apt and a source list of our own: the machine's own lists stay untouched."""
    private = cache_dir() / "apt"
    lists, parts, download = private / "lists", private / "sources.d", private / "download"
    shutil.rmtree(download, ignore_errors=True)
    for path in (lists / "partial", parts, download, folder):
        path.mkdir(parents=True, exist_ok=True)
    (parts / "firmware.sources").write_text(
        f"Types: deb deb-src\nURIs: {_mirror()}\nSuites: {suite}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    apt = [
        "apt-get", "-q", f"-oDir::Etc::sourceparts={parts}", "-oDir::Etc::sourcelist=/dev/null",
        f"-oDir::State::Lists={lists}", "-oDir::Cache::pkgcache=", "-oDir::Cache::srcpkgcache=",
        "-oAPT::Sandbox::User=", "-oAcquire::Retries=3",
    ]  # fmt: skip
    calls = [["update"]]
    for source in wanted:
        verb, package = source.fetch.split()
        calls.append([verb, "--download-only", package] if verb == "source" else [verb, package])
    for call in calls:
        try:
            done = subprocess.run(
                apt + call, cwd=download, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except (FileNotFoundError, subprocess.TimeoutExpired) as error:
            raise BuildError(
                f"apt-get {' '.join(call)} did not finish ({type(error).__name__}): check the network, or "
                "set CTC_FIRMWARE_SOURCES to a folder with the files of firmware/tools/sources.toml."
            ) from error
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise BuildError(
                f"apt-get {' '.join(call)} failed ({reason}): check the network, or set CTC_FIRMWARE_SOURCES "
                "to a folder with the files of firmware/tools/sources.toml."
            )
    for source in wanted:
        fetched = download / source.name
        if not fetched.is_file():
            there = ", ".join(sorted(p.name for p in download.iterdir())) or "nothing"
            raise BuildError(
                f"Debian {suite} no longer has {source.name} (it brought {there}): put the pinned file "
                "into a folder and set CTC_FIRMWARE_SOURCES to it."
            )
        check(fetched, source)
        fetched.replace(folder / source.name)
    shutil.rmtree(download, ignore_errors=True)


def unpack(files: dict[str, Path]) -> Path:
    """Return the folder with the unpacked sources, joined as MicroPython's build expects them.

    It holds ``micropython/`` (with ``lib/tinyusb`` and ``lib/mbedtls`` linked in) and ``pico-sdk/``. It is
    named after the files' hashes and put in place by one rename: a broken attempt never passes for a whole.
    """
    _, sources = pinned()
    digest = hashlib.sha256("".join(s.sha256 for s in sources).encode()).hexdigest()[:16]
    tree = cache_dir() / f"tree-{digest}"
    if tree.is_dir():
        return tree
    fresh = tree.with_name(f"{tree.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for package, path in files.items():
        target = fresh / package
        if path.suffix == ".deb":
            subprocess.run(["dpkg-deb", "-x", str(path), str(target)], check=True, timeout=120)
        else:
            with tarfile.open(path) as archive:
                archive.extractall(target, filter="tar")
    (micropython,) = (fresh / "micropython").iterdir()
    micropython.rename(fresh / "mp")
    (fresh / "micropython").rmdir()
    (fresh / "mp").rename(fresh / "micropython")
    (mbedtls,) = (fresh / "mbedtls").iterdir()
    lib = fresh / "micropython" / "lib"
    for name, real in (
        ("mbedtls", mbedtls),
        ("tinyusb", _find(fresh / "tinyusb-source", "src/tusb.h")),
    ):
        if (lib / name).is_dir():
            shutil.rmtree(lib / name)
        (lib / name).symlink_to(os.path.relpath(real, lib))
    sdk = _find(fresh / "pico-sdk-source", "pico_sdk_init.cmake")
    (fresh / "pico-sdk").symlink_to(os.path.relpath(sdk, fresh))
    try:
        fresh.rename(tree)
    except OSError:  # another build was faster
        shutil.rmtree(fresh, ignore_errors=True)
    return tree


def _find(folder: Path, inside: str) -> Path:
    """Return the folder below which a known file lies."""
    found = sorted(folder.rglob(Path(inside).name))
    for path in found:
        if path.as_posix().endswith(inside):
            return path.parents[len(Path(inside).parts) - 1]
    raise BuildError(f"The unpacked {folder.name} has no {inside}: delete {folder.parent} and build again.")
