"""Documents of others on their way to paper: an address put on, the page in the volume compared with the original.

The original is rendered as a viewer shows it and laid onto a white sheet by plain measures, so that nothing of the
line's own geometry takes part in what is expected.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2 as pdfium
from pikepdf import Dictionary, Name

from pipeline.adapters.letters.normalise import sheet_matrix
from pipeline.adapters.letters.print_stream import inspect_print_stream
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.geometry import Rect
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.profiles import OutgoingRules
from pipeline.domain.volumes import VolumePiece
from tests.volume_examples import DATAMATRIX

DPI = 144
A4_MM = (210.0, 297.0)
ADDRESS = Rect(20.0, 45.0, 110.0, 92.0)
MARK_ZONES = clear_zone(DATAMATRIX)
_TOLERANCE = 48  # steps of grey between a pixel and the darkest or lightest of the nine around its place
_SIZE_MM = 2.0

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Printed:
    """A letter that got as far as a volume, or why not."""

    reading: LetterReading
    volume: Path | None


def px(mm: float) -> int:
    """Millimetres as pixels."""
    return round(mm / 25.4 * DPI)


def with_address(document: bytes, rules: OutgoingRules, *, free_mark_zone: bool = False, cover: bool = False) -> bytes:
    """The document with an address on a white field in the window of form B.

    `free_mark_zone`: with white where marks will be printed, too, on every page. `cover`: the address stands on a page
    of its own before the others, because text under a white field is still text.
    """
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as pdf:
        if cover:
            blank = Dictionary(Type=Name.Page, MediaBox=[0, 0, 595.276, 841.89], Contents=pdf.make_stream(b""))
            blank.Resources = Dictionary()
            pdf.pages.insert(0, pikepdf.Page(pdf.make_indirect(blank)))
        for number, page in enumerate(pdf.pages, 1):
            fields = [ADDRESS] if number == 1 else []
            fields += MARK_ZONES if free_mark_zone else []
            inverse = pikepdf.Matrix(*sheet_matrix(page.obj, number, rules.pages)).inverse()
            drawn = f"q {inverse.encode().decode()} cm 1 g\n" + "".join(map(_white, fields))
            if number == 1:
                font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
                page.add_resource(font, Name.Font, Name.PosterAddress)
                drawn += "0 g BT /PosterAddress 10 Tf 12 TL 70.87 650 Td "
                drawn += "(Frau) Tj T* (Erika Mustermann) Tj T* (Am Packhof 2) Tj T* (19053 Schwerin) Tj ET "
            page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
            page.contents_add(pdf.make_stream(f"\nQ {drawn} Q".encode()))
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _white(field: Rect) -> str:
    places = (field.left_mm, 297 - field.bottom_mm, field.right_mm - field.left_mm, field.bottom_mm - field.top_mm)
    return " ".join(f"{mm / 25.4 * 72:.3f}" for mm in places) + " re f\n"


def printed(folder: Path, document: bytes, rules: OutgoingRules) -> Printed:
    """The document as one letter through inspection, reading and volume. Raises Rejected as inspection does."""
    source, letters, volume = folder / "dropped.pdf", folder / "letters.pdf", folder / "volume.pdf"
    source.write_bytes(document)
    pages = inspect_print_stream(str(source), rules).pages
    zones = dict.fromkeys(rules.forms, MARK_ZONES)
    (reading,) = read_letters(str(source), [LetterRange(1, 1, pages)], rules, zones, "simplex", str(letters))
    if reading.code is not None:
        return Printed(reading, None)
    piece = VolumePiece(1, str(letters), reading.first_page, pages, "simplex")
    assert write_volume(DATAMATRIX, 1, [piece], str(volume)).pages == pages
    return Printed(reading, volume)


def shown(document: bytes | Path, index: int, scale: float = 1.0) -> Picture:
    """A page as it would be printed by a viewer, in RGB: annotations and fields included, `scale` times as large."""
    pdf = pdfium.PdfDocument(document)
    try:
        pdf.init_forms()
        if pdf.formenv is not None:
            pdfium.raw.FPDF_SetFormFieldHighlightAlpha(pdf.formenv.raw, 0)
        return pdf[index].render(scale=DPI / 72 * scale, rev_byteorder=True).to_numpy()[:, :, :3].copy()
    finally:
        pdf.close()


def filled_fields(document: bytes, index: int) -> list[tuple[Rect, str]]:
    """The text fields of an upright page with a value, and where they stand on the sheet."""
    found = []
    with pikepdf.open(io.BytesIO(document)) as pdf:
        page = pdf.pages[index]
        for widget in page.get("/Annots", []):
            if widget.get("/FT") == Name.Tx and str(widget.get("/V", "")).strip():
                left, bottom, right, top = (float(value) / 72 * 25.4 for value in widget.Rect)
                high = float(page.mediabox[3]) / 72 * 25.4
                found.append((Rect(left, high - top - 2, right, high - bottom + 2), str(widget.V)))
    return found


def text_of(volume: Path, index: int) -> str:
    """The text of a page."""
    pdf = pdfium.PdfDocument(volume)
    try:
        return str(pdf[index].get_textpage().get_text_range())
    finally:
        pdf.close()


def on_sheet(page: Picture, at_mm: tuple[float, float] | None = None) -> Picture:
    """A page's picture on a white A4 sheet: lying ones turned with their head to the left, in the middle, or with the
    upper left corner `at_mm`."""
    wide, high = px(A4_MM[0]), px(A4_MM[1])
    if page.shape[1] > max(wide + px(_SIZE_MM), page.shape[0]):
        page = np.rot90(page)
    left, top = (wide - page.shape[1]) // 2, (high - page.shape[0]) // 2
    if at_mm is not None:
        left, top = px(at_mm[0]), px(at_mm[1])
    sheet = np.full((high + 2 * high, wide + 2 * wide, 3), 255, np.uint8)  # with room around it for what sticks out
    sheet[high + top : high + top + page.shape[0], wide + left : wide + left + page.shape[1]] = page
    return sheet[high : 2 * high, wide : 2 * wide]


def apart(one: Picture, other: Picture, but_for: Sequence[Rect] = ()) -> float:
    """The share of the sheet, in millionths, that one shows and the other does not within a pixel's distance.

    `but_for`: fields that are not looked at.
    """
    high, wide = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    assert abs(one.shape[0] - other.shape[0]) <= 2 and abs(one.shape[1] - other.shape[1]) <= 2
    one, other = one[:high, :wide], other[:high, :wide]
    wrong = _sticks_out(one, other) | _sticks_out(other, one)
    wrong[:2], wrong[-2:], wrong[:, :2], wrong[:, -2:] = False, False, False, False
    for field in but_for:
        left, top = max(0, px(field.left_mm - 0.5)), max(0, px(field.top_mm - 0.5))
        wrong[top : px(field.bottom_mm + 0.5), left : px(field.right_mm + 0.5)] = False
    return float(np.count_nonzero(wrong)) / wrong.size * 1e6


def _sticks_out(one: Picture, other: Picture) -> npt.NDArray[np.bool_]:
    around = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(other, around).astype(int), cv2.dilate(other, around).astype(int)
    told = one.astype(int)
    return ((told < low - _TOLERANCE) | (told > high + _TOLERANCE)).any(axis=2)
