"""Form fields on paper: drawn anew where the file's picture doesn't show the value, refused where that fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from pipeline.adapters.letters.normalise import Normaliser, bind_pages
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.remarks import REMARKS
from tests.letter_checks import normalised, refusal
from tests.letter_sheets import one_page, rendered, saved

pytestmark = pytest.mark.integration

RECT = (100.0, 600.0, 300.0, 630.0)
LOOK = "/Helv 12 Tf 0 0 1 rg"
MULTILINE, PASSWORD, COMB, RADIO, COMBO = 1 << 12, 1 << 13, 1 << 24, 1 << 15, 1 << 17


def form(
    *, rect: Sequence[float] = RECT, kind: Name = Name.Tx, need: bool = False, look: str = LOOK, **keys: object
) -> Pdf:
    """A page with one field."""
    pdf = one_page(b"")
    widget = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=kind, T=String("a"), F=4, Rect=Array(list(rect)), **keys
    )
    widget.DA = String(look)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    field = pdf.make_indirect(widget)
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), NeedAppearances=need, DR=Dictionary(Font=Dictionary(Helv=font))
    )
    pdf.pages[0].obj.Annots = Array([field])
    return pdf


def with_picture(pdf: Pdf, content: bytes, font: str = "Helvetica") -> Pdf:
    look = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 30]))
    named = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{font}"))
    look.Resources = Dictionary(Font=Dictionary(F=named))
    pdf.pages[0].Annots[0].AP = Dictionary(N=look)
    return pdf


def text_of(data: bytes) -> str:
    document = pdfium.PdfDocument(data)
    try:
        return re.sub(r"\s+", " ", document[0].get_textpage().get_text_range()).strip()
    finally:
        document.close()


def ink(data: bytes) -> tuple[int, int, int, int] | None:
    """Left, bottom, right and top of all that isn't white, in points."""
    rows, columns = np.nonzero(rendered(data, dpi=72).min(axis=2) < 128)
    if not rows.size:
        return None
    return int(columns.min()), 842 - int(rows.max()), int(columns.max()), 842 - int(rows.min())


def remarks(folder: Path, data: bytes) -> tuple[str, ...]:
    (folder / "in.pdf").write_bytes(data)
    with open_strict(str(folder / "in.pdf")) as source, pikepdf.Pdf.new() as out:
        normaliser = Normaliser(source, out)
        bind_pages(out, [normaliser.normalised(pages_between(source, 1, 1)[0], 1)])
        return normaliser.take_remarks()


def test_a_value_without_picture_is_drawn_in_its_colour_and_size(tmp_path: Path) -> None:
    data = saved(form(V=String("Größe 5 €")))
    out = normalised(tmp_path, data)
    assert text_of(out) == "Größe 5 €"
    blue = rendered(out, dpi=72)
    assert (blue[:, :, 2].astype(int) - blue[:, :, 0]).max() > 200
    left, bottom, right, top = ink(out) or (0, 0, 0, 0)
    assert RECT[0] <= left <= RECT[0] + 4 and bottom >= RECT[1] and top <= RECT[3] and right < RECT[2]
    assert remarks(tmp_path, data) == ("annotations-flattened", "field-drawn")
    assert "field-drawn" in REMARKS


@pytest.mark.parametrize(("centring", "where"), [(0, "left"), (1, "middle"), (2, "right")])
def test_centring(tmp_path: Path, centring: int, where: str) -> None:
    left, _, right, _ = ink(normalised(tmp_path, saved(form(V=String("Hallo"), Q=centring)))) or (0, 0, 0, 0)
    free = {"left": left - RECT[0], "right": RECT[2] - right, "middle": abs((left + right) / 2 - 200)}
    assert free[where] <= 5


@pytest.mark.parametrize("need", [False, True])
def test_a_picture_of_another_value_is_stale(tmp_path: Path, need: bool) -> None:
    stale = with_picture(form(V=String("Neu"), need=need), b"BT /F 12 Tf 2 9 Td (Alt) Tj ET")
    assert text_of(normalised(tmp_path, saved(stale))) == "Neu"
    empty = with_picture(form(V=String("Neu"), need=need), b"0 g 0 0 3 3 re f")
    assert text_of(normalised(tmp_path, saved(empty))) == "Neu"


@pytest.mark.parametrize("need", [False, True])
def test_a_true_picture_stays(tmp_path: Path, need: bool) -> None:
    true = with_picture(form(V=String("Wert"), need=need), b"1 0 0 rg BT /F 20 Tf 2 9 Td (Wert) Tj ET")
    out = normalised(tmp_path, saved(true))
    assert text_of(out) == "Wert"
    red = rendered(out, dpi=72)
    assert (red[:, :, 0].astype(int) - red[:, :, 2]).max() > 200
    assert "field-drawn" not in remarks(tmp_path, saved(true))


def test_a_script_gives_the_value_its_form(tmp_path: Path) -> None:
    script = Dictionary(F=Dictionary(S=Name.JavaScript, JS=String("AFNumber_Format(2)")))
    pdf = with_picture(form(V=String("1234.5"), AA=script), rb"BT /F 12 Tf 2 9 Td (1.234,50 \200) Tj ET")
    assert text_of(normalised(tmp_path, saved(pdf))).startswith("1.234,50")


def test_lines_are_broken_inside_their_field(tmp_path: Path) -> None:
    text = "Der Bescheid wird aufgehoben, weil die Frist versäumt war.\rZweiter Absatz."
    rect = (100, 500, 260, 600)
    out = normalised(tmp_path, saved(form(rect=rect, V=String(text), Ff=MULTILINE)))
    assert text_of(out) == text.replace("\r", " ")
    left, bottom, right, top = ink(out) or (0, 0, 0, 0)
    assert left >= 100 and right <= 260 and bottom >= 500 and top <= 600
    assert top - bottom > 3 * 12


def test_one_line_may_be_taller_than_its_field_but_is_not_cut(tmp_path: Path) -> None:
    for flags in (0, MULTILINE):
        out = normalised(tmp_path, saved(form(rect=(100, 600, 300, 607), V=String("Ägypten"), Ff=flags)))
        _, bottom, _, top = ink(out) or (0, 0, 0, 0)
        assert bottom <= 600 and top >= 607 and top - bottom >= 9


def test_a_size_of_nought_fits_the_field(tmp_path: Path) -> None:
    sizes = []
    for rect in ((100, 600, 300, 612), (100, 600, 130, 640), (100, 600, 300, 640)):
        out = normalised(tmp_path, saved(form(rect=rect, look="/Helv 0 Tf 0 g", V=String("Hallo Welt"))))
        left, bottom, right, top = ink(out) or (0, 0, 0, 0)
        assert left >= rect[0] and right <= rect[2] and bottom >= rect[1] and top <= rect[3]
        sizes.append(right - left)
    assert sizes[1] < sizes[0] < sizes[2]


def test_characters_of_a_comb_stand_in_the_middle_of_their_cells(tmp_path: Path) -> None:
    out = normalised(tmp_path, saved(form(V=String("I I"), Ff=COMB, MaxLen=10)))
    columns = np.flatnonzero((rendered(out, dpi=72).min(axis=2) < 128).any(axis=0))
    assert abs(columns.min() - 110) <= 2 and abs(columns.max() - 150) <= 2
    assert refusal(tmp_path, saved(form(V=String("zu lang für vier"), Ff=COMB, MaxLen=4))).code == "field-not-shown"


def test_a_choice_shows_what_its_list_shows(tmp_path: Path) -> None:
    options = Array([Array([String("de"), String("Deutschland")]), Array([String("fr"), String("Frankreich")])])
    pdf = form(kind=Name.Ch, V=String("fr"), Ff=COMBO, Opt=options)
    assert text_of(normalised(tmp_path, saved(pdf))) == "Frankreich"


def test_what_a_field_inherits(tmp_path: Path) -> None:
    pdf = form()
    widget = pdf.pages[0].Annots[0]
    del widget.FT
    parent = pdf.make_indirect(Dictionary(FT=Name.Tx, V=String("Geerbt"), Kids=Array([widget])))
    widget.Parent = parent
    assert text_of(normalised(tmp_path, saved(pdf))) == "Geerbt"


def test_ground_and_border_of_a_field(tmp_path: Path) -> None:
    about = Dictionary(BG=Array([1, 1, 0]), BC=Array([0]))
    out = rendered(normalised(tmp_path, saved(form(V=String("x"), MK=about))), dpi=72)
    assert tuple(out[842 - 605, 250]) == (255, 255, 0)
    assert out[842 - 601 : 842 - 598, 250].min() < 128


def button(pdf: Pdf, **pictures: bytes) -> Pdf:
    looks = Dictionary()
    for state, content in pictures.items():
        look = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 30, 30]))
        named = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
        look.Resources = Dictionary(Font=Dictionary(ZaDb=named))
        looks[f"/{state}"] = look
    pdf.pages[0].Annots[0].AP = Dictionary(N=looks)
    return pdf


@pytest.mark.parametrize("sign", ["4", "8", "l", "n", "u", "H"])
def test_the_signs_of_buttons_are_drawn(tmp_path: Path, sign: str) -> None:
    rect = (100, 600, 130, 630)
    pdf = form(rect=rect, kind=Name.Btn, AS=Name.Yes, V=Name.Yes)
    data = saved(button(pdf, Yes=f"BT /ZaDb 20 Tf 5 5 Td ({sign}) Tj ET".encode(), Off=b""))
    out = normalised(tmp_path, data)
    left, bottom, right, top = ink(out) or (0, 0, 0, 0)
    assert 100 <= left < right <= 130 and 600 <= bottom < top <= 630
    assert b"ZapfDingbats" not in out
    bare = form(rect=rect, kind=Name.Btn, V=Name.Yes, MK=Dictionary(CA=String(sign)))
    assert ink(normalised(tmp_path, saved(bare))) == (left, bottom, right, top)


def test_a_button_that_is_off_shows_nothing(tmp_path: Path) -> None:
    pdf = form(kind=Name.Btn, AS=Name.Off, V=Name.Off)
    assert ink(normalised(tmp_path, saved(button(pdf, Yes=b"0 g 0 0 30 30 re f", Off=b"")))) is None


@pytest.mark.parametrize(
    "keys",
    [
        {"V": String("Иван")},
        {"V": String("viel zu lang für dieses Feld, das nur so breit ist")},
        {"V": String("geheim"), "Ff": PASSWORD},
        {"V": String("gedreht"), "MK": Dictionary(R=90)},
        {"V": String("Zeile\r" * 9), "Ff": MULTILINE},
        {"V": String("x"), "look": "0 g"},
        {"V": String("x"), "rect": (0, 0, 0, 0)},
        {"V": String("a"), "kind": Name.Ch},
        {"V": Name.Yes, "kind": Name.Btn, "Ff": RADIO},
        {"V": Name.Yes, "kind": Name.Btn, "MK": Dictionary(CA=String("?"))},
    ],
    ids=["script", "wide", "password", "turned", "high", "no-font", "no-box", "list", "radio", "sign"],
)
def test_what_cannot_be_shown_whole_goes_back(tmp_path: Path, keys: dict[str, object]) -> None:
    error = refusal(tmp_path, saved(form(**keys)))  # type: ignore[arg-type]
    assert (error.code, error.page) == ("field-not-shown", 1)
