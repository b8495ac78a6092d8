"""The application: one loop that serves the link, the lid and the button, and runs the assay."""

import gc
import time

import board
import ctc_core

from reader import buzzer, memory, pages, version, watchdog
from reader.assay import Assay
from reader.button import Debounced
from reader.link.errors import Refused
from reader.link.ports import Serial, Usb
from reader.link.server import Server
from reader.parts import Parts
from reader.results import record
from reader.results.log import LogError
from reader.services import Services
from reader.state import FAULT, LID_OPEN, READY, RESULT, RUNNING, State
from reader.void import Void

_PAUSE_MS = 2
_SETTLE_MS = 20
_CLOCK_MS = 60000
_COLLECT_BYTES = 12288
_HUNG = "the watchdog ended a program that hung"


class App:
    """The reader, from power to power."""

    def __init__(self) -> None:
        # Collecting early keeps what stays low in the heap, and the largest block large.
        gc.threshold(_COLLECT_BYTES)
        hung = watchdog.bit()
        self._dog = watchdog.Watchdog()
        self.parts = Parts(self._dog.feed)
        parts = self.parts
        parts.display.start()
        if hung:
            parts.journal.record_fault(_HUNG)
        restarted = _HUNG if hung else parts.journal.fault
        parts.journal.boot()
        self.state = State()
        self.state.boots = parts.journal.boots
        self._assay = Assay(parts, self._idle, self._progress)
        self._services = Services(parts, self._assay, self.state, self._rest)
        self._server = Server([Usb(), Serial()], self._services, version.DEVELOPMENT)
        self._lid = Debounced(parts.interlock.open(), _SETTLE_MS)
        self._button = Debounced(False, _SETTLE_MS)
        self._leaving = False
        self._opened = False  # since the page now shown came up
        self._shown: "tuple[object, ...]" = ()
        self._room = record.size(board.ASSAY_FIELDS, ctc_core.MAX_OBJECTS, ctc_core.ROW_BYTES)
        self._check(restarted)
        self.state.free, self.state.largest = memory.measure()
        self.state.boot_ms = time.ticks_ms()

    def run(self) -> None:
        """Serve until a development build is asked for its REPL; the watchdog is stopped then."""
        while not self._leaving:
            self._serve()
            self._watch()
            if self.state.name == RUNNING:
                self._run()
            else:
                self.parts.log.prepare(self._room)
            self._show()
            time.sleep_ms(_PAUSE_MS)
        self.parts.close()
        watchdog.stop()

    def _check(self, restarted: str) -> None:
        """Look once, without light, at what a run needs; a run does the whole self-test anyway."""
        state = self.state
        state.lid_open = self._lid.active
        state.dismiss(self._lid.active)
        stored = record.replace_interrupted(self.parts.log, self.parts.id)
        if restarted:
            state.fail("The reader restarted: " + restarted)
        if stored:
            state.fail("Result log: " + stored)
        try:
            self.parts.clock.read()
        except OSError:
            state.fail("The clock does not answer")
        try:
            self.parts.sensor.setup()
        except Void as reason:
            state.fail("SENSOR: " + reason.text)

    # The loop ---------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        self._dog.feed()
        self.parts.buzzer.poll()

    def _serve(self) -> None:
        self._rest()
        # What follows the wish for the REPL is the REPL's: nothing more is read. A run ends as stopped.
        if not self._leaving and self._server.poll() == "repl":
            self._leaving = True
            self._assay.stop()

    def _watch(self) -> None:
        """Follow lid and button while no run goes on."""
        state = self.state
        now = time.ticks_ms()
        lid_open = self.parts.interlock.open()
        was_open = self._lid.active
        self._lid.poll(lid_open, now)
        state.lid_open = self._lid.active
        pressed = self._button.poll(self.parts.button.value() == 0, now)
        if state.name == RUNNING:
            return
        if self._lid.active != was_open:
            if self._lid.active:
                self._opened = True
            # A result or fault stays until its cartridge has been taken out: opened and closed again.
            if state.name in (READY, LID_OPEN) or (self._opened and not self._lid.active):
                state.dismiss(self._lid.active)
        if pressed:
            if state.name == READY:
                self._start_by_button()
            elif state.name in (RESULT, FAULT):
                state.dismiss(self._lid.active)

    def _start_by_button(self) -> None:
        try:
            self._services.start("MANUAL-%d" % (self.parts.log.last + 1), "patient", None, None)
        except Refused:
            if not self.parts.interlock.open():
                self.state.fail("The result log is full. Connect the host and pull the results.")

    def _run(self) -> None:
        state, parts = self.state, self.parts
        job = state.job
        if job is None:
            raise ValueError("no run waits")
        pages.running(parts.display, job)
        try:
            outcome = self._assay.run(job)
        except LogError as error:
            parts.log.abandon()
            record.replace_interrupted(parts.log, parts.id)
            state.fail("The result could not be stored: %s" % error)
            return
        state.end(outcome)
        # A lid that voided the run and is still open has not been opened for a new cartridge.
        self._lid.active = state.lid_open = parts.interlock.open()
        self._opened = False
        parts.buzzer.play(buzzer.FAILED if outcome.status == "INVALID" else buzzer.DONE)
        state.free, state.largest = memory.measure()

    def _idle(self) -> None:
        """What goes on while the assay waits."""
        self._serve()
        self._watch()

    def _progress(self) -> None:
        job = self.state.job
        if job is not None:
            assay = self._assay
            field = min(assay.done + 1, job.fields)
            pages.progress(self.parts.display, assay.state, field, job.fields, assay.percent())

    def _show(self) -> None:
        """Draw the page that fits, when it is not the one shown."""
        state, parts = self.state, self.parts
        if state.name == READY:
            key: "tuple[object, ...]" = (READY, parts.log.kept(), time.ticks_ms() // _CLOCK_MS)
        else:
            key = (state.name, state.fault, state.job)
        if key == self._shown:
            return
        self._shown = key
        if state.name == READY:
            pages.ready(parts.display, self._services.datetime_get(), parts.log.kept())
        elif state.name == LID_OPEN:
            pages.lid_open(parts.display)
        elif state.name == FAULT:
            pages.fault(parts.display, state.fault)
        elif state.name == RESULT and state.job is not None and state.outcome is not None:
            pages.result(parts.display, state.job, state.outcome)
