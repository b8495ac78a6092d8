"""The pages of the display. Nothing on them is told by colour alone."""

import ctc_core
from micropython import const

from reader import palette
from reader.display import WIDTH, Display
from reader.wording import counted, interval, lines, packed, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.results.record import Job, Outcome

COLUMNS = 20

STEPS = {
    "selftest": "SELF-TEST",
    "dark": "DARK FRAME",
    "capture": "CAPTURE",
    "settle": "SETTLE",
    "dapi": "IMAGE DAPI",
    "ck": "IMAGE CK",
    "cd45": "IMAGE CD45",
    "her2": "IMAGE HER2",
    "crops": "IMAGE CROPS",
    "release": "RELEASE",
    "store": "STORE",
    "decide": "RESULT",
}


def _foot(display: Display) -> None:
    display.centred("RESEARCH USE ONLY", 120, palette.GREY)


def _title(display: Display, text: str, colour: int) -> None:
    display.clear()
    display.box(0, 0, WIDTH, 14, colour)
    display.centred(text, 3)


def ready(display: Display, utc: "str | None", kept: int) -> None:
    """The reader waits for a cartridge and the start button."""
    _title(display, "CTC READER", palette.NAVY)
    display.centred("READY", 28, palette.WHITE, 3)
    display.centred("Insert cartridge,", 62)
    display.centred("close lid, press", 72)
    display.centred("START", 82)
    display.centred("%d kept for host" % kept if kept else "nothing kept", 97, palette.GREY)
    display.centred(utc[:16].replace("T", " ") + " UTC" if utc else "CLOCK NOT SET", 108, palette.GREY)
    _foot(display)
    display.show()


def lid_open(display: Display) -> None:
    """The lid is open: the light is cut and no run can start."""
    _title(display, "LID OPEN", palette.AMBER)
    display.centred("CLOSE", 34, palette.WHITE, 3)
    display.centred("LID", 62, palette.WHITE, 3)
    display.centred("light is off", 96, palette.GREY)
    _foot(display)
    display.show()


def running(display: Display, job: "Job") -> None:
    """A run has begun; ``progress`` fills the rest."""
    _title(display, "RUNNING", palette.BLUE)
    for number, line in enumerate(lines(job.sample, COLUMNS, 2)):
        display.centred(line, 22 + 10 * number)
    display.centred("keep the lid closed", 108, palette.GREY)
    _foot(display)
    display.show()


def progress(display: Display, step: str, field: int, fields: int, percent: int) -> None:
    """The step and how far the run is.

    What changes from step to step lies in two strips of the display, so that little has to be sent.
    """
    display.box(0, 48, WIDTH, 48, palette.BLACK)
    display.centred("field %d of %d" % (field, fields), 48)
    display.centred("%s %d %%" % (STEPS.get(step, step), percent), 64, palette.WHITE)
    display.frame(10, 77, WIDTH - 20, 14, palette.WHITE)
    display.box(13, 80, (WIDTH - 26) * percent // 100, 8, palette.WHITE)
    display.update()


def result(display: Display, job: "Job", outcome: "Outcome") -> None:
    """The result: the same place for every status, and a shape of its own for each."""
    display.clear()
    for number, line in enumerate(lines(job.sample, COLUMNS, 2)):
        display.centred(line, 8 * number, palette.GREY)
    if job.rule == ctc_core.RULE:
        display.centred("CTC HER2", 16)
    else:
        display.centred(job.rule, 16, palette.AMBER)
    _BANNERS[outcome.status](display)
    if outcome.status in ("POSITIVE", "NEGATIVE"):
        display.centred(_share(job.rule, outcome), 52)
        display.centred(interval(outcome.interval[0], outcome.interval[1], job.rule), 61)
    elif outcome.status == "NO CTC":
        display.centred("not a negative", 52)
    else:
        display.centred("no status", 52)
    for score, count in enumerate(outcome.tally):
        display.text("0" if score == 0 else "%d+" % score, 4 + 40 * score, 70, palette.GREY)
        display.text("%d" % count, 4 + 40 * score, 78)
    display.centred("CTC %d #%d" % (sum(outcome.tally), job.sequence), 87)
    for number, line in enumerate(packed(outcome.flags, COLUMNS, 3)):
        display.centred(line, 95 + 8 * number, palette.AMBER)
    _foot(display)
    display.show()


def _share(rule: str, outcome: "Outcome") -> str:
    line = "%s %d/%d %s" % (counted(rule), outcome.share[0], outcome.share[1], share(*outcome.share))
    return line if len(line) <= COLUMNS else line.replace(" %", "%")


def fault(display: Display, text: str) -> None:
    """The reader cannot work; what is wrong, in words."""
    _title(display, "FAULT", palette.RED)
    display.stripes(0, 16, WIDTH, 8, palette.AMBER)
    for number, line in enumerate(lines(text, COLUMNS, 7)):
        display.text(line, 0, 32 + 10 * number)
    display.stripes(0, 106, WIDTH, 8, palette.AMBER)
    _foot(display)
    display.show()


_TOP = const(25)
_HIGH = const(25)


def _positive(display: Display) -> None:
    # A full block with a plus at either side.
    display.box(0, _TOP, WIDTH, _HIGH, palette.RED)
    display.centred("POSITIVE", _TOP + 4, palette.WHITE, 2)
    for x in (2, 150):
        display.box(x, _TOP + 12, 8, 2, palette.WHITE)
        display.box(x + 3, _TOP + 9, 2, 8, palette.WHITE)


def _negative(display: Display) -> None:
    # An empty frame with a minus at either side.
    display.frame(0, _TOP, WIDTH, _HIGH, palette.GREEN)
    display.centred("NEGATIVE", _TOP + 4, palette.WHITE, 2)
    for x in (4, 148):
        display.box(x, _TOP + 12, 8, 2, palette.WHITE)


def _no_ctc(display: Display) -> None:
    # A dotted frame: there was nothing to score.
    for x in range(0, WIDTH, 8):
        display.box(x, _TOP, 4, 2, palette.BLUE)
        display.box(x, _TOP + _HIGH - 2, 4, 2, palette.BLUE)
    display.centred("NO CTC", _TOP + 4, palette.WHITE, 2)


def _invalid(display: Display) -> None:
    # Barrier stripes.
    display.stripes(0, _TOP, WIDTH, 4, palette.AMBER)
    display.centred("INVALID", _TOP + 5, palette.WHITE, 2)
    display.stripes(0, _TOP + _HIGH - 4, WIDTH, 4, palette.AMBER)


_BANNERS = {"POSITIVE": _positive, "NEGATIVE": _negative, "NO CTC": _no_ctc, "INVALID": _invalid}
