"""The letters of a slice: their pages normalised into one PDF, their addresses read, their mark zones looked at.

One bad letter never stops the rest: it becomes a reading with a code, and its pages are in the slice's PDF all the
same, so that it can be returned. Runs in a confined child.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from pipeline.adapters.letters.control_line_proof import ControlLineProof
from pipeline.adapters.letters.control_lines import ControlLineRemoval
from pipeline.adapters.letters.excerpt import opened_between
from pipeline.adapters.letters.font_programs import FontShelf
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.adapters.letters.normalise import Normaliser, bind_pages, save_slice
from pipeline.adapters.letters.out_of_step import without_broken_step
from pipeline.adapters.letters.overhang import Overhang
from pipeline.adapters.letters.overhang_ink import is_printed_on
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.preflight import LetterPages, Preflight
from pipeline.adapters.letters.shifting import Shift, shift_letters
from pipeline.adapters.letters.source_pdf import refuse_damaged
from pipeline.adapters.page_identity import write_identities
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.imposition import fed_sheets
from pipeline.domain.letter_checks import SheetLooks
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.profiles import AddressForm, OutgoingRules, Plex
from pipeline.domain.sheet_layout import PlexRange, layout_of, parse_plex_ranges, printed_plex

NOTHING_MORE = SheetLooks()
_Sides = tuple[Plex, tuple[PlexRange, ...]]  # how pages are printed: all of them, and ranges otherwise


@dataclass(frozen=True)
class _Prepared:
    """A letter after its pages were made: where they begin in the slice's PDF and what went wrong so far."""

    range: LetterRange
    first_page: int
    problem: Rejected | None
    remarks: tuple[str, ...]
    overhangs: tuple[tuple[int, Overhang], ...]


def read_letters(
    source: str,
    ranges: Sequence[LetterRange],
    rules: OutgoingRules,
    zones_by_form: Mapping[AddressForm, Sequence[Rect]],
    plex: Plex,
    out_pdf: str,
    fonts_folder: str | None = None,
    looks: SheetLooks = NOTHING_MORE,
) -> list[LetterReading]:
    """Normalise the pages of `ranges` into `out_pdf` and read each letter there, in the order of `ranges`.

    `source`: a file that `inspect_print_stream` let pass. `zones_by_form`: what marks need free on the front of each
    sheet, mm, by the letter's form; `plex` and `rules.plex_ranges` say which pages are fronts. `looks`: what else is
    looked at. A letter of the wrong size is in `out_pdf` scaled to A4, an unreadable page as an empty one; both go
    back. Beside it lies what makes each of its pages this one (`page_identity`). `out_pdf` depends on source, ranges
    and rules only, byte for byte.
    Raises Rejected only for what concerns the file as a whole, e.g. `pdf-damaged` where it can't be opened.
    """
    first, last = ranges[0].first_page, ranges[-1].last_page
    with ExitStack() as stack:
        opened = opened_between(source, first, last, out_pdf + ".excerpt")
        pdf, file, before = stack.enter_context(opened)
        removal = ControlLineRemoval(pdf, rules) if rules.split.removes else None
        with pikepdf.Pdf.new() as out:
            fonts = MissingFonts(pdf, rules.fonts, FontShelf(None if fonts_folder is None else Path(fonts_folder)))
            normaliser = Normaliser(pdf, out, rules.pages, fonts)
            found = pages_between(pdf, first - before, last - before)
            prepared = _prepare(found, ranges, out, normaliser, removal)
            save_slice(out, out_pdf)
        pdf.close()  # from here on the slice is read; what was unpacked of the stream would only take room
        prepared = [_whole(source, letter) for letter in prepared]
        sides = (plex, parse_plex_ranges(rules.plex_ranges))
        letters = [_pages(letter, sides) for letter in prepared]
        document = stack.enter_context(_rendered(out_pdf))
        proof = ControlLineProof(file, before, rules, removal.struck, stack) if removal is not None else None
        preflight = Preflight(document, rules, zones_by_form, looks, proof)
        readings = [_reading(preflight, known, letter) for known, letter in zip(prepared, letters, strict=True)]
        readings = without_broken_step(document, rules, letters, readings)
        movable = _movable(preflight, rules, letters, readings)
    if movable:
        readings = shift_letters(out_pdf, readings, movable, Shift(rules, zones_by_form, looks))
    write_identities(out_pdf)
    return readings


def _pages(letter: _Prepared, sides: _Sides) -> LetterPages:
    """Where a letter's pages are, and how they lie on sheets: as it asks itself, or as the whole file does."""
    plex, ranges = sides if letter.range.plex is None else (letter.range.plex, ())
    layout = layout_of(letter.range.pages, plex, ranges)
    sheets = fed_sheets(letter.range.pages, printed_plex(plex, ranges), "first", layout)
    return LetterPages(letter.range, letter.first_page, sheets, letter.remarks)


def extract_letter(slice_pdf: str, first_page: int, pages: int, out_pdf: str) -> None:
    """Write one letter's normalised pages, as they would have been printed, to a PDF of its own.

    `first_page`: where it begins in the slice's PDF, from 1.
    """
    with pikepdf.Pdf.open(slice_pdf) as source, pikepdf.Pdf.new() as out:
        if not 1 <= first_page <= first_page + pages - 1 <= len(source.pages):
            raise ValueError(f"no such pages in the slice: {first_page} to {first_page + pages - 1}")
        out.pages.extend(source.pages[first_page - 1 : first_page - 1 + pages])
        save_slice(out, out_pdf)


def _prepare(
    found: Sequence[pikepdf.Object],
    ranges: Sequence[LetterRange],
    out: pikepdf.Pdf,
    normaliser: Normaliser,
    removal: ControlLineRemoval | None,
) -> list[_Prepared]:
    prepared: list[_Prepared] = []
    pages: list[pikepdf.Object] = []
    for letter in ranges:
        first_page = len(pages) + 1
        problem: Rejected | None = None
        for offset in range(letter.pages):
            number = letter.first_page + offset
            index = number - ranges[0].first_page
            page_source = found[index] if index < len(found) else None
            struck = _strike(removal, page_source, letter, offset, len(pages))
            page, trouble = _made(normaliser, page_source, number)
            problem = problem or trouble or struck
            pages.append(page)
        told = (normaliser.take_remarks(), normaliser.take_overhangs())
        prepared.append(_Prepared(letter, first_page, problem, *told))
    bind_pages(out, pages)
    return prepared


def _whole(source: str, letter: _Prepared) -> _Prepared:
    """The letter, with a problem where something of it lies beyond the sheet."""
    if letter.problem is not None or not letter.overhangs:
        return letter
    with _rendered(source) as document:
        for number, over in letter.overhangs:
            page = document[number - 1]
            try:
                printed = is_printed_on(page, over)
            finally:
                page.close()
            if printed:
                detail = f"Seite {number}: Am Rand ist etwas gedruckt, das auf einem Blatt A4 keinen Platz hat."
                return replace(letter, problem=Rejected("page-size", detail, page=number))
    return letter


def _strike(
    removal: ControlLineRemoval | None, page: pikepdf.Object | None, letter: LetterRange, offset: int, place: int
) -> Rejected | None:
    """Take the control line off a source page where the job has such; what is wrong if that can't be done."""
    if removal is None or page is None:
        return None
    try:
        removal.strike(page, letter, offset, place)
    except Rejected as error:
        return error
    return None


def _made(normaliser: Normaliser, page: pikepdf.Object | None, number: int) -> tuple[pikepdf.Object, Rejected | None]:
    """A page for the slice's PDF whatever the source's is like, and what is wrong with it."""
    if page is None:
        return normaliser.empty(), refuse_damaged(f"Seite {number} fehlt.", number)
    try:
        return normaliser.normalised(page, number), None
    except Rejected as error:
        problem = error
    if problem.code not in ("page-size", "font-not-embedded"):
        return normaliser.empty(), problem
    try:
        return normaliser.fitted(page, number), problem
    except Rejected:
        return normaliser.empty(), problem


@contextmanager
def _rendered(path: str) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(path)
    try:
        yield document
    finally:
        document.close()


def _reading(preflight: Preflight, prepared: _Prepared, letter: LetterPages) -> LetterReading:
    problem = prepared.problem
    if problem is not None:
        return letter.refused(problem.code, problem.sentence, problem.page)
    return preflight.read(letter)


def _movable(
    preflight: Preflight, rules: OutgoingRules, letters: Sequence[LetterPages], readings: Sequence[LetterReading]
) -> dict[int, LetterPages]:
    """The letters, by their place, that have something where marks go and room to move, if the job moves such.

    The flat machine's marks count: which letters go there is not known yet.
    """
    if rules.mark_zone.occupied != "shift":
        return {}
    return {
        place: letter
        for place, (letter, reading) in enumerate(zip(letters, readings, strict=True))
        if "mark-zone-occupied" in (reading.code, reading.flat and reading.flat.code)
        and preflight.room_to_shift(letter)
    }
