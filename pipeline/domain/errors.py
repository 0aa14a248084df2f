"""The one family of errors: rejected, permanent, temporary.

Every error has a stable `code` (documented in docs/formats/rejection.md or docs/exit-codes.md),
a sentence that says what happened, and a remedy that says what to do. Errors travel between
processes, so each can be pickled.
"""

from __future__ import annotations


class PoststrasseError(Exception):
    """The root. `code`: stable, `[a-z0-9-]`. `sentence`: what happened. `remedy`: what to do, may be empty."""

    def __init__(self, code: str, sentence: str, remedy: str = "", *, page: int | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.page = page

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.sentence, self.remedy, self.page)

    def __str__(self) -> str:
        return f"{self.sentence} [{self.code}]"


def _rebuild(kind: type[PoststrasseError], code: str, sentence: str, remedy: str, page: int | None) -> PoststrasseError:
    error = kind.__new__(kind)
    PoststrasseError.__init__(error, code, sentence, remedy, page=page)
    return error


class Rejected(PoststrasseError):
    """Bad input: the file goes back to the one who sent it. `code` stands in `domain.refusals`.

    `sentence` is the `detail` of reason.json: the particular of this file, in German, without personal data.
    `page`: the source page (from 1) where it was found, if one page is to blame.
    """


class Permanent(PoststrasseError):
    """Trying again changes nothing; a person has to look. Every actor lists this class in `throws`."""


class Temporary(PoststrasseError):
    """Trying again later may help: a share is away, the disk is full, a service does not answer."""


class IllegalMove(Permanent):
    """A unit of work was asked to go where its state does not lead."""


class StaleLease(Permanent):
    """Somebody else took over this unit meanwhile; what was done here is dropped."""


class ProfileError(Permanent):
    """A profile names an unknown key, a wrong unit or something that does not exist."""


class ConfinedFailure(PoststrasseError):
    """The child process that opened an untrusted file did not survive it.

    Codes: `child-timeout`, `child-memory`, `child-crash`, and `child-stopped` when the worker was asked to stop.
    """
