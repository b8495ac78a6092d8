"""What a core says of some tallies by every rule, as text: the same on the reader and on the host."""

from array import array

TALLIES = (
    (0, 0, 0, 0),
    (7, 0, 0, 3),
    (6, 1, 0, 3),
    (0, 0, 0, 1),
    (10, 0, 0, 0),
    (11, 0, 0, 0),
    (7, 4, 2, 10),
    (50, 50, 0, 0),
    (51, 49, 0, 0),
    (1400, 0, 0, 600),
    (1399, 0, 0, 601),
    (1000, 24, 0, 1024),
    (0, 0, 0, 0x7FFFFFFF),
    (0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF),
)
SHARES = (
    (0, 1),
    (1, 1),
    (10, 23),
    (1, 500),
    (599, 2000),
    (600, 2000),
    (1000, 2000),
    (2500, 5000),
    (65535, 65535),
)


def run(core) -> None:
    """Print status, flags and share of each tally by each rule, and the interval of each share."""
    for rule in core.RULES:
        for scores in TALLIES:
            low = (scores[0], scores[1] + scores[3] // 2, scores[2], scores[3] - scores[3] // 2)
            counts = array("I", scores + (0,) + low + scores)  # noqa: RUF005 - MicroPython has no stars here
            print(rule, scores, core.decide(counts, rule), core.flags(counts, rule), core.share(counts, rule))
    for part, whole in SHARES:
        print(part, whole, core.interval(part, whole))


def slowest(core, ticks_us, ticks_diff) -> None:
    """Print the microseconds of the slowest intervals of 2000 cells, and of the flags of such a tally."""
    for part in (1, 20, 600, 1000, 1400):
        start = ticks_us()
        core.interval(part, 2000)
        print("interval", part, ticks_diff(ticks_us(), start))
    counts = array("I", (1000, 0, 0, 1000, 0) + (1000, 0, 0, 1000) * 2)
    start = ticks_us()
    core.flags(counts)
    print("flags", 1000, ticks_diff(ticks_us(), start))
