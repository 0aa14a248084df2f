"""A print stream is cut into letters: at once by its bookmarks, its index or its number of pages, or after a look.

The cut is made once, in one transaction with the slices in which the letters are read. Where it is in doubt the whole
stream goes back, and none of it has been pooled by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.adapters.index_files import read_index
from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.cuts import letters_between, write_cut
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import IntakeRecord, Lease, SliceRecord
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.profiles import OutgoingRules
from pipeline.domain.splitting import (
    Cut,
    CutLetter,
    check_counts,
    cut_at,
    cut_by_index,
    cut_by_sights,
    equal_cut,
    equal_ranges,
    equal_ranges_between,
    runs_of,
    with_index,
)
from pipeline.domain.states import Kind
from pipeline.services.ports import Line
from pipeline.services.slicing import letters_a_slice, slice_rows

# Of a slice that only looks: opening a large file costs seconds, a page one to three milliseconds.
_LOOK_PAGES = 5000
_LEAST_LOOK_PAGES = 200
# Of a slice that reads letters, for each letter that it may have: long letters make slices of fewer.
_PAGES_A_LETTER = 4


def plan_letters(
    line: Line, intake: IntakeRecord, rules: OutgoingRules, ticket: Mapping[str, Any], pages: int
) -> tuple[list[dict[str, Any]], Cut | None]:
    """The slices with which work on a stream begins, and its cut if it is known already. Raises Rejected."""
    split = rules.split
    if split.by == "index" and not intake.has_index:
        raise Rejected("index-invalid", "Neben der Datei lag keine Index-Datei; dieser Auftrag braucht eine.")
    if split.looks:
        size = min(_LOOK_PAGES, max(_LEAST_LOOK_PAGES, pages // 4))
        return slice_rows(intake.id, "look", range(1, pages + 1), size), None
    if split.by == "pages" and not intake.has_index:
        ranges = equal_ranges(pages, rules.pages_per_letter)
        check_counts(pages, None, len(ranges), ticket.get("letters"))
        # Cut so that no letter lies in two slices.
        size = (rules.pages_per_letter or pages) * letters_a_slice(len(ranges), rules.slice_letters)
        return slice_rows(intake.id, "read-letters", range(1, pages + 1), size), None
    if split.by == "bookmark":
        cut = cut_at(line.letters.bookmarks(line.spool.original(intake.token), split), pages)
    elif split.by == "index":
        cut = cut_by_index(_index(line, intake), pages)
    else:
        cut = equal_cut(pages, rules.pages_per_letter)
    cut = _checked(line, intake, rules, ticket, cut)
    return _letter_slices(intake, rules, cut, 1), cut


def split_stream(line: Line, lease: Lease, intake: IntakeRecord, rules: OutgoingRules) -> None:
    """Cut a stream whose pages were all looked at. Raises Rejected where it is in doubt."""
    with line.ledger.reading() as read:
        slices = [part for part in read.slices(intake=intake.id) if part.task == "look"]
    sights = line.letters.sights([line.spool.slice_folder(part.id) for part in slices])
    cut = _checked(line, intake, rules, json.loads(intake.ticket), cut_by_sights(sights, rules.split))
    if cut.pages != intake.pages:
        raise Permanent("pages-missing", f"{intake.id}: {intake.pages} pages in, {cut.pages} were looked at")
    with line.ledger.outcome(lease, line.now_ms()) as work:
        lay_letters(work, intake, cut)
        work.add(Kind.SLICE, _letter_slices(intake, rules, cut, len(slices) + 1))
        told = f"{len(cut.letters)} letters of {cut.pages} pages, {len(cut.left_out)} left out"
        work.note(lease.unit, "planned", "split", told)
        work.release(lease)


def lay_letters(work: Work, intake: IntakeRecord, cut: Cut) -> None:
    """Write down where the letters of a stream are, and which of its pages are left out."""
    write_cut(work.connection, intake.id, cut)


def look_at_stream(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, rules: OutgoingRules) -> None:
    """Look at the pages of one slice for what tells where letters begin, and publish what was seen."""
    folder = line.spool.work_folder(lease.unit, lease.version)
    source = line.spool.original(intake.token)
    line.letters.look(source, part.first_page, part.last_page, folder, rules)
    line.spool.publish(folder, line.spool.slice_folder(part.id))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "done")


def is_cut(read: Queries, intake: IntakeRecord) -> bool:
    """Whether it is known where the letters of a stream are."""
    return any(part.task == "read-letters" for part in read.slices(intake=intake.id))


def letters_of(read: Queries, part: SliceRecord, intake: IntakeRecord, rules: OutgoingRules) -> list[CutLetter]:
    """The letters of a slice, in order."""
    found = letters_between(read.connection, intake.id, part.first_page, part.last_page)
    if found or rules.split.by != "pages":
        return found
    return [CutLetter(each) for each in equal_ranges_between(part.first_page, part.last_page, rules.pages_per_letter)]


def _index(line: Line, intake: IntakeRecord) -> list[Any]:
    return read_index(line.spool.claim_folder(intake.token) / "index")


def _checked(line: Line, intake: IntakeRecord, rules: OutgoingRules, ticket: Mapping[str, Any], cut: Cut) -> Cut:
    """The cut with an index's orders, compared with what ticket and index announce. Raises Rejected."""
    if intake.has_index and rules.split.by != "index":
        cut = with_index(cut, _index(line, intake))
    check_counts(cut.pages, None, len(cut.letters), ticket.get("letters"))
    for letter in cut.letters:
        for station in letter.orders.enclosures or ():
            if station not in line.profiles.enclosures:
                page = letter.range.first_page
                sentence = f"Brief ab Seite {page}: Eine Beilage für Station {station} ist nicht eingerichtet."
                code = "index-invalid" if intake.has_index else "split-doubt"
                raise Rejected(code, sentence, page=page)
    return cut


def _letter_slices(intake: IntakeRecord, rules: OutgoingRules, cut: Cut, first_ordinal: int) -> list[dict[str, Any]]:
    together = letters_a_slice(len(cut.letters), rules.slice_letters)
    runs = runs_of(cut.letters, together, together * _PAGES_A_LETTER)
    rows = []
    for ordinal, (first, last) in enumerate(runs, first_ordinal):
        rows += slice_rows(intake.id, "read-letters", range(first, last + 1), last - first + 1, ordinal)
    return rows
