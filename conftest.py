"""What holds for every test: property tests draw the same examples everywhere, so that none fails by luck."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")
