"""The pages of the display. Nothing on them is told by colour alone."""

from reader import palette
from reader.display import WIDTH, Display
from reader.wording import lines, share

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
    "release": "RELEASE",
    "store": "STORE",
    "decide": "RESULT",
}


def _foot(display: Display) -> None:
    display.centred("RESEARCH USE ONLY", 119, palette.GREY)


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
        display.centred(line, 1 + 9 * number, palette.GREY)
    display.centred("CTC HER2", 20)
    _BANNERS[outcome.status](display)
    ctcs = sum(outcome.tally)
    if outcome.status in ("POSITIVE", "NEGATIVE"):
        display.centred("3+ %d/%d %s" % (outcome.tally[3], ctcs, share(outcome.tally[3], ctcs)), 62)
    elif outcome.status == "NO CTC":
        display.centred("not a negative", 62)
    else:
        display.centred("no status", 62)
    display.text(" 0    1+   2+   3+", 8, 74, palette.GREY)
    display.text("%-5d%-5d%-5d%-5d" % tuple(outcome.tally), 16, 83)
    display.text("CTC %-6d #%d" % (ctcs, job.sequence), 8, 93)
    for number, line in enumerate(lines(", ".join(outcome.flags), COLUMNS, 2)):
        display.text(line, 0, 102 + 8 * number, palette.AMBER)
    _foot(display)
    display.show()


def fault(display: Display, text: str) -> None:
    """The reader cannot work; what is wrong, in words."""
    _title(display, "FAULT", palette.RED)
    display.stripes(0, 16, WIDTH, 8, palette.AMBER)
    for number, line in enumerate(lines(text, COLUMNS, 7)):
        display.text(line, 0, 32 + 10 * number)
    display.stripes(0, 106, WIDTH, 8, palette.AMBER)
    _foot(display)
    display.show()


def _positive(display: Display) -> None:
    # A full block with a plus at either side.
    display.box(0, 30, WIDTH, 28, palette.RED)
    display.centred("POSITIVE", 36, palette.WHITE, 2)
    for x in (2, 150):
        display.box(x, 43, 8, 2, palette.WHITE)
        display.box(x + 3, 40, 2, 8, palette.WHITE)


def _negative(display: Display) -> None:
    # An empty frame with a minus at either side.
    display.frame(0, 30, WIDTH, 28, palette.GREEN)
    display.centred("NEGATIVE", 36, palette.WHITE, 2)
    for x in (4, 148):
        display.box(x, 43, 8, 2, palette.WHITE)


def _no_ctc(display: Display) -> None:
    # A dotted frame: there was nothing to score.
    for x in range(0, WIDTH, 8):
        display.box(x, 30, 4, 2, palette.BLUE)
        display.box(x, 56, 4, 2, palette.BLUE)
    display.centred("NO CTC", 36, palette.WHITE, 2)


def _invalid(display: Display) -> None:
    # Barrier stripes.
    display.stripes(0, 30, WIDTH, 6, palette.AMBER)
    display.centred("INVALID", 38, palette.WHITE, 2)
    display.stripes(0, 54, WIDTH, 6, palette.AMBER)


_BANNERS = {"POSITIVE": _positive, "NEGATIVE": _negative, "NO CTC": _no_ctc, "INVALID": _invalid}
