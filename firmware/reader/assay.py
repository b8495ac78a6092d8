"""The assay: one specimen from self-test to result, as an explicit table of states.

A run has a status only when every state ends well. Whatever goes wrong, wherever, makes it INVALID with its
reasons as flags, and nothing makes an INVALID run anything else: ``decide`` is not even asked.
"""

import gc
import time
from array import array

import board
import ctc_core
from micropython import const

from reader import channels, quality, selftest
from reader.crops import Crops
from reader.results import record
from reader.results.log import LogError
from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.parts import Parts
    from reader.results.record import Job

_ROWS = const(16)  # rows taken from the core at a time
_WAIT_MS = const(50)  # between two looks at lid, stop and link

TABLE = {
    # state: (what is done, with what, what follows, what follows in the last field)
    "selftest": ("_selftest", 0, "dark", "dark"),
    "dark": ("_image", channels.DARK, "capture", "capture"),
    "capture": ("_capture", 0, "settle", "settle"),
    "settle": ("_settle", 0, "dapi", "dapi"),
    "dapi": ("_image", channels.DAPI, "ck", "ck"),
    "ck": ("_image", channels.CK, "cd45", "cd45"),
    "cd45": ("_image", channels.CD45, "her2", "her2"),
    "her2": ("_image", channels.HER2, "crops", "crops"),
    "crops": ("_crop", 0, "release", "release"),
    "release": ("_release", 0, "store", "store"),
    "store": ("_store", 0, "dark", "decide"),
    "decide": ("_decide", 0, "", ""),
}
FIRST = "selftest"
_FIELD_STATES = ("dark", "capture", "settle", "dapi", "ck", "cd45", "her2", "crops", "release", "store")
_AGAIN = (channels.DAPI, channels.CK, channels.CD45)


class Assay:
    """Runs jobs, one at a time.

    idle(): called between and during the steps, never within an exposure; serves link, buzzer and watchdog.
    progress(): called when a state begins.
    """

    def __init__(self, parts: "Parts", idle: "Callable[[], None]", progress: "Callable[[], None]") -> None:
        self._parts = parts
        self._idle = idle
        self._progress = progress
        self._frame = array("i", [0] * (board.ASSAY_FIELDS_MAX * channels.COUNT * record.QUALITY))
        self._rows = bytearray(_ROWS * ctc_core.ROW_BYTES)
        self._counted = array("i", [0] * (board.ASSAY_FIELDS_MAX * record.COUNTED))
        self._counts = array("I", [0] * ctc_core.TALLY_COUNTS)
        self._writer: "record.Writer | None" = None
        self._crops: "Crops | None" = None
        self._objects = 0
        self._job: "Job | None" = None
        self._stop = False
        self._outcome: "record.Outcome | None" = None
        self._times: "dict[str, int]" = {}
        self._field_ms = 0
        self.state = ""
        self.field = 0
        self.done = 0
        """Fields completed."""
        self.frame_bytes = 0
        """Heap taken in exposure and analysis by the last run's first field, its frames together: 0."""
        self.frame_ms = 0
        """Longest time a field took in its frames, exposures and analyses together."""

    def percent(self) -> int:
        """Return how far the run is, by states."""
        if self._job is None:
            return 0
        total = self._job.fields * len(_FIELD_STATES) + 2  # the self-test before them, the decision behind
        if self.state in _FIELD_STATES:
            at = 1 + self.done * len(_FIELD_STATES) + _FIELD_STATES.index(self.state)
        else:
            at = 0 if self.state == FIRST else total - 1
        return 100 * at // total

    def stop(self) -> None:
        """End the run as soon as may be: INVALID, STOPPED."""
        self._stop = True

    def run(self, job: "Job") -> "record.Outcome":
        """Run `job`, whose record ``Log.begin`` has started; return its outcome.

        Raises:
            LogError: the result could not be stored. There is no result then.
        """
        parts = self._parts
        self._job = job
        self._outcome = None
        self._times = {}
        self._field_ms = 0
        self.field = self.done = self.frame_bytes = self.frame_ms = 0
        for at in range(len(self._counts)):
            self._counts[at] = 0
        parts.interlock.rearm()
        self._writer = record.Writer(parts.log, job, parts.id, parts.settings.identity())
        fault: "tuple[list[str], str] | None" = None
        self._crops = _room_for_crops(job)
        self.state = FIRST
        try:
            while self.state:
                self._step()
        except Void as reason:
            fault = [reason.flag], reason.text
        except ctc_core.Error as error:
            fault = ["BOUND"], str(error.args[1])
        except LogError:
            raise
        except Exception as error:
            fault = ["FAULT"], "%s: %s" % (type(error).__name__, error)
        finally:
            parts.quiet()
            self._crops = None
        outcome = self._outcome
        if fault is not None or outcome is None:
            flags, text = fault or (["FAULT"], "the run had no end")
            outcome = record.void(job.rule, self._counts, flags, text)
        counted = self._counted if quality.COUNTS else None
        self._writer.finish(outcome, self._frame, counted, self.done, self._times)
        self.state = ""
        self._stop = False
        return outcome

    def _step(self) -> None:
        job = self._running()
        action, argument, following, at_last = TABLE[self.state]
        self._look()
        self._progress()
        begun = time.ticks_ms()
        getattr(self, action)(argument)
        took = time.ticks_diff(time.ticks_ms(), begun)
        self._times[self.state] = self._times.get(self.state, 0) + took
        if action == "_image":
            self._field_ms = took if argument == channels.DARK else self._field_ms + took
            self.frame_ms = max(self.frame_ms, self._field_ms)
        self.state = at_last if self.done >= job.fields else following

    def _running(self) -> "Job":
        if self._job is None:
            raise ValueError("no run")
        return self._job

    # What is done in the states ---------------------------------------------------------------------------

    def _selftest(self, _: int) -> None:
        failed = [check for check in selftest.run(self._parts, self._wait) if not check.ok]
        if failed:
            first = failed[0]
            raise Void(first.flag, "self-test: %s is %s, not %s" % (first.name, first.value, first.limit))

    def _capture(self, _: int) -> None:
        self._parts.magnet.capture(board.MAGNET_CAPTURE_MS, self._wait)

    def _settle(self, _: int) -> None:
        self._parts.magnet.hold(board.MAGNET_SETTLE_MS, self._wait)

    def _release(self, _: int) -> None:
        self._parts.magnet.release(board.MAGNET_RELEASE_MS, self._wait)

    def _image(self, channel: int) -> None:
        """One frame: expose, analyse, judge. From light to last figure nothing is allocated."""
        parts = self._parts
        at = (self.done * channels.COUNT + channel) * record.QUALITY
        if channel == channels.DARK:
            self.field = self.done
            ctc_core.begin(self.field)
        else:
            parts.magnet.check()
        gc.collect()
        gc.disable()
        try:
            # Counted in the first field only: a count takes 5 ms.
            counted = self.done == 0
            before = gc.mem_alloc() if counted else 0
            self._frame_loop(channel, at)
            if counted:
                self.frame_bytes += gc.mem_alloc() - before
        finally:
            gc.enable()
        self._judge(channel, at)

    def _frame_loop(self, channel: int, at: int) -> None:
        with self._parts.optics.light(channel):
            self._parts.sensor.expose(channels.LINES[channel])
        ctc_core.analyse(channel)
        frame = self._frame
        for item in quality.ITEMS:
            frame[at] = ctc_core.quality(item)
            at += 1
        also = quality.ALSO[channel]
        if also is not None:
            self._counted[self.done * record.COUNTED + also[1]] = ctc_core.quality(also[0])

    def _judge(self, channel: int, at: int) -> None:
        frame = self._frame
        quality.judge_saturated(channel, frame[at + quality.SATURATED])
        if channel == channels.DARK:
            quality.judge_dark(frame[at + quality.MEAN])
        else:
            dark = at - channel * record.QUALITY
            quality.judge_strip(channel, frame[at + quality.STRIP], frame[dark + quality.STRIP])
            if self._running().kind != "calibration":  # a standard may fill the window
                background = frame[at + quality.BACKGROUND]
                quality.judge_background(channel, background, frame[dark + quality.BACKGROUND])

    def _crop(self, _: int) -> None:
        """What the CTCs look like, while the magnet still holds them.

        The HER2 frame is in the buffer; the others have to be taken again. All that is measured was measured
        before, so that what this light bleaches cannot change it; and how good this light is does not matter
        to it, so the frames are not judged.
        """
        parts, crops = self._parts, self._crops
        self._objects = ctc_core.end()
        if crops is None or not crops.choose(self._objects):
            return
        crops.take(channels.HER2)
        for channel in _AGAIN:
            self._look()
            parts.magnet.check()
            with parts.optics.light(channel):
                parts.sensor.expose(channels.LINES[channel])
            crops.take(channel)

    def _store(self, _: int) -> None:
        """Cells and crops to the log, two chunks a field; the magnet is off, so the flash may be written."""
        writer, crops, objects = self._writer, self._crops, self._objects
        if writer is None or crops is None:
            raise ValueError("no record")
        writer.chunk(objects * ctc_core.ROW_BYTES)
        first = 0
        while first < objects:
            count = ctc_core.rows(self._rows, first)
            if not count:
                raise ValueError("the core gives no rows")
            ctc_core.tally(self._rows, count, self._counts)
            writer.rows(memoryview(self._rows)[: count * ctc_core.ROW_BYTES])
            first += count
        writer.crops(crops.data())
        self.done += 1

    def _decide(self, _: int) -> None:
        if self._running().kind == "calibration":
            # Beads and dyes would have a status by accident: nobody must ever see one.
            raise Void("CALIBRATION", "a calibration specimen has cells for the host and no status")
        self._outcome = record.decided(self._running().rule, self._counts)

    # Waiting ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._idle()
        if self._parts.interlock.tripped():
            raise Void("LID OPENED", "the lid was opened during the run")
        if self._stop:
            raise Void("STOPPED", "the run was stopped")

    def _wait(self, milliseconds: int) -> None:
        end = time.ticks_add(time.ticks_ms(), milliseconds)
        self._look()
        while True:
            left = time.ticks_diff(end, time.ticks_ms())
            if left <= 0:
                return
            time.sleep_ms(min(left, _WAIT_MS))
            self._look()


def _room_for_crops(job: "Job") -> Crops:
    """Return the buffer for a run's crops: none where memory is too scattered; cells count without."""
    gc.collect()
    try:
        return Crops(job.crops, job.every_ctc)
    except MemoryError:
        return Crops(0, job.every_ctc)
