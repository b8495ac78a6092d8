"""Run the shared test vectors through this side's core and print what comes of each.

On the reader: ``mpremote mount native/vectors run native/vectors/run_vectors.py``. On the host:
``python native/vectors/run_vectors.py``. Either way the output is that of ``expected.txt``. After a change
that is meant, ``python native/vectors/run_vectors.py > native/vectors/expected.txt`` writes it anew, and
``python native/vectors/show.py`` shows it: read it line by line.
"""

import hashlib
from array import array
from binascii import hexlify

import scenes

CHANNELS = ("dark", "dapi", "ck", "cd45", "her2")


def hexadecimal(data: bytes) -> str:
    return hexlify(data).decode()


def run_scene(core, rules, canvas, scene, number: int) -> None:
    """Analyse one scene as field ``number`` and print what comes of it.

    First each channel's quality (whose mean tells whether the frames agree), line by line, as a bench slows a
    reader down that says nothing for long; then the error, or the rows (a hash when they are many), the tally
    and the status.
    """
    core.configure(scenes.SETTINGS.get(scene.__name__, bytes)())
    core.begin(number)
    try:
        for channel, name in enumerate(CHANNELS):
            if scene(canvas, channel):
                continue
            core.analyse(channel)
            print(scene.__name__, name, ",".join([str(core.quality(item)) for item in range(9)]))
        count = core.end()
        rows = bytearray(count * rules.ROW_BYTES)
        assert core.rows(rows, 0) == count
        counts = array("I", [0] * rules.TALLY_COUNTS)
        rules.tally(rows, count, counts)
        digest = hexadecimal(hashlib.sha256(rows).digest())
        print(scene.__name__, f"rows={count}:{hexadecimal(rows) if count <= 20 else digest}", end=" ")
        print("tally=" + ",".join([str(n) for n in counts[:5]]), f"status={rules.decide(counts)}")
    except rules.Error as error:
        print(scene.__name__, f"error={error.args[0]}")
    core.configure(b"")


def run(core, rules, first: int = 0, last: int = 999) -> None:
    """Run and print vectors ``first`` to ``last``: ``core`` analyses, ``rules`` decides."""
    canvas = scenes.Canvas(core.frame())
    for number, scene in enumerate(scenes.SCENES):
        if first <= number <= last:
            run_scene(core, rules, canvas, scene, number)
    for number, counts in enumerate(scenes.TALLIES, len(scenes.SCENES)):
        if first <= number <= last:
            status = rules.decide(array("I", counts + 2 * counts[:4]))
            print("rule", ",".join([str(n) for n in counts]), f"status={status}")


if __name__ == "__main__":
    try:
        import ctc_core

        run(ctc_core, ctc_core)
    except ImportError:
        from host import core

        run(core.Core(), core)
