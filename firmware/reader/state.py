"""What the reader is doing, as the display and the link both show it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.results.record import Job, Outcome

READY = "ready"
RUNNING = "running"
RESULT = "result"
LID_OPEN = "lid open"
FAULT = "fault"


class State:
    """One of the five names above, and what belongs to it."""

    def __init__(self) -> None:
        self.name = READY
        self.job: "Job | None" = None
        """The run that waits or goes on; of a result, the run that ended."""
        self.outcome: "Outcome | None" = None
        self.fault = ""
        self.boot_ms = 0
        self.free = 0
        """Bytes of RAM, and the largest block, after boot and after the last run."""
        self.largest = 0
        self.boots = 0
        self.lid_open = False
        """As the application has noticed it: after the contact has settled."""

    def busy(self) -> bool:
        """Whether a run waits or goes on."""
        return self.name == RUNNING

    def run(self, job: "Job") -> None:
        """A run is about to begin."""
        self.job = job
        self.outcome = None
        self.fault = ""
        self.name = RUNNING

    def end(self, outcome: "Outcome") -> None:
        """The run has ended, its record is in the log."""
        self.outcome = outcome
        self.name = RESULT

    def fail(self, text: str) -> None:
        """The reader cannot work; `text` says why."""
        self.fault = text
        self.name = FAULT

    def dismiss(self, lid_open: bool) -> None:
        """The result or fault has been seen, or the lid has moved."""
        self.fault = ""
        self.name = LID_OPEN if lid_open else READY
