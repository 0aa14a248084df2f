"""Letters that wait in the pool are read again from the file as it came, by the profiles as they are now.

What comes of it is recorded in one transaction: the letter is the same piece as before, from pages that were looked at
anew, and goes into the next batch; or it comes back with the code with which it would have come back at the drop; or,
where it can't be compared with what was pooled, it is held for a person. Pages from which batches were made are not
touched: what was read again lies in a slice of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import IntakeRecord, Lease, SliceRecord
from pipeline.domain.errors import Rejected, Temporary
from pipeline.domain.pages import LetterReading
from pipeline.domain.pieces import LetterException, Piece
from pipeline.domain.states import Kind
from pipeline.services.local_times import local_day
from pipeline.services.looking_again import CHANGED, RulesNow
from pipeline.services.ports import Line
from pipeline.services.reading_letters import SliceReading, reading_of
from pipeline.services.sending_back import rejection_papers, shelf
from pipeline.services.taking_in import place_of

LOOKED_AT_AGAIN = "looked-at-again"
# What has to be the same so that a piece keeps the price at which it was taken in.
_PRODUCED = (
    "machine",
    "envelope",
    "paper",
    "form",
    "plex",
    "pages",
    "sheets",
    "layout",
    "enclosures",
    "special",
    "country",
)


@dataclass(frozen=True)
class _Found:
    """What comes of pooled letters: pieces as they are now, those that go back, and those that a person decides on."""

    renewed: tuple[Piece, ...] = ()
    refused: tuple[tuple[Piece, Rejected], ...] = ()
    held: tuple[tuple[Piece, str], ...] = ()

    def and_also(self, other: _Found) -> _Found:
        """Both together."""
        return _Found(self.renewed + other.renewed, self.refused + other.refused, self.held + other.held)


def read_again(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    """Read the letters of a slice again; of those that are pooled and need it, what comes of it is recorded.

    Raises Rejected where the file as a whole can't be read any more.
    """
    with line.ledger.reading() as read:
        pooled = _concerned(line, read, part)
    why = _why_not(line, intake)
    if not pooled:
        found = _Found()
    elif why is not None:
        found = _Found(held=tuple((piece, why) for piece in pooled))
    else:
        found = _compared(line, reading_of(line, lease, part, intake, local_day(line, line.now_ms())), pooled)
    _record(line, lease, part, intake, pooled, found)


def give_up_again(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, refusal: Rejected) -> None:
    """Let the letters go back that were to be looked at again and can't be read."""
    with line.ledger.reading() as read:
        pooled = _concerned(line, read, part)
    _record(line, lease, part, intake, pooled, _Found(refused=tuple((piece, refusal) for piece in pooled)))


def _concerned(line: Line, read: Queries, part: SliceRecord, *, locked: bool = False) -> list[Piece]:
    """The pooled pieces of a slice's pages that were checked against other profiles or fit no more, in order."""
    now = RulesNow(line)
    pooled = read.pooled_between(part, locked=locked)
    return [piece for piece in pooled if not now.hold(piece)]


def _why_not(line: Line, intake: IntakeRecord) -> str | None:
    """Why the letters of a file can't be read again, in German; None if they can."""
    try:
        _, job = place_of(line, intake)
    except Rejected as refusal:
        return f"{refusal.sentence} Der Brief lässt sich deshalb nicht noch einmal prüfen."
    if job.outgoing is None:
        return f"Der Auftrag {job.id} ist nicht mehr für Briefe. Der Brief lässt sich deshalb nicht noch einmal prüfen."
    if not line.spool.original(intake.token).is_file():
        return "Die angenommene Datei ist nicht mehr da. Der Brief lässt sich deshalb nicht noch einmal prüfen."
    return None


def _compared(line: Line, again: SliceReading, pooled: Sequence[Piece]) -> _Found:
    by_ordinal: dict[int, list[Piece]] = {}
    for piece in pooled:
        by_ordinal.setdefault(piece.arrival[1], []).append(piece)
    readings = {reading.range.ordinal: reading for reading in again.readings}
    found = _Found()
    for ordinal, pieces in by_ordinal.items():
        found = found.and_also(_compared_letter(line, again, readings.get(ordinal), pieces))
    return found


def _compared_letter(line: Line, again: SliceReading, reading: LetterReading | None, pooled: Sequence[Piece]) -> _Found:
    """What comes of the pooled pieces of one letter; others of its pieces may have left the pool already."""
    if reading is None or not _covers(reading, pooled):
        told = "Der Auftrag teilt die Datei heute anders in Briefe als bei der Annahme."
        return _Found(held=tuple((piece, told) for piece in pooled))
    try:
        made = {piece.id: piece for piece in again.pieces(line, reading)}
    except Rejected as refusal:
        return _Found(refused=tuple((piece, refusal) for piece in pooled))
    if any(piece.id not in made or not _same_pages(made[piece.id], piece) for piece in pooled) or (
        len(made) != pooled[0].parts
    ):
        told = "Der Brief würde heute anders auf Umschläge verteilt als bei der Annahme."
        return _Found(held=tuple((piece, told) for piece in pooled))
    renewed = tuple(_renewed(piece, made[piece.id]) for piece in pooled)
    if not all(map(RulesNow(line).fit, renewed)):
        told = "Der Brief passt am Tag der Einlieferung in keinen Umschlag und in kein Produkt."
        return _Found(held=tuple((piece, told) for piece in pooled))
    return _Found(renewed=renewed)


def _covers(reading: LetterReading, pooled: Sequence[Piece]) -> bool:
    """Whether these pieces are of the letter that was read: the first begins, and the last ends, where it does."""
    span = reading.range
    return all(
        span.first_page <= piece.source_first_page <= piece.source_last_page <= span.last_page
        and (piece.part > 1 or piece.source_first_page == span.first_page)
        and (piece.part < piece.parts or piece.source_last_page == span.last_page)
        for piece in pooled
    )


def _same_pages(one: Piece, other: Piece) -> bool:
    return (one.source_first_page, one.source_last_page) == (other.source_first_page, other.source_last_page)


def _renewed(old: Piece, new: Piece) -> Piece:
    """The piece as it is now. Where it is produced as before, price and notes stay those of the day of its arrival."""
    if any(getattr(old, name) != getattr(new, name) for name in _PRODUCED):
        return new
    return replace(new, weight_mg=old.weight_mg, product=old.product, postage_cent=old.postage_cent, notes=old.notes)


def _record(
    line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, pooled: Sequence[Piece], found: _Found
) -> None:
    """Record what came of it, unless a person or a batch was faster with one of the letters: then all is done anew."""
    folder = _returned(line, lease, part, intake, found)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.alone_at_the_pool()
        if _concerned(line, work.read, part, locked=True) != list(pooled):
            raise Temporary("letters-moved", f"{part.id}: letters were moved while they were looked at again")
        work.renew(found.renewed, LOOKED_AT_AGAIN)
        for piece, refusal in found.refused:
            _move(work, piece, "returned", refusal.code, refusal.sentence)
            work.add_exceptions([_exception_row(piece, refusal)])
        for piece, why in found.held:
            _move(work, piece, "held", CHANGED, why)
        work.move(lease.unit, "done")
        if folder is not None:  # last: what goes wrong before leaves nothing in the outbox
            target = shelf(line, intake, "returned").with_name(part.id)
            line.spool.clear([target])
            line.spool.publish(folder, target)


def _move(work: Work, piece: Piece, there: str, reason: str, detail: str) -> None:
    work.move_all(Kind.PIECE, [piece.id], there, reason=reason, detail=detail)


def _returned(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, found: _Found) -> Path | None:
    """A folder with the letters that go back, each as a PDF of its own, and their reasons; None where none does."""
    if not found.refused:
        return None
    folder = line.spool.work_folder(lease.unit, lease.version)
    for piece, _ in found.refused:
        name = f"letter-{piece.arrival[1]:06d}-page-{piece.source_first_page:06d}.pdf"
        letters = line.spool.slice_letters(piece.slice_id)
        line.letters.extract(letters, piece.slice_first_page, piece.pages, folder / name)
    told = [_exception(piece, refusal) for piece, refusal in found.refused]
    sentence = (
        f"Briefe dieser Datei kommen zurück: {len(told)}. Sie waren angenommen; bevor sie gedruckt wurden, haben sich "
        "Maschine, Umschlag oder Auftrag geändert, und dazu passen sie nicht."
    )
    line.papers.rejection(rejection_papers(line, intake, "letters-returned", sentence, told), folder)
    return folder


def _exception(piece: Piece, refusal: Rejected) -> LetterException:
    return LetterException(
        intake=piece.intake,
        file=piece.file,
        municipality=piece.municipality,
        source_page=refusal.page or piece.source_first_page,
        code=refusal.code,
        detail=refusal.sentence,
        source_first_page=piece.source_first_page,
        source_last_page=piece.source_last_page,
    )


def _exception_row(piece: Piece, refusal: Rejected) -> dict[str, Any]:
    """What the municipality's next manifest tells of a letter that came back."""
    same = (
        "id",
        "intake",
        "file",
        "municipality",
        "slice_id",
        "slice_first_page",
        "source_first_page",
        "source_last_page",
    )
    return {name: getattr(piece, name) for name in same} | {
        "intake_number": piece.arrival[0],
        "ordinal": piece.arrival[1],
        "source_page": refusal.page or piece.source_first_page,
        "code": refusal.code,
        "detail": refusal.sentence,
    }
