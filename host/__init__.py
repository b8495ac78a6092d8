"""The host side of the CTC reader: a library for flashing, running, reading and evaluating readers."""

__version__ = "0.1.0"
