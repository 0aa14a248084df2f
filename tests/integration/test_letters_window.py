"""The address is read from the window, whichever form the letter has and however its text was drawn."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.normalise import normalise_pages
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.adapters.letters.text_lines import Glyph, lines_of
from pipeline.adapters.letters.window import FIELDS, WindowReading, read_window
from pipeline.domain.profiles import AddressForm
from tests.letter_sheets import A4_PT, LAYOUTS, MM, Layout, draw_address, draw_body, letter, one_page, saved, stack

pytestmark = pytest.mark.integration

BOTH: tuple[AddressForm, ...] = ("B", "A")
ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]


def window(folder: Path, data: bytes, forms: tuple[AddressForm, ...] = BOTH) -> WindowReading:
    """The window of the first page after normalising."""
    path = folder / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normalise_pages(source, [1], out)
        normal = saved(out)
    document = pdfium.PdfDocument(normal)
    try:
        return read_window(document[0], forms)
    finally:
        document.close()


def lines(reading: WindowReading) -> list[str]:
    assert reading.address is not None, reading.detail
    return list(reading.address.lines)


def drawn(draw: object) -> bytes:
    return stack([draw])  # type: ignore[list-item]


# --- both forms, every length --------------------------------------------------------------------------------------

NAMES = ("Erika Mustermann", "Müller & Söhne GmbH", "Landgesellschaft Mecklenburg mbH", "Dr. Ö. von Ähren")
MIDDLE = (
    "Am Packhof 2",
    "c/o Verwaltung Süd",
    "z. Hd. Frau Schmidt",
    "Postfach 11 10 11",
    "Haus 3, Wohnung 17",
    "Abt. 4",
)
HOME = ("19053 Schwerin", "01067 Dresden", "D-19258 Boizenburg/Elbe", "06108 Halle (Saale)", "18374 Zingst a. Darß")
ABROAD = (
    ["1010 Wien", "ÖSTERREICH"],
    ["LONDON SW1A 2AA", "GROSSBRITANNIEN"],
    ["A-8010 Graz"],
    ["75001 Paris", "FRANKREICH"],
)


@st.composite
def addresses(draw: st.DrawFn) -> list[str]:
    ending = draw(st.one_of(st.sampled_from(HOME).map(lambda line: [line]), st.sampled_from(ABROAD)))
    above = draw(st.lists(st.sampled_from(MIDDLE), max_size=5 - len(ending), unique=True))
    return [draw(st.sampled_from(NAMES)), *above, *ending]


layouts = st.builds(
    lambda form, size, leading, font, sender, up, notes, note_size, shift: (
        form,
        replace(
            LAYOUTS[form],
            address_size=size,
            leading_mm=leading,
            font=font,
            sender=sender,
            sender_mm=LAYOUTS[form].sender_mm - up,
            endorsements=notes,
            endorsement_size=note_size,
            address_top_mm=LAYOUTS[form].address_top_mm + shift,
        ),
    ),
    st.sampled_from(("A", "B")),
    st.sampled_from((9.0, 10.0, 11.0, 12.0)),
    st.sampled_from((4.23, 4.4)),
    st.sampled_from(("Helvetica", "Times-Roman", "Courier")),
    st.sampled_from(("", "Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin", "Amt Crivitz, Amtsstr. 5, 19089 Crivitz")),
    st.floats(0, 2),
    st.lists(
        st.sampled_from(("Einschreiben", "Nicht nachsenden!", "Persönlich / Vertraulich", "PREMIUMADRESS BASIS")),
        max_size=3,
        unique=True,
    ).map(tuple),
    st.sampled_from((6.5, 7.0)),
    st.floats(-0.5, 1.5),
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layouts, addresses(), st.sampled_from((BOTH, ("A", "B"))))
def test_any_letter_of_either_form(
    tmp_path: Path, layout: tuple[AddressForm, Layout], wanted: list[str], forms: tuple[AddressForm, ...]
) -> None:
    form, how = layout
    assume(len(wanted) * how.leading_mm <= 26.4)  # taller ones do not fit the zone
    reading = window(tmp_path, letter(wanted, how), forms)
    assert (reading.form, lines(reading)) == (form, wanted)


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize("count", range(2, 7))
def test_endorsements_as_large_as_the_address(tmp_path: Path, form: AddressForm, count: int) -> None:
    wanted = ["Erika Mustermann", *MIDDLE[: count - 2], "19053 Schwerin"]
    how = replace(LAYOUTS[form], endorsements=("Einschreiben", "Persönlich"), endorsement_size=10.0)
    reading = window(tmp_path, letter(wanted, how))
    assert (reading.form, lines(reading)) == (form, wanted)


@pytest.mark.parametrize("form", ["A", "B"])
def test_a_form_that_the_profile_does_not_have(tmp_path: Path, form: AddressForm) -> None:
    wanted = ["Erika Mustermann", "Haus 1", "Am Packhof 2", "19053 Schwerin"]
    other: AddressForm = "B" if form == "A" else "A"
    assert window(tmp_path, letter(wanted, LAYOUTS[form]), (other,)).address is None
    assert window(tmp_path, letter(wanted, LAYOUTS[form]), (form,)).form == form


def test_a_blank_line_before_the_town(tmp_path: Path) -> None:
    reading = window(tmp_path, letter([*ERIKA[:3], "", ERIKA[3]], LAYOUTS["B"]))
    assert (reading.form, lines(reading)) == ("B", ERIKA)


def test_information_beside_and_below_the_window(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        draw_address(canvas, ERIKA, LAYOUTS["B"])
        canvas.setFont("Helvetica", 9)
        for row, text in enumerate(("Auskunft erteilt:", "Frau Beispiel", "Zimmer 12345 Haus", "12345 Falschort")):
            canvas.drawString(125 * MM, A4_PT[1] - (52 + 5 * row) * MM, text)
        canvas.drawString(25 * MM, A4_PT[1] - 92.9 * MM, "54321 Darunter")
        draw_body(canvas, 105)

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


def test_lines_wider_than_the_field_are_read_whole(tmp_path: Path) -> None:
    wanted = ["Zweckverband Wasserversorgung und Abwasser Ludwigslust", "19288 Ludwigslust"]
    assert lines(window(tmp_path, letter(wanted, LAYOUTS["B"]))) == wanted


# --- however it was drawn ------------------------------------------------------------------------------------------


def _spots(text: str, x_mm: float, y_mm: float) -> tuple[float, float, str]:
    return x_mm * MM, A4_PT[1] - y_mm * MM, text


ROWS = [(text, 66.0 + 4.23 * row) for row, text in enumerate(ERIKA)]


def test_character_by_character_and_upside_down(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for text, y_mm in reversed(ROWS):
            x = 25 * MM
            placed = []
            for character in text:
                placed.append((x, character))
                x += canvas.stringWidth(character, "Helvetica", 10)
            for left, character in reversed(placed):
                if character != " ":
                    canvas.drawString(left, A4_PT[1] - y_mm * MM, character)

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


@pytest.mark.parametrize("space", [1.0, 2.5, 4.0])
def test_spaced_letters(tmp_path: Path, space: float) -> None:
    def draw(canvas: Canvas) -> None:
        for text, y_mm in ROWS:
            run = canvas.beginText(*_spots(text, 25, y_mm)[:2])
            run.setFont("Helvetica", 10)
            run.setCharSpace(space)
            run.textOut(text)
            canvas.drawText(run)

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


def test_letters_typed_with_blanks_between(tmp_path: Path) -> None:
    typed = [*ERIKA[:3], "1 9 0 5 3  S c h w e r i n"]
    assert lines(window(tmp_path, letter(typed, LAYOUTS["B"]))) == ERIKA


def test_words_placed_one_by_one(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 11)
        for text, y_mm in ROWS:
            x = 25 * MM
            for word in text.split():
                canvas.drawString(x, A4_PT[1] - y_mm * MM, word)
                x += canvas.stringWidth(word + " ", "Times-Roman", 11)

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


def test_bold_by_drawing_twice(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for text, y_mm in ROWS:
            for off in (0.0, 0.3):
                canvas.drawString(25 * MM + off, A4_PT[1] - y_mm * MM, text)

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


Kind = Literal["invisible", "white", "tiny", "turned"]


@pytest.mark.parametrize("kind", ["invisible", "white", "tiny", "turned"])
def test_what_nobody_sees_is_not_read(tmp_path: Path, kind: Kind) -> None:
    def draw(canvas: Canvas) -> None:
        draw_address(canvas, ERIKA, LAYOUTS["B"])
        canvas.saveState()
        canvas.translate(25 * MM, A4_PT[1] - 64 * MM)
        if kind == "turned":
            canvas.rotate(90)
        run = canvas.beginText(0, 0)
        run.setFont("Helvetica", 1.5 if kind == "tiny" else 10)
        run.setTextRenderMode(3 if kind == "invisible" else 0)
        if kind == "white":
            run.setFillColorRGB(1, 1, 1)
        run.textLine("99999 Steuerzeile")
        canvas.drawText(run)
        canvas.restoreState()

    assert lines(window(tmp_path, drawn(draw))) == ERIKA


def test_rotated_and_off_origin_pages(tmp_path: Path) -> None:
    with Pdf.open(io.BytesIO(letter(ERIKA, LAYOUTS["B"]))) as pdf:
        page = pdf.pages[0]
        page.contents_add(b"q 0 1 -1 0 995.276 -200 cm", prepend=True)
        page.contents_add(b"Q", prepend=False)
        page.obj.MediaBox = Array([153.386, -200, 153.386 + A4_PT[1], -200 + A4_PT[0]])
        page.obj.Rotate = 90
        data = saved(pdf)
    reading = window(tmp_path, data)
    assert (reading.form, lines(reading)) == ("B", ERIKA)


# --- what is no address --------------------------------------------------------------------------------------------


def _detail(folder: Path, data: bytes) -> str:
    reading = window(folder, data)
    assert (reading.form, reading.address) == (None, None)
    assert reading.detail is not None
    return reading.detail


def test_an_empty_field(tmp_path: Path) -> None:
    detail = _detail(tmp_path, drawn(lambda canvas: draw_body(canvas, 105)))
    assert detail == "Im Anschriftfeld steht kein Text."


def test_an_address_without_town(tmp_path: Path) -> None:
    detail = _detail(tmp_path, letter(ERIKA[:3], LAYOUTS["B"]))
    assert "Mustermann" not in detail and detail.endswith(".")


def test_more_than_six_lines(tmp_path: Path) -> None:
    how = replace(LAYOUTS["B"], leading_mm=3.6, address_size=8.0)
    assert "sechs Zeilen" in _detail(tmp_path, letter(["Firma", *MIDDLE, "19053 Schwerin"], how))


def test_a_postcode_that_does_not_exist(tmp_path: Path) -> None:
    assert "Postleitzahl gibt es nicht" in _detail(tmp_path, letter([*ERIKA[:3], "00000 Ort"], LAYOUTS["B"]))


def test_an_address_below_the_window(tmp_path: Path) -> None:
    _detail(tmp_path, letter(ERIKA, replace(LAYOUTS["B"], address_top_mm=82.0, body_mm=0)))


def test_an_address_as_a_picture(tmp_path: Path) -> None:
    picture = Image.new("L", (600, 200), 255)
    ImageDraw.Draw(picture).text((10, 10), "\n".join(ERIKA), fill=0, font_size=36)

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture), 25 * MM, A4_PT[1] - 85 * MM, 70 * MM, 22 * MM)

    assert "Bild" in _detail(tmp_path, drawn(draw))


def test_a_font_that_does_not_say_what_it_shows(tmp_path: Path) -> None:
    """Glyphs 1, 2, 3 … of a font with its own encoding and no table back to Unicode."""
    pdf = one_page(b"")
    glyph = pdf.make_stream(b"500 0 0 0 500 700 d1 0 0 400 700 re f")
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 500, 700]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), FirstChar=1, LastChar=9, Widths=Array([500] * 9),
        CharProcs=Dictionary({f"/g{n}": glyph for n in range(1, 10)}),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([1, *[Name(f"/g{n}") for n in range(1, 10)]])),
    )  # fmt: skip
    page = pdf.pages[0].obj
    page.Resources.Font.F2 = pdf.make_indirect(font)
    rows = b"".join(b"1 0 0 1 70 %d Tm <010203040506> Tj " % (650 - 12 * row) for row in range(4))
    page.Contents = pdf.make_stream(b"BT /F2 10 Tf " + rows + b"ET")
    assert "nicht lesbar" in _detail(tmp_path, saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable))


# --- lines from characters -----------------------------------------------------------------------------------------


@given(
    st.lists(st.text("abcÄß.-123", min_size=3, max_size=9), min_size=1, max_size=5),
    st.floats(0.3, 2.0),
    st.randoms(use_true_random=False),
)
def test_lines_come_back_from_scattered_characters(words: list[str], blank: float, shuffle: object) -> None:
    """One line a word, then all words on one line with gaps for blanks, in any order of drawing."""
    size = 4.0
    column = [
        Glyph(c, 20 + 2.0 * i, 22 + 2.0 * i, 50 + 5.0 * row, size)
        for row, word in enumerate(words)
        for i, c in enumerate(word)
    ]
    x, row = 20.0, []
    for word in words:
        for character in word:
            row.append(Glyph(character, x, x + 2.0, 50.0, size))
            x += 2.0
        x += 0.81 + blank
    for glyphs, wanted in ((column, words), (row, [" ".join(words)])):
        shuffle.shuffle(glyphs)  # type: ignore[attr-defined]
        assert [line.text for line in lines_of(glyphs)] == wanted


def test_zones_are_those_of_the_standard() -> None:
    for field in FIELDS.values():
        assert field.boundary_mm - field.top_mm == pytest.approx(17.7)
        assert field.bottom_mm - field.boundary_mm == pytest.approx(27.3)
    assert (FIELDS["A"].top_mm, FIELDS["B"].top_mm) == (27.0, 45.0)
