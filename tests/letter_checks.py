"""Looks at normalised pages that several tests share, and pages with annotations and layers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.letters.normalise import Normaliser, normalise_pages
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected
from tests.letter_sheets import A4_PT, Picture, difference, figure, one_page, rendered, saved

WIDE, HIGH = A4_PT
UPRIGHT, LYING = (WIDE, HIGH), (HIGH, WIDE)
FIGURE = figure(WIDE, HIGH)
# The share of pixels that may differ: edges fall on other pixels.
ALIKE = 0.002
PRINT, HIDDEN, NO_VIEW = 4, 2, 32


def normalised(folder: Path, data: bytes, pages: range = range(1, 2)) -> bytes:
    """What the pages of a file become."""
    path = folder / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normalise_pages(source, pages, out)
        return saved(out)


def refusal(folder: Path, data: bytes, pages: range = range(1, 2)) -> Rejected:
    with pytest.raises(Rejected) as caught:
        normalised(folder, data, pages)
    return caught.value


def remarks_of(folder: Path, data: bytes) -> tuple[str, ...]:
    """What is said of the first page of a file."""
    path = folder / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        normaliser.normalised(source.pages[0].obj, 1)
        return normaliser.take_remarks()


def is_plain(data: bytes) -> None:
    """The page is A4 at zero, not turned, with one form drawn by one matrix and nothing else on it."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            assert set(page.obj.keys()) == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
            assert [float(v) for v in page.obj.MediaBox] == [0, 0, 595.276, 841.89]
            assert list(page.obj.Resources.keys()) == ["/XObject"]
            assert list(page.obj.Resources.XObject.keys()) == ["/Letter"]
            number = rb"-?\d+(?:\.\d+)?"
            assert re.fullmatch(rb"q (?:" + number + rb" ){6}cm /Letter Do Q\n", page.obj.Contents.read_bytes())


def looks_the_same(folder: Path, data: bytes, *, turned: bool = False) -> Picture:
    made = normalised(folder, data)
    is_plain(made)
    before, after = rendered(data), rendered(made)
    assert difference(np.rot90(before) if turned else before, after) < ALIKE
    assert difference(np.rot90(before, 2) if not turned else np.rot90(before, 3), after) > ALIKE
    return after


def stamp(pdf: Pdf, flags: int, colour: bytes = b"1 0 0 rg", subtype: str = "/Stamp", **keys: object) -> None:
    """An annotation whose appearance fills (100, 600) to (300, 700) although its own box is half that size."""
    look = pdf.make_stream(colour + b" 0 0 100 50 re f", Subtype=Name.Form, BBox=Array([0, 0, 100, 50]))
    annotation = Dictionary(
        Type=Name.Annot, Subtype=Name(subtype), Rect=Array([100, 600, 300, 700]), F=flags, AP=Dictionary(N=look), **keys
    )
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get("/Annots", Array()), pdf.make_indirect(annotation)])


def colour(data: bytes, x: float = 200, y: float = 650) -> tuple[int, ...]:
    return tuple(int(v) for v in rendered(data, dpi=72)[round(HIGH - y), round(x)])


def layered(**config: Callable[[pikepdf.Object, pikepdf.Object], object]) -> Pdf:
    """Red is drawn in layer one, blue in layer two beside it, green in a form of layer two."""
    content = (
        b"/OC /One BDC 1 0 0 rg 100 600 100 100 re f EMC "
        b"/OC /Two BDC q 0 0 1 rg 200 600 100 100 re f BT /F1 20 Tf 200 500 Td (unsichtbar) Tj EMC (da) Tj ET "
        b"/OC /Two BDC Q EMC /Fm Do 0 g 400 600 50 100 re f"
    )
    pdf = one_page(content)
    one, two = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String(n))) for n in ("Eins", "Zwei"))
    resources = pdf.pages[0].obj.Resources
    resources.Properties = Dictionary(One=one, Two=two)
    look = b"0 1 0 rg 300 600 100 100 re f"
    resources.XObject = Dictionary(
        Fm=pdf.make_stream(look, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]), OC=two)
    )
    default = Dictionary({f"/{key}": make(one, two) for key, make in config.items()})
    pdf.Root.OCProperties = Dictionary(OCGs=Array([one, two]), D=default)
    return pdf


def shown_layers(data: bytes) -> tuple[bool, bool, bool]:
    white = (255, 255, 255)
    assert colour(data, 425, 650) == (0, 0, 0)  # what belongs to no layer
    return tuple(colour(data, x, 650) != white for x in (150, 250, 350))  # type: ignore[return-value]
