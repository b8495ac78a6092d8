"""Cohort statistics: patients with status, covariates and follow-up; tables, curves and models of a study.

Usable without the command line. Nothing is imported here, so that one part does not load the packages of
another.
"""
