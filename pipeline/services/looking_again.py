"""Letters that were checked against profiles as they are no more are looked at again before they go into a batch.

Between the reading of a letter and the closing of its pool, a machine's marks, an envelope's window or a job's rules
may have been changed: by a person who corrects a profile, often after having cancelled a batch for it. Such a letter
stays in the pool, and a slice is planned in which it is read again (`reading_again`). Letters of earlier releases, of
which nobody knows what they were checked against, are treated alike, and those that no longer fit into their envelope
or product. The others of the pool don't wait for them.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.pools import geometries, newest_in_pool, slices_checked
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import SliceRecord
from pipeline.domain.checked_geometry import CheckedGeometry, Key
from pipeline.domain.pieces import Piece
from pipeline.domain.repricing import Repricer
from pipeline.domain.states import Kind
from pipeline.services.enveloping import prices_of
from pipeline.services.local_times import local_time
from pipeline.services.ports import Line
from pipeline.services.slicing import slice_rows

AGAIN = "read-again"
CHANGED = "geometry-changed"
_OPEN = ("planned", "waiting")
_PATIENCE_MS = 600_000


class RulesNow:
    """Tells of pooled letters, however many, whether they may be printed by the profiles as they are."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._closed = local_time(line, line.now_ms())
        self._geometry = CheckedGeometry(line.profiles)
        self._prices: dict[str, Repricer] = {}

    def hold(self, piece: Piece) -> bool:
        """Whether the profiles still say what a piece was checked against, and it still fits."""
        key: Key = (piece.job, piece.machine, piece.envelope, piece.form)
        return self._geometry.holds(key, piece.geometry) and self.fit(piece)

    def fit(self, piece: Piece) -> bool:
        """Whether it fits into its envelope and product on the day of posting, if its pool were closed now."""
        if piece.machine not in self._line.profiles.machines:
            return True  # this is no question then: no pool of such a machine can close
        if piece.machine not in self._prices:
            self._prices[piece.machine] = prices_of(self._line, piece.machine, self._closed)
        return self._prices[piece.machine].fits(piece)


def fit_for_print(line: Line, work: Work, letters: Iterable[Piece]) -> list[Piece]:
    """Those of pooled letters that may be printed by the profiles as they are; the others are looked at again."""
    now = RulesNow(line)
    fit: list[Piece] = []
    slices: set[str] = set()
    for letter in letters:
        if now.hold(letter):
            fit.append(letter)
        else:
            slices.add(letter.slice_id)
    _plan(line, work, slices)
    return fit


def look_again(line: Line, who: str) -> int:
    """Plan to look again at all pooled letters that need it. Returns how many slices were planned.

    Cheap where none does: one query, whose answer has a row for each kind of letter.
    """
    with line.ledger.reading() as read:
        if not changed_geometries(line, read):
            return 0
    with line.ledger.work(who, line.now_ms()) as work:
        work.alone_at_the_pool()
        slices: set[str] = set()
        for each in changed_geometries(line, work.read):
            slices |= slices_checked(work.connection, each)
        return _plan(line, work, slices)


def being_looked_at(line: Line) -> int:
    """How many slices of letters are to be looked at again and are not done yet; those that wait for a person too."""
    with line.ledger.reading() as read:
        return read.open_slices(AGAIN)


def changed_geometries(line: Line, read: Queries) -> list[tuple[str, str, str, str, str]]:
    """What letters that are ready were checked against, as far as it is not what the profiles say; empty as a rule."""
    now = CheckedGeometry(line.profiles)
    return [each for each in geometries(read.connection) if not now.holds(each[:4], each[4])]


def _plan(line: Line, work: Work, slices: Iterable[str]) -> int:
    """Plan to read these slices' pages again, those aside for which that is planned already."""
    planned = 0
    for id in sorted(slices):
        part = work.read.slice(id)
        if part is None:
            continue
        others = work.read.slices(intake=part.intake)
        pages = (part.first_page, part.last_page)
        same = [each for each in others if each.task == AGAIN and (each.first_page, each.last_page) == pages]
        if any(each.state in _OPEN for each in same) or (same and _just_done(line, work, part, same[-1])):
            continue
        ordinal = max(each.ordinal for each in others) + 1
        every = range(part.first_page, part.last_page + 1)
        rows = slice_rows(part.intake, AGAIN, every, len(every), ordinal)
        work.add(Kind.SLICE, rows, reason=CHANGED, detail=line.profiles.sha256)
        planned += 1
    return planned


def _just_done(line: Line, work: Work, part: SliceRecord, last: SliceRecord) -> bool:
    """Whether these letters were looked at for these very profiles a moment ago, and nothing came of it.

    Then a worker runs with other profiles than this process. Until somebody starts it anew there is no use in asking
    it again at each look.
    """
    if last.changed_ms <= work.now_ms - _PATIENCE_MS or last.changed_ms < newest_in_pool(work.connection, part.id):
        return False
    (planned, *_) = work.read.events(last.unit, limit=1)
    return planned.detail == line.profiles.sha256
