"""Readers seen from the host: which are there, and a synchronous link to one of them.

with Link(select().address, Deadline(10)) as link:
    print(link.info().firmware, link.status().state)
"""

from host.device.deadline import Deadline
from host.device.errors import DeviceError, NoReader, ReaderCode, ReaderRefused, ReaderSilent, SeveralReaders
from host.device.link import Info, Link, Screen
from host.device.ports import Port, find, select

__all__ = [
    "Deadline",
    "DeviceError",
    "Info",
    "Link",
    "NoReader",
    "Port",
    "ReaderCode",
    "ReaderRefused",
    "ReaderSilent",
    "Screen",
    "SeveralReaders",
    "find",
    "select",
]
