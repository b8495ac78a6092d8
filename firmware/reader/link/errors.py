"""What the link can answer instead of a result.

Sources: the MCUmgr codes are Zephyr's `enum mcumgr_err_t` and the OS group's `enum os_mgmt_err_code_t`; the
codes of group 64 are ours (docs/architecture.md).
"""

OS_GROUP = 0
READER_GROUP = 64

# MCUmgr codes, good for any group.
E_UNKNOWN = 1
E_NOMEM = 2
E_INVAL = 3
E_NOENT = 5
E_BADSTATE = 6
E_MSGSIZE = 7
E_NOTSUP = 8
E_CORRUPT = 9
E_BUSY = 10
E_TOO_NEW = 13

# Codes of group 64.
UNKNOWN = 1
BUSY = 2
LID_OPEN = 3
BAD_VALUE = 4
NO_SUCH_RESULT = 5
HASH_DIFFERS = 6
STORAGE = 7
NOT_RUNNING = 8
SETTINGS_REFUSED = 9
SETTINGS_DAMAGED = 10

# Codes of the OS group.
OS_INVALID_FORMAT = 2
OS_CLOCK_NOT_SET = 4
OS_CLOCK_FAILED = 5

_NEAREST = {
    BUSY: E_BUSY,
    LID_OPEN: E_BADSTATE,
    BAD_VALUE: E_INVAL,
    NO_SUCH_RESULT: E_NOENT,
    HASH_DIFFERS: E_CORRUPT,
    NOT_RUNNING: E_BADSTATE,
    SETTINGS_REFUSED: E_INVAL,
    SETTINGS_DAMAGED: E_BADSTATE,
}
_OS_NEAREST = {OS_INVALID_FORMAT: E_INVAL, OS_CLOCK_NOT_SET: E_BADSTATE}


class Refused(Exception):
    """The application says no, with a code of group 64 (1..10)."""

    group = READER_GROUP
    nearest_codes = _NEAREST

    def __init__(self, code):
        super().__init__(code)
        self.code = code

    def nearest(self):
        """The MCUmgr code a version 1 client gets."""
        return self.nearest_codes.get(self.code, E_UNKNOWN)


class OsRefused(Refused):
    """The same with a code of the OS group."""

    group = OS_GROUP
    nearest_codes = _OS_NEAREST


class ProtocolError(Exception):
    """The request itself is at fault, with an MCUmgr code; the same answer in either version."""

    def __init__(self, rc):
        super().__init__(rc)
        self.rc = rc
