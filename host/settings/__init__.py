"""Gates, calibration and cut-offs as data: a TOML file, the core's Config, and packed for the reader."""

from host.settings.errors import SettingsError
from host.settings.file import as_table, check, dump, load, parse, unpack

__all__ = ["SettingsError", "as_table", "check", "dump", "load", "parse", "unpack"]
