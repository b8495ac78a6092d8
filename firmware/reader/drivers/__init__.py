"""Drivers: each knows its part from the data sheet, and nothing above it."""
