"""Layers that are off inside patterns, soft masks, glyphs and annotations: what does not print there is not printed.

Red belongs to a layer that is off, blue to none. The page made has no layers, so any renderer shows what prints; what
is right, poppler says of the original, since pdfium knows no layers inside patterns.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from pipeline.adapters.letters.normalise import Normaliser
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected
from tests.letter_checks import PRINT, normalised, refusal
from tests.letter_sheets import Picture, add_page, one_page, rendered, saved
from tests.needs import need

pytestmark = pytest.mark.integration

_DPI = 72
BOX = "250 200 200 60 re f"


def _with_layer() -> tuple[Pdf, pikepdf.Object]:
    """A page with nothing on it, and a layer that is off."""
    pdf = one_page(b"")
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Entwurf")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    return pdf, layer


def _draws(pdf: Pdf, content: bytes) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(content)


def _form(pdf: Pdf, content: bytes, layer: pikepdf.Object, **keys: object) -> Stream:
    form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, **keys)
    form.Resources = Dictionary(Properties=Dictionary(L=layer))
    return form


def _stamp(pdf: Pdf, layer: pikepdf.Object, content: bytes = b"", **keys: object) -> None:
    content = content or b"/OC /L BDC 1 0 0 rg 0 0 200 60 re f EMC 0 0 1 rg 0 0 40 60 re f"
    look = _form(pdf, content, layer, BBox=Array([0, 0, 200, 60]), **keys)
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, F=PRINT, Rect=Array([250, 200, 450, 260]), AP=Dictionary(N=look)
    )
    pdf.pages[0].obj.Annots = Array([*pdf.pages[0].obj.get("/Annots", Array()), pdf.make_indirect(note)])


def _hidden_stamp(pdf: Pdf, layer: pikepdf.Object) -> None:
    _stamp(pdf, layer, b"1 0 0 rg 0 0 200 60 re f")
    pdf.pages[0].obj.Annots[0].OC = layer
    _draws(pdf, f"0 0 1 rg {BOX}".encode())


def _pattern(pdf: Pdf, layer: pikepdf.Object) -> None:
    tile = pdf.make_stream(b"0 0 1 rg 0 0 10 20 re f /OC /L BDC 1 0 0 rg 10 0 10 20 re f EMC", Type=Name.Pattern)
    tile.PatternType, tile.PaintType, tile.TilingType = 1, 1, 1
    tile.BBox, tile.XStep, tile.YStep = Array([0, 0, 20, 20]), 20, 20
    tile.Resources = Dictionary(Properties=Dictionary(L=layer))
    pdf.pages[0].obj.Resources.Pattern = Dictionary(P1=tile)
    _draws(pdf, f"/Pattern cs /P1 scn {BOX}".encode())


def _soft_mask(pdf: Pdf, layer: pikepdf.Object) -> None:
    """The layer that is off masks the half of the blue box."""
    white = b"1 g 0 0 600 850 re f /OC /L BDC 0 g 350 200 100 60 re f EMC"
    group = _form(pdf, white, layer, BBox=Array([0, 0, 600, 850]))
    group.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    mask = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=group)
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS=Dictionary(SMask=mask))
    _draws(pdf, f"/GS gs 0 0 1 rg {BOX}".encode())


def _type_3(pdf: Pdf, glyph: bytes, layer: pikepdf.Object) -> None:
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 1000, 1000]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(a=pdf.make_stream(glyph)),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([1000]),
        Resources=Dictionary(Properties=Dictionary(L=layer)),
    )
    pdf.pages[0].obj.Resources.Font.T3 = pdf.make_indirect(font)


def _glyphs(pdf: Pdf, layer: pikepdf.Object) -> None:
    _type_3(pdf, b"1000 0 d0 /OC /L BDC 1 0 0 rg 300 0 700 700 re f EMC 0 0 1 rg 0 0 200 700 re f", layer)
    _draws(pdf, b"BT /T3 60 Tf 250 200 Td (aaa) Tj ET")


def _nested(pdf: Pdf, layer: pikepdf.Object) -> None:
    """A form in the tile of a pattern of a stamp."""
    _pattern(pdf, layer)
    tile = pdf.pages[0].obj.Resources.Pattern.P1
    inner = _form(pdf, tile.read_bytes(), layer, BBox=Array([0, 0, 20, 20]))
    tile.write(b"/Fm Do")
    tile.Resources = Dictionary(XObject=Dictionary(Fm=inner))
    _draws(pdf, b"")
    _stamp(pdf, layer, b"/Pattern cs /P1 scn 0 0 200 60 re f")
    look = pdf.pages[0].obj.Annots[0].AP.N
    look.Resources = Dictionary(Pattern=Dictionary(P1=tile))


PLACES: dict[str, Callable[[Pdf, pikepdf.Object], None]] = {
    "stamp": _stamp,
    "hidden stamp": _hidden_stamp,
    "pattern": _pattern,
    "soft mask": _soft_mask,
    "glyph": _glyphs,
    "nested": _nested,
}


def _by_poppler(data: bytes, folder: Path) -> Picture:
    (folder / "original.pdf").write_bytes(data)
    command = ["pdftoppm", "-r", str(_DPI), "-singlefile", "original.pdf", "original"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return np.asarray(Image.open(folder / "original.ppm"))


def _inks(picture: Picture) -> tuple[int, int]:
    """How many pixels are red and how many blue."""
    red, green, blue = (picture[:, :, place].astype(int) for place in range(3))
    return int(((red > 180) & (green < 90) & (blue < 90)).sum()), int(((blue > 180) & (red < 90)).sum())


@pytest.mark.parametrize("place", PLACES)
def test_what_is_off_does_not_print_wherever_it_stands(tmp_path: Path, place: str) -> None:
    need("pdftoppm")
    pdf, layer = _with_layer()
    PLACES[place](pdf, layer)
    data = saved(pdf)
    red, blue = _inks(rendered(normalised(tmp_path, data), dpi=_DPI))
    right_red, right_blue = _inks(_by_poppler(data, tmp_path))
    assert red == right_red == 0
    assert right_blue > 1500
    assert blue == pytest.approx(right_blue, rel=0.12)  # edges are drawn differently


def test_glyphs_that_are_drawn_in_a_layer(tmp_path: Path) -> None:
    """They are not seen, and text after them stays in its place."""
    pdf, layer = _with_layer()
    _type_3(pdf, b"1000 0 0 0 1000 700 d1 0 0 1000 700 re f", layer)
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=layer)
    _draws(pdf, b"BT /T3 60 Tf 250 200 Td 1 0 0 rg /OC /L BDC (aa) Tj EMC 0 0 1 rg (a) Tj ET")
    data = normalised(tmp_path, saved(pdf))
    for picture in (rendered(data, dpi=_DPI), _by_poppler(data, tmp_path)):
        assert _inks(picture)[0] == 0
        blue = np.argwhere((picture[:, :, 2] > 180) & (picture[:, :, 0] < 90))[:, 1]
        assert (blue.min(), blue.max()) == pytest.approx((370, 430), abs=1.5)


@pytest.mark.parametrize("place", PLACES)
def test_it_is_told(tmp_path: Path, place: str) -> None:
    pdf, layer = _with_layer()
    PLACES[place](pdf, layer)
    add_page(pdf, b"0 g 0 0 9 9 re f")
    path = tmp_path / "source.pdf"
    path.write_bytes(saved(pdf))
    with open_strict(str(path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        normaliser.normalised(source.pages[0].obj, 1)
        assert "layers-settled" in normaliser.take_remarks()
        normaliser.normalised(source.pages[0].obj, 1)
        assert "layers-settled" in normaliser.take_remarks()  # of each letter that it was done to
        normaliser.normalised(source.pages[1].obj, 2)
        assert "layers-settled" not in normaliser.take_remarks()


def test_a_page_of_layers_that_are_on_stays_as_it_is(tmp_path: Path) -> None:
    for place in PLACES:
        pdf, layer = _with_layer()
        PLACES[place](pdf, layer)
        pdf.Root.OCProperties.D = Dictionary()
        assert _inks(rendered(normalised(tmp_path, saved(pdf)), dpi=_DPI))[0] > 1500 or place == "soft mask"


def test_a_pattern_that_cannot_be_read_goes_back(tmp_path: Path) -> None:
    pdf, layer = _with_layer()
    _pattern(pdf, layer)
    pdf.pages[0].obj.Resources.Pattern.P1.write(b"/OC /L BDC (x) Tr EMC")
    pdf.pages.append(pdf.pages[0])
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("pdf-damaged", 1)
    with open_strict(str(tmp_path / "source.pdf")) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        for page in (1, 2):  # the second, too, that draws with it
            with pytest.raises(Rejected):
                normaliser.normalised(source.pages[page - 1].obj, page)
