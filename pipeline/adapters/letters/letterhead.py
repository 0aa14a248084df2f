"""A letterhead is looked at as strictly as a letter, before it is printed under any: it would spoil them all.

Runs in a confined child. The place of the marks, what machines see behind it, and everything that the window can show
must be free, fonts must be in the file, pages must be A4. What comes out is normalised like the pages of a letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pikepdf
import pypdfium2 as pdfium

from pipeline.adapters.letters.mark_zone import MarkZoneFinding, occupied
from pipeline.adapters.letters.normalise import normalise_pages
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import LetterheadPlaces

UNFIT = "letterhead-unfit"
_MOST_PAGES = 2
_DEEPEST = 8
_SETS_TEXT = frozenset({"Tj", "TJ", "'", '"'})


def prepare_letterhead(source: str, places: LetterheadPlaces, out_pdf: str) -> int:
    """Normalise the letterhead at `source` into `out_pdf`; returns its pages, one or two. `places`: what must be free.

    Raises Permanent `letterhead-unfit` with a German sentence that says what is wrong.
    """
    try:
        with open_strict(source) as pdf, pikepdf.Pdf.new() as out:
            count = len(pdf.pages)
            if not 1 <= count <= _MOST_PAGES:
                raise _unfit(f"Der Briefbogen hat {count} Seiten, erlaubt sind eine (erste Seite) oder zwei.")
            for number in range(1, count + 1):
                _refuse_foreign_fonts(pdf.pages[number - 1].obj, number)
            normalise_pages(pdf, range(1, count + 1), out)
            out.save(out_pdf, deterministic_id=True, compress_streams=True)
    except Rejected as refusal:
        raise _unfit(f"Der Briefbogen ist nicht zu gebrauchen. {refusal.sentence}") from refusal
    document = pdfium.PdfDocument(out_pdf)
    try:
        for number in range(1, count + 1):
            _refuse_ink(document, number, places)
    finally:
        document.close()
    return count


def _unfit(sentence: str) -> Permanent:
    remedy = "Bitte den Briefbogen ändern; »poststrasse profiles check« prüft ihn."
    return Permanent(UNFIT, sentence, remedy)


def _refuse_ink(document: pdfium.PdfDocument, number: int, places: LetterheadPlaces) -> None:
    page = document[number - 1]
    looked_at: list[tuple[Sequence[Rect], str]] = [(places.fronts, "am Platz der Kuvertiermarken")]
    if number == 1:
        looked_at.append((places.windows, "im Bereich des Fensters"))
    else:
        looked_at.append((places.backs, "auf der Rückseite hinter den Kuvertiermarken"))
    try:
        for zones, name in looked_at:
            finding = occupied(page, zones)
            if finding is not None:
                raise _unfit(f"Seite {number} des Briefbogens ist {name} bedruckt: {_extent(finding)}.")
    finally:
        page.close()


def _extent(finding: MarkZoneFinding) -> str:
    ink = finding.ink
    return (
        f"von {ink.left_mm:.0f} bis {ink.right_mm:.0f} mm vom linken und "
        f"von {ink.top_mm:.0f} bis {ink.bottom_mm:.0f} mm vom oberen Rand"
    )


def _refuse_foreign_fonts(page: pikepdf.Object, number: int) -> None:
    """Refuse text in a font that is not in the file; a font that is named and sets nothing does not matter."""
    for font in _fonts_in_use(pikepdf.Page(page), pikepdf.Page(page).resources, _DEEPEST):
        described = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        descriptor = described.get("/FontDescriptor")
        inside = descriptor is not None and any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        if not inside and font.get("/Subtype") != pikepdf.Name.Type3:
            name = font.get("/BaseFont", "ohne Namen")
            raise _unfit(f"Seite {number} des Briefbogens: Die Schrift {name} ist nicht in der Datei.")


def _fonts_in_use(
    drawn: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object, depth: int
) -> Iterator[pikepdf.Object]:
    """The fonts in which text is set, that of nested forms included; one may come more than once."""
    fonts = resources.get("/Font", pikepdf.Dictionary())
    forms = resources.get("/XObject", pikepdf.Dictionary())
    font: str | None = None
    for instruction in pikepdf.parse_content_stream(drawn):
        what, operands = str(instruction.operator), instruction.operands
        if what == "Tf":
            font = str(operands[0])
        elif what in _SETS_TEXT and font is not None and font in fonts:
            yield fonts[font]
        elif what == "Do" and depth and str(operands[0]) in forms:
            form = forms[str(operands[0])]
            if form.get("/Subtype") == pikepdf.Name.Form:
                yield from _fonts_in_use(form, form.get("/Resources", resources), depth - 1)
