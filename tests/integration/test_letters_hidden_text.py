"""Text counts as far as it is printed: what is covered, clipped away or drawn in the ground's colour is no address."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.adapters.letters.text_lines import lines_of, read_glyphs
from pipeline.adapters.letters.window import read_window
from pipeline.domain.geometry import Rect
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.split_rules import SplitRules
from tests.drawn_addresses import scanned
from tests.letter_sheets import A4_PT, LAYOUTS, MM, RULES, draw_address, draw_body, helvetica, saved, stack

pytestmark = pytest.mark.integration

ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]
HILDE = ["Frau", "Hilde Verdeckt", "Alte Gasse 1", "01067 Dresden"]
FIELD = Rect(20.0, 45.0, 105.0, 90.0)

Draw = Callable[[Canvas], None]


def box(left: float, top: float, right: float, bottom: float, grey: float = 1.0) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(left * MM, A4_PT[1] - bottom * MM, (right - left) * MM, (bottom - top) * MM, stroke=0, fill=1)
        canvas.setFillGray(0)

    return draw


def address(lines: Sequence[str], lower_mm: float = 0.0, sender: bool = False) -> Draw:
    layout = LAYOUTS["B"] if sender else replace(LAYOUTS["B"], sender="")
    return lambda canvas: draw_address(canvas, lines, replace(layout, address_top_mm=62.7 + lower_mm))


def clipped(draw: Draw) -> Draw:
    def within(canvas: Canvas) -> None:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(0, 0, 5, 5)
        canvas.clipPath(path, stroke=0, fill=0)
        draw(canvas)
        canvas.restoreState()

    return within


def in_a_form(draw: Draw) -> Draw:
    def within(canvas: Canvas) -> None:
        canvas.beginForm("Vorlage")
        draw(canvas)
        canvas.endForm()
        canvas.doForm("Vorlage")

    return within


def page_of(*draws: Draw) -> bytes:
    def side(canvas: Canvas) -> None:
        for draw in draws:
            draw(canvas)
        draw_body(canvas, 105)

    return stack([side])


def read(folder: Path, data: bytes) -> LetterReading:
    source = folder / "source.pdf"
    source.write_bytes(data)
    rules = replace(RULES, forms=("B",))
    (reading,) = read_letters(str(source), [LetterRange(1, 1, 1)], rules, {}, "simplex", str(folder / "out.pdf"))
    return reading


WHITE = box(20, 62.7, 105, 90)
HIDDEN = {
    "covered": (address(HILDE), WHITE),
    "covered, in a form": (in_a_form(address(HILDE)), WHITE),
    "clipped away": (clipped(address(HILDE)),),
    "clipped away, in a form": (in_a_form(clipped(address(HILDE))),),
    "black on black": (box(20, 62.7, 105, 90, 0.0), address(HILDE)),
}


@pytest.mark.parametrize("how", [name for name in HIDDEN if name != "black on black"])
def test_an_address_that_is_not_printed_is_none(tmp_path: Path, how: str) -> None:
    reading = read(tmp_path, page_of(address([], sender=True), *HIDDEN[how]))
    assert (reading.code, reading.address) == ("address-not-found", None)


def test_an_address_on_a_ground_of_its_colour_is_none(tmp_path: Path) -> None:
    reading = read(tmp_path, page_of(*HIDDEN["black on black"]))
    assert (reading.code, reading.address) == ("address-unreadable", None)


@pytest.mark.parametrize("how", [name for name in HIDDEN if name != "black on black"])
def test_what_is_printed_instead_is_the_address(tmp_path: Path, how: str) -> None:
    """A template's address under a white box, the letter's own as a picture over it."""
    reading = read(tmp_path, page_of(*HIDDEN[how], lambda canvas: scanned(canvas, ERIKA, 300)))
    assert reading.address is not None, reading.detail
    assert list(reading.address.lines) == ERIKA
    assert "address-recognised" in reading.remarks


@pytest.mark.parametrize("lower_mm", [0.0, 0.6, 2.1, 3.0])
def test_text_over_covered_text_is_the_address(tmp_path: Path, lower_mm: float) -> None:
    """Ink there is, where the covered letters stand: that of other letters."""
    reading = read(tmp_path, page_of(address(HILDE), WHITE, address(ERIKA, lower_mm)))
    assert reading.address is not None, reading.detail
    assert list(reading.address.lines) == ERIKA


def test_a_stamp_over_the_address_is_the_address(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(page_of(address(HILDE)))) as pdf:
        shown = " T* ".join(f"({line}) Tj" for line in ERIKA)
        look = pdf.make_stream(f"1 g 0 0 240 75 re f 0 g BT /F 10 Tf 12 TL 5 60 Td {shown} ET".encode())
        look.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 240, 75])})
        look["/Resources"] = Dictionary(Font=Dictionary(F=helvetica(pdf)))
        left, bottom = 20 * MM, A4_PT[1] - 89 * MM
        stamp = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Stamp,
            F=4,
            Rect=Array([left, bottom, left + 240, bottom + 75]),
            AP=Dictionary(N=look),
        )
        pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(stamp)])
        reading = read(tmp_path, saved(pdf))
    assert reading.address is not None, reading.detail
    assert list(reading.address.lines) == ERIKA


@pytest.mark.parametrize(
    ("cover", "code"),
    [
        (box(20, 76.5, 32, 82), "address-incomplete"),  # the postcode alone
        (box(20, 77.0, 105, 90), "address-incomplete"),  # the line of the town
    ],
)
def test_an_address_of_which_a_part_is_covered_is_not_whole(tmp_path: Path, cover: Draw, code: str) -> None:
    reading = read(tmp_path, page_of(address(ERIKA, sender=True), cover))
    assert (reading.code, reading.address) == (code, None), reading.detail


PRINTED = {
    "as most programs do it": address(ERIKA, sender=True),
    "in a form": in_a_form(address(ERIKA)),
    "twice, for bold type": lambda canvas: [address(ERIKA)(canvas), canvas.translate(0.3, 0), address(ERIKA)(canvas)],
    "on a tinted ground": lambda canvas: [box(20, 62, 105, 90, 0.9)(canvas), address(ERIKA)(canvas)],
    "clipped to the field": lambda canvas: address(ERIKA)(canvas),
    "over a covered rest of a template": lambda canvas: [
        address(["Muster"])(canvas),
        WHITE(canvas),
        address(ERIKA)(canvas),
    ],
}


@pytest.mark.parametrize("how", PRINTED)
def test_what_is_printed_counts(tmp_path: Path, how: str) -> None:
    reading = read(tmp_path, page_of(PRINTED[how]))
    assert reading.address is not None, reading.detail
    assert list(reading.address.lines) == ERIKA
    assert "address-recognised" not in reading.remarks


@pytest.mark.parametrize("size", [5.0, 6.0, 8.0, 10.0, 14.0])
@pytest.mark.parametrize("grey", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("font", ["Helvetica", "Times-Roman", "Courier"])
def test_every_character_that_shows_is_kept(size: float, grey: float, font: str) -> None:
    words = "Fräulein Ägidius-Ìlil, c/o »Ö. Iwwil« & Söhne · Nr. 1/7_a 'x' |"

    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.setFont(font, size)
        canvas.drawString(25 * MM, A4_PT[1] - 70 * MM, words)

    document = pdfium.PdfDocument(stack([draw]))
    try:
        page = document[0]
        region = Rect(18, 40, 205, 95)
        glyphs = read_glyphs(page, region)
        assert glyphs and printed_glyphs(page, glyphs) == glyphs
    finally:
        document.close()


def test_the_page_is_as_before_afterwards() -> None:
    document = pdfium.PdfDocument(page_of(address(HILDE), WHITE, address(ERIKA, 2.1)))
    try:
        page = document[0]
        before = page.render(scale=1).to_numpy().copy()
        reading = read_window(page, ("B",))
        assert reading.address is not None and list(reading.address.lines) == ERIKA
        assert np.array_equal(page.render(scale=1).to_numpy(), before)
        assert len(lines_of(read_glyphs(page, FIELD))) == 8
    finally:
        document.close()


def test_a_stream_is_cut_by_addresses_that_are_printed(tmp_path: Path) -> None:
    """On the second page of the first letter a covered address of somebody else begins no letter."""
    sides = [address(ERIKA), lambda canvas: [address(HILDE)(canvas), WHITE(canvas)], address(HILDE)]
    (tmp_path / "stream.pdf").write_bytes(stack(sides))
    rules = replace(RULES, forms=("B",), split=SplitRules("address"))
    look_at_letters(str(tmp_path / "stream.pdf"), 1, 3, rules, str(tmp_path))
    first, second, third = read_sights([tmp_path])
    assert (second.key, second.doubt) == (None, None)
    assert first.key and third.key and first.key != third.key
