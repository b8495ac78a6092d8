"""Why a run can have no status."""


class Void(Exception):
    """A run's quality control failed, or it was stopped: INVALID. `flag` is one of the record's flags."""

    def __init__(self, flag: str, text: str) -> None:
        super().__init__(flag, text)
        self.flag = flag
        self.text = text
