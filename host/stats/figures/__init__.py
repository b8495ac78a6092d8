"""Figures of a cohort, each drawn from the numbers its command prints."""
