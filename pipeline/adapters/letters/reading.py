"""The letters of a slice: their pages normalised into one PDF, their addresses read, their mark zones looked at.

One bad letter never stops the rest: it becomes a reading with a code, and its pages are in the slice's PDF all the
same, so that it can be returned. Runs in a confined child.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from pipeline.adapters.letters.control_lines import ControlLineRemoval
from pipeline.adapters.letters.excerpt import opened_between
from pipeline.adapters.letters.font_programs import FontShelf
from pipeline.adapters.letters.mark_zone import MarkZoneFinding, occupied
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.adapters.letters.normalise import Normaliser, bind_pages, save_slice
from pipeline.adapters.letters.overhang import Overhang, is_printed_on
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.source_pdf import refuse_damaged
from pipeline.adapters.letters.window import WindowReading, read_window
from pipeline.adapters.page_identity import write_identities
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.imposition import fed_sheets
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.profiles import AddressForm, OutgoingRules, Plex
from pipeline.domain.sheet_layout import PlexRange, layout_of, parse_plex_ranges, printed_plex

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
) -> list[LetterReading]:
    """Normalise the pages of `ranges` into `out_pdf` and read each letter there, in the order of `ranges`.

    `source`: a file that `inspect_print_stream` let pass. `zones_by_form`: what marks need free on the front of each
    sheet, mm, by the letter's form; `plex` and `rules.plex_ranges` say which pages are fronts. A letter of the wrong
    size is in `out_pdf` scaled to A4, an unreadable page as an empty one; both go back. Beside it lies what
    makes each of its pages this one (`page_identity`). `out_pdf` depends on the source and the ranges only, byte for
    byte.
    Raises Rejected only for what concerns the file as a whole, e.g. `pdf-damaged` where it can't be opened.
    """
    first, last = ranges[0].first_page, ranges[-1].last_page
    with opened_between(source, first, last, out_pdf + ".excerpt") as (pdf, before), pikepdf.Pdf.new() as out:
        removal = ControlLineRemoval(pdf, rules, out_pdf + ".before") if rules.split.removes else None
        fonts = MissingFonts(pdf, rules.fonts, FontShelf(None if fonts_folder is None else Path(fonts_folder)))
        normaliser = Normaliser(pdf, out, rules.pages, fonts)
        found = pages_between(pdf, first - before, last - before)
        prepared = _prepare(found, ranges, out, normaliser, removal)
        save_slice(out, out_pdf)
    write_identities(out_pdf)
    prepared = [_whole(source, letter) for letter in prepared]
    sides = (plex, parse_plex_ranges(rules.plex_ranges))
    with _rendered(out_pdf) as document:
        if removal is not None:
            prepared = _proven(prepared, removal.stays(document))
        return [_read(document, letter, rules.forms, zones_by_form, _sides(letter, sides)) for letter in prepared]


def _sides(letter: _Prepared, sides: _Sides) -> _Sides:
    """How a letter's pages are printed: as it asks itself, or as the whole file is."""
    return (letter.range.plex, ()) if letter.range.plex is not None else sides


def extract_letter(slice_pdf: str, first_page: int, pages: int, out_pdf: str) -> None:
    """Write one letter's normalised pages, as they would have been printed, to a PDF of its own.

    `first_page`: where it begins in the slice's PDF, from 1.
    """
    with pikepdf.Pdf.open(slice_pdf) as source, pikepdf.Pdf.new() as out:
        if not 1 <= first_page <= first_page + pages - 1 <= len(source.pages):
            raise ValueError(f"no such pages in the slice: {first_page} to {first_page + pages - 1}")
        out.pages.extend(source.pages[first_page - 1 : first_page - 1 + pages])
        save_slice(out, out_pdf)


def _proven(prepared: Sequence[_Prepared], stays: set[int]) -> list[_Prepared]:
    """The letters, those with a problem on which a control line is still to be found."""
    proven = []
    for letter in prepared:
        wrong = [offset for offset in range(letter.range.pages) if letter.first_page - 1 + offset in stays]
        if wrong and letter.problem is None:
            number = letter.range.first_page + wrong[0]
            sentence = f"Seite {number}: Die Steuerzeile ließ sich nicht entfernen, ohne anderes zu verändern."
            letter = replace(letter, problem=Rejected("control-line-stays", sentence, page=number))
        proven.append(letter)
    return proven


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
        for number in range(letter.first_page, letter.last_page + 1):
            index = number - ranges[0].first_page
            page_source = found[index] if index < len(found) else None
            struck = _strike(removal, page_source, number, len(pages))
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
    removal: ControlLineRemoval | None, page: pikepdf.Object | None, number: int, place: int
) -> Rejected | None:
    """Take the control line off a source page where the job has such; what is wrong if that can't be done."""
    if removal is None or page is None:
        return None
    try:
        removal.strike(page, number, place)
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


def _read(
    document: pdfium.PdfDocument,
    letter: _Prepared,
    forms: Sequence[AddressForm],
    zones_by_form: Mapping[AddressForm, Sequence[Rect]],
    sides: _Sides,
) -> LetterReading:
    if letter.problem is not None:
        problem = letter.problem
        return _returned(letter, problem.code, problem.sentence, problem.page)
    front = document[letter.first_page - 1]
    try:
        window = read_window(front, forms)
        if window.address is None or window.form is None:
            return _returned(letter, "address-not-found", *_on_first_page(letter, window))
        zones = zones_by_form.get(window.form, ())
        ink = _ink(document, letter, zones, sides, front)
    except pdfium.PdfiumError:
        number = letter.range.first_page
        return _returned(letter, "pdf-damaged", f"Seite {number} lässt sich nicht darstellen.", number)
    finally:
        front.close()
    if ink is not None:
        number, finding = ink
        detail = (
            f"Seite {number}: bedruckt von {finding.ink.left_mm:.0f} bis {finding.ink.right_mm:.0f} mm vom linken und "
            f"von {finding.ink.top_mm:.0f} bis {finding.ink.bottom_mm:.0f} mm vom oberen Rand."
        )
        return _returned(letter, "mark-zone-occupied", detail, number)
    return LetterReading(letter.range, letter.first_page, window.address, window.form, remarks=letter.remarks)


def _on_first_page(letter: _Prepared, window: WindowReading) -> tuple[str, int]:
    number = letter.range.first_page
    return f"Seite {number}: {window.detail}", number


def _returned(letter: _Prepared, code: str, detail: str, page: int | None) -> LetterReading:
    return LetterReading(letter.range, letter.first_page, None, None, code, detail, page, letter.remarks)


def _ink(
    document: pdfium.PdfDocument,
    letter: _Prepared,
    zones: Sequence[Rect],
    sides: _Sides,
    front: pdfium.PdfPage,
) -> tuple[int, MarkZoneFinding] | None:
    """The first front of a sheet with ink in a mark zone, by its source page number."""
    plex, ranges = sides
    layout = layout_of(letter.range.pages, plex, ranges)
    for sheet in fed_sheets(letter.range.pages, printed_plex(plex, ranges), "first", layout):
        offset = sheet.front
        page = front if offset == 0 else document[letter.first_page - 1 + offset]
        try:
            finding = occupied(page, zones)
        finally:
            if page is not front:
                page.close()
        if finding is not None:
            return letter.range.first_page + offset, finding
    return None
