"""Takes control lines off pages: the operators that show them go, so that their text is in no printed file.

A white box over it would leave it in the file, and a copier's driver, a search or a colour proof would show it. What
was done is proven on the finished page by another program: the region is empty, and no other character has gone. Where
that can't be shown the letter goes back with `control-line-stays`. Runs in a confined child.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Object, Operator, Stream

from pipeline.adapters.letters.drawn_text import SHOWING, TextWalk
from pipeline.adapters.letters.normalise import Normaliser, bind_pages, sheet_matrix
from pipeline.adapters.letters.page_sights import region_lines
from pipeline.adapters.letters.page_tree import inherited
from pipeline.adapters.letters.placement import A4_HEIGHT_PT, Matrix, mapped
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import MM_PER_POINT, Rect
from pipeline.domain.profiles import OutgoingRules
from pipeline.domain.split_rules import SplitRules

# What a page's content must have to show text that is white or invisible; without it a page need not be followed.
_HIDING = re.compile(rb"(?:1(?:\.0*)?|0?\.9[89][0-9]*)\s+r?g\b|\bk\b|\bscn?\b|\bTr\b")

Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage


class ControlLineRemoval:
    """Takes the control lines off pages of one source, and keeps the pages as they were for the proof.

    `proof`: where the unchanged pages are kept meanwhile; the file is gone after `stays`.
    """

    def __init__(self, source: pikepdf.Pdf, rules: OutgoingRules, proof: str) -> None:
        self._source = source
        self._pages = rules.pages
        self._rules = rules.split
        self._proof = Path(proof)
        self._before = pikepdf.Pdf.new()
        self._normaliser = Normaliser(source, self._before, rules.pages)
        self._kept: list[Object] = []
        self._places: list[int] = []
        self._touched: dict[int, int] = {}  # place in the slice: place among the kept pages

    def strike(self, page: Object, number: int, place: int) -> None:
        """Take the control line, if there is one, off a page of the source. `place`: of the page in the slice, from 0.

        Raises Rejected `control-line-stays`, or as `Normaliser.normalised` does.
        """
        self._places.append(place)
        sheet = sheet_matrix(page, number, self._pages)
        try:
            if self._rules.ink == "white" and not _HIDING.search(_bytes_of(page)):
                return
            content = pikepdf.parse_content_stream(pikepdf.Page(page))
            left = _without(content, inherited(page).get("/Resources"), sheet, self._rules)
        except (pikepdf.PdfError, ValueError, TypeError, IndexError) as error:
            raise _stays(number) from error
        if left is None:
            return
        self._touched[place] = len(self._kept)
        self._kept.append(self._normaliser.normalised(page, number))
        page["/Contents"] = self._source.make_stream(pikepdf.unparse_content_stream(left))

    def stays(self, slice_pdf: pdfium.PdfDocument) -> set[int]:
        """The places of pages of which it can't be shown that the control line, and nothing else, is gone."""
        bind_pages(self._before, self._kept)
        self._before.save(self._proof)
        self._before.close()
        before = pdfium.PdfDocument(self._proof) if self._kept else None
        try:
            return {place for place in self._places if not self._is_gone(slice_pdf, place, before)}
        finally:
            if before is not None:
                before.close()
            self._proof.unlink()

    def _is_gone(self, slice_pdf: pdfium.PdfDocument, place: int, before: pdfium.PdfDocument | None) -> bool:
        page = slice_pdf[place]
        try:
            if region_lines(page, self._rules):
                return False
            kept = self._touched.get(place)
            if kept is None or before is None:
                return True
            old = before[kept]
            try:
                wanted = _characters("".join(region_lines(old, self._rules)))
                return _all(old) - wanted == _all(page)
            finally:
                old.close()
        finally:
            page.close()


def _bytes_of(page: Object) -> bytes:
    """The content of a page, unpacked."""
    contents = page.get("/Contents")
    streams = [contents] if isinstance(contents, Stream) else list(contents) if isinstance(contents, Array) else []
    return b"\n".join(each.read_bytes() for each in streams if isinstance(each, Stream))


def _characters(text: str) -> Counter[str]:
    return Counter(character for character in text if character.isalnum())


def _all(page: pdfium.PdfPage) -> Counter[str]:
    text = page.get_textpage()
    try:
        return _characters(text.get_text_range())
    finally:
        text.close()


def _stays(number: int) -> Rejected:
    sentence = f"Seite {number}: Die Steuerzeile hängt mit anderem Inhalt zusammen."
    return Rejected("control-line-stays", sentence, page=number)


def _without(
    content: list[Instruction], resources: Object | None, sheet: Matrix, rules: SplitRules
) -> list[Instruction] | None:
    """The content without the text that stands in the region; None where there is none.

    Raises ValueError where text that stays would move because of it.
    """
    walk = TextWalk(resources if isinstance(resources, Dictionary) else Dictionary())
    left: list[Instruction] = []
    marked: list[int] = []  # places, in `left`, of the marked content that is open
    found = gone = False
    for step in content:
        operator = str(step.operator)
        operands = list(step.operands) if isinstance(step, pikepdf.ContentStreamInstruction) else []
        walk.take(operator, operands)
        if operator in SHOWING:
            if walk.placed:
                gone = _is_wanted(walk, sheet, rules)
            elif gone != _goes_on(walk, rules, gone):
                raise ValueError("text that stays follows text that goes, on one line")
            walk.shown()
            if gone:
                found = True
                left += _moves_only(operator, operands)
                _forget(left, marked)
                continue
        if operator in ("BMC", "BDC"):
            marked.append(len(left))
        elif operator == "EMC" and marked:
            marked.pop()
        left.append(step)
    return left if found else None


def _is_wanted(walk: TextWalk, sheet: Matrix, rules: SplitRules) -> bool:
    x, y = mapped(sheet, *walk.position)
    inside = _holds(rules.place, x * MM_PER_POINT, (A4_HEIGHT_PT - y) * MM_PER_POINT)
    return inside and (rules.ink == "any" or walk.hidden)


def _goes_on(walk: TextWalk, rules: SplitRules, gone: bool) -> bool:
    """Whether a string that follows on the same line goes too: a control line in several strings, all in its ink."""
    return gone and (rules.ink == "any" or walk.hidden)


def _holds(region: Rect, x_mm: float, y_mm: float) -> bool:
    return region.left_mm <= x_mm <= region.right_mm and region.top_mm <= y_mm <= region.bottom_mm


def _moves_only(operator: str, operands: list[Object]) -> list[Instruction]:
    """What an operator that shows text does beside showing it."""
    moved: list[Instruction] = []
    if operator == '"':
        moved.append(pikepdf.ContentStreamInstruction([operands[0]], Operator("Tw")))
        moved.append(pikepdf.ContentStreamInstruction([operands[1]], Operator("Tc")))
    if operator in ("'", '"'):
        moved.append(pikepdf.ContentStreamInstruction([], Operator("T*")))
    return moved


def _forget(left: list[Instruction], marked: list[int]) -> None:
    """Take the properties off the marked content around: they may say in words what was shown (/ActualText, /Alt)."""
    for index in marked:
        opening = left[index]
        if str(opening.operator) == "BDC" and opening.operands[0] != Name.OC:
            left[index] = pikepdf.ContentStreamInstruction([Name.Span], Operator("BMC"))
