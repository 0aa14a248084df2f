"""Exit codes of the command; stable, documented in docs/exit-codes.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command's end says to a script."""

    OK = 0
    FAILED = 1  # something could not be done and waits for a person
    USAGE = 2  # the command was called wrongly
    SETTINGS = 3  # a setting or a profile is wrong
    MISSING_TOOL = 4  # a program, language or folder that is needed is not there
    NOT_FOUND = 5  # there is no such intake, document, piece or batch
    NOT_ALLOWED = 6  # the unit's state does not allow it
    INTERRUPTED = 130
