"""Every page of a print stream is looked at for what tells where letters begin, as the job's profile says.

Pages that lie as they will be printed are read as they are; a turned, shifted or scaled one is made straight first, so
that a region means the same place on every sheet, and so are the pages of a file with layers, since which of them print
is not what a viewer shows. Runs in a confined child; one file of sights a slice.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2 as pdfium
import zxingcpp

from pipeline.adapters.letters.address_traces import place_of_traces, shows_traces
from pipeline.adapters.letters.control_line_sight import region_lines, rest_of
from pipeline.adapters.letters.mark_zone import occupied
from pipeline.adapters.letters.normalise import Normaliser, bind_pages
from pipeline.adapters.letters.other_recipients import ends_address, fields_sought
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.sight_files import write_sights
from pipeline.adapters.letters.source_pdf import open_strict, refuse_damaged
from pipeline.adapters.letters.spoilt_separators import COARSE_DPI, FINE_DPI, is_code, is_spoilt_separator
from pipeline.adapters.letters.text_lines import Glyph, PageText, lines_of, read_glyphs, within
from pipeline.adapters.letters.window import reading_of, region_of
from pipeline.domain.address import PostalAddress
from pipeline.domain.address_field import Field, fields_of
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, MM_PER_POINT, POINTS_PER_MM, Rect
from pipeline.domain.page_rules import PageRules
from pipeline.domain.page_sights import PageSight, page_said, sight_of_text
from pipeline.domain.profiles import AddressForm, OutgoingRules
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.window_sight import around

# A page whose sheet is A4 within this much, unturned and with its origin at zero, is read as it is.
_STRAIGHT_MM = 0.5
_BLANK_DPI, _BLANK_FROM = 50, 250
_CODE_DPI = 150
_MATRIX = (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode)
_FORMATS = zxingcpp.BarcodeFormats((*_MATRIX, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.Code128))
_SHEET = Rect(0.0, 0.0, A4_WIDTH_MM, A4_HEIGHT_MM)
# Where an address may stand, form A or B, the sender's line over it included; and what only a first page has there: the
# sender's line in small type, with his postcode.
_FIELDS = Rect(18.0, 25.0, 107.0, 93.0)
_RISE_MM = 3.0
# An address that is there, but can't be used.
_BROKEN = ("postcode-unknown", "address-ambiguous")
_SENDER = re.compile(r"\S.*[·•∙|*_/–—,;-].*[0-9]{5}\s+[^\W\d_]{2}")


def look_at_letters(source: str, first_page: int, last_page: int, rules: OutgoingRules, out: str) -> None:
    """Look at pages of a stream and leave what was seen in the folder `out`, as `sight_files` writes it.

    `source`: a file that `inspect_print_stream` let pass. Raises Rejected `pdf-damaged` where it can't be opened.
    """
    with _Pages(source, rules.pages) as pages:
        sights: list[PageSight] = []
        before: str | None = None  # key of the last page that has one
        for number in range(first_page, last_page + 1):
            sights.append(_sight(pages, number, rules, before))
            before = sights[-1].key or before
    write_sights(out, sights)


class _Pages:
    """The pages of a source, each as it will lie on the sheet. The slow way is only taken where it is needed."""

    def __init__(self, source: str, rules: PageRules) -> None:
        self._source, self._rules = source, rules
        self._stack = ExitStack()
        self._pdf: pikepdf.Pdf | None = None

    def __enter__(self) -> _Pages:
        try:
            self._document = pdfium.PdfDocument(self._source)
        except pdfium.PdfiumError as error:
            raise refuse_damaged("Die Datei lässt sich nicht darstellen.") from error
        self._stack.callback(self._document.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def straight(self, number: int) -> Iterator[pdfium.PdfPage]:
        """The page, once; closed afterwards. Raises Rejected where it can't be made."""
        page = self._document[number - 1]
        try:
            if _is_straight(page) and not self._has_layers():
                yield page
                return
        finally:
            page.close()
        made = pdfium.PdfDocument(self._normalised(number))
        try:
            page = made[0]
            yield page
            page.close()
        finally:
            made.close()

    def _has_layers(self) -> bool:
        return "/OCProperties" in self._opened().Root

    def _opened(self) -> pikepdf.Pdf:
        if self._pdf is None:
            self._pdf = self._stack.enter_context(open_strict(self._source))
        return self._pdf

    def _normalised(self, number: int) -> bytes:
        source = self._opened()
        found = pages_between(source, number, number)
        if not found:
            raise refuse_damaged(f"Seite {number} fehlt.", number)
        with pikepdf.Pdf.new() as out:
            normaliser = Normaliser(source, out, self._rules)
            try:
                page = normaliser.normalised(found[0], number)
            except Rejected as error:
                if error.code != "page-size":
                    raise
                page = normaliser.fitted(found[0], number)
            bind_pages(out, [page])
            buffer = io.BytesIO()
            out.save(buffer)
        return buffer.getvalue()


def _is_straight(page: pdfium.PdfPage) -> bool:
    left, bottom, right, top = (edge * MM_PER_POINT for edge in page.get_cropbox())
    size = abs(right - left - A4_WIDTH_MM) <= _STRAIGHT_MM and abs(top - bottom - A4_HEIGHT_MM) <= _STRAIGHT_MM
    return bool(size and abs(left) + abs(bottom) <= 0.01 and page.get_rotation() == 0)


def _sight(pages: _Pages, number: int, rules: OutgoingRules, before: str | None) -> PageSight:
    try:
        for page in pages.straight(number):
            sight = _seen(page, number, rules)
            if rules.split.seeks_repeats and sight.key is not None and before in (None, sight.key):
                return _looked_at_again(page, sight, rules)
            return replace(sight, recipient=_recipient(page, rules)) if rules.split.seeks_recipients else sight
    except pdfium.PdfiumError:
        pass
    except Rejected as error:
        return PageSight(number, doubt=error.sentence)
    return PageSight(number, doubt="Die Seite lässt sich nicht darstellen.")


def _seen(page: pdfium.PdfPage, number: int, rules: OutgoingRules) -> PageSight:
    split = rules.split
    if split.by == "blank":
        return PageSight(number, blank=_is_blank(page))
    if split.by == "separator":
        return _separator(page, number, split)
    if split.by == "address":
        return _address(page, number, rules)
    return _text(page, number, split)


def _text(page: pdfium.PdfPage, number: int, split: SplitRules) -> PageSight:
    text = PageText(page)
    try:
        lines = region_lines(text, split)
        sight = sight_of_text(number, lines, split)
        return replace(sight, rest=rest_of(text, lines)) if split.removes and lines else sight
    finally:
        text.close()


def _is_blank(page: pdfium.PdfPage) -> bool:
    """Whether nothing is to be seen on the page, not even a light tint."""
    bitmap = page.render(scale=_BLANK_DPI / 72, may_draw_forms=False, fill_color=(255, 255, 255, 255))
    try:
        return bool(bitmap.to_numpy()[:, :, :3].min() >= _BLANK_FROM)
    finally:
        bitmap.close()


def _separator(page: pdfium.PdfPage, number: int, split: SplitRules) -> PageSight:
    picture = _picture(page, split.place, _CODE_DPI)
    found = zxingcpp.read_barcodes(picture, formats=_FORMATS, return_errors=True)
    texts = [code.text for code in found if code.valid]
    if any(re.search(split.separator_pattern, text) for text in texts):
        return PageSight(number, separator=True)
    broken = [code for code in found if not code.valid and code.format in _MATRIX]
    if not texts and any(is_code(picture, code, _CODE_DPI) for code in broken):
        return PageSight(number, doubt="Sie trägt einen Code, der nicht lesbar ist.")
    if _is_blank(page):
        return PageSight(number, blank=True)
    coarse = _picture(page, _SHEET, COARSE_DPI)
    if is_spoilt_separator(coarse, lambda: _picture(page, _SHEET, FINE_DPI), split.place):
        return PageSight(number, doubt="Sie sieht aus wie ein Trennblatt, aber sein Code ist nicht lesbar.")
    return PageSight(number)


def _picture(page: pdfium.PdfPage, region: Rect, dpi: int) -> npt.NDArray[np.uint8]:
    margins_mm = (region.left_mm, A4_HEIGHT_MM - region.bottom_mm, A4_WIDTH_MM - region.right_mm, region.top_mm)
    bitmap = page.render(
        scale=dpi / 72,
        crop=tuple(max(0.0, margin) * POINTS_PER_MM for margin in margins_mm),
        may_draw_forms=False,
        grayscale=True,
        fill_color=(255, 255, 255, 255),
    )
    try:
        picture: npt.NDArray[np.uint8] = bitmap.to_numpy().squeeze().copy()
        return picture
    finally:
        bitmap.close()


def _looked_at_again(page: pdfium.PdfPage, sight: PageSight, rules: OutgoingRules) -> PageSight:
    """The sight of a page whose key is that of the page before, with what tells whether it begins a letter."""
    if rules.split.by != "address" and not _is_addressed(page, rules):
        return sight
    lines = lines_of(read_glyphs(page, _SHEET))
    return replace(sight, addressed=True, own_page=page_said([line.text for line in lines]))


def _is_addressed(page: pdfium.PdfPage, rules: OutgoingRules) -> bool:
    """Whether a page has an address in the window, or what was meant as one."""
    fields = fields_of(rules.forms, rules.window)
    glyphs = _field_glyphs(page, fields)
    window = reading_of(page, glyphs, rules.forms, fields)
    return window.address is not None or window.code in _BROKEN or shows_traces(page, glyphs, list(fields.values()))


def _recipient(page: pdfium.PdfPage, rules: OutgoingRules) -> str | None:
    """A hash of the address in the window of a page, None for none; pages full of text are told by a quick look."""
    forms, fields = fields_sought(rules)
    used = list(fields.values())
    text = PageText(page)
    try:
        if not ends_address(text, region_of(used)):
            return None
    finally:
        text.close()
    glyphs = _field_glyphs(page, fields)
    for tried in dict.fromkeys((tuple(rules.forms), tuple(forms))):
        address = reading_of(page, glyphs, tried, fields).address
        if address is not None:
            return _hash_of(address)
    return None


def _hash_of(address: PostalAddress) -> str:
    lines = "\n".join(line.lower() for line in address.lines)
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def _field_glyphs(page: pdfium.PdfPage, fields: Mapping[AddressForm, Field]) -> list[Glyph]:
    """The printed characters in and around the address fields."""
    used = list(fields.values())
    place = around([region_of(used), place_of_traces(used), _FIELDS])
    return printed_glyphs(page, read_glyphs(page, place))


def _address(page: pdfium.PdfPage, number: int, rules: OutgoingRules) -> PageSight:
    """Whose page it is; only a hash of the address is kept, for sights lie on the disk."""
    region, fields = rules.window.own or _FIELDS, fields_of(rules.forms, rules.window)
    glyphs = _field_glyphs(page, fields)
    lines = lines_of(within(glyphs, region))
    # Letters of lines that begin under the region rise into it.
    bottom_mm = max(region.bottom_mm - _RISE_MM, (region.top_mm + region.bottom_mm) / 2)
    inside = Rect(region.left_mm, region.top_mm, region.right_mm, bottom_mm)
    if not lines and occupied(page, [inside]) is not None:
        return PageSight(number, doubt="Im Anschriftfeld steht ein Bild statt Text.")
    if any(not line.readable for line in lines):
        return PageSight(number, doubt="Der Text im Anschriftfeld ist nicht lesbar.")
    window = reading_of(page, glyphs, rules.forms, fields)
    if window.address is not None:
        return PageSight(number, key=_hash_of(window.address))
    if any(_SENDER.search(line.text) for line in lines):
        return PageSight(number, doubt="Im Anschriftfeld steht ein Absender, aber keine lesbare Anschrift.")
    if window.code in _BROKEN or shows_traces(page, glyphs, list(fields.values())):
        return PageSight(number, doubt="Wo die Anschrift steht, stehen Zeilen wie eine, die sich nicht lesen lassen.")
    return PageSight(number)
