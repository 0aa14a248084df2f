"""A normalised page holds the original as one form: isolated, shared, the same every time."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.letters.normalise import Normaliser
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from tests.letter_checks import (
    ALIKE,
    FIGURE,
    HIGH,
    LYING,
    PRINT,
    WIDE,
    is_plain,
    layered,
    looks_the_same,
    normalised,
    stamp,
)
from tests.letter_sheets import add_page, difference, figure, one_page, rendered, saved

pytestmark = pytest.mark.integration

LEAKY = [
    b"q q q 3 0 0 3 0 0 cm 1 0 0 rg 1 0 0 RG ",
    b"Q Q 3 0 0 3 50 50 cm 1 0 0 rg ",
    b"0 0 5 5 re W n 1 0 0 rg ",
    b"BT /F1 9 Tf 7 Tr 10 10 Td (x) Tj ",
    b"/GS0 gs 2 J 20 w [9 9] 0 d ",
]


@pytest.mark.parametrize("content", LEAKY)
def test_graphics_state_does_not_leak(tmp_path: Path, content: bytes) -> None:
    pdf = one_page(content)
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS0=Dictionary(ca=0.1, CA=0.1, BM=Name.Multiply))
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(pdf)))) as made:
        made.pages[0].contents_add(b"0 0 1 rg 300 400 100 100 re f", prepend=False)
        picture = rendered(saved(made), dpi=72)
    square = picture[842 - 500 + 2 : 842 - 400 - 2, 302:398]
    assert (square == (0, 0, 255)).all()


def test_inherited_resources_and_boxes(tmp_path: Path) -> None:
    pdf = one_page(FIGURE)
    page, node = pdf.pages[0].obj, pdf.Root.Pages
    for key in ("/Resources", "/MediaBox"):
        node[key] = page[key]
        del page[key]
    node.Rotate = 180
    looks_the_same(tmp_path, saved(pdf))


def test_content_in_parts_is_one(tmp_path: Path) -> None:
    pdf = one_page(b"")
    cut = FIGURE.index(b"0 0 1 rg")
    parts = [pdf.make_stream(FIGURE[:cut]), pdf.make_stream(zlib.compress(FIGURE[cut:]), Filter=Name.FlateDecode)]
    pdf.pages[0].obj.Contents = Array(parts)
    assert difference(rendered(saved(one_page(FIGURE))), rendered(normalised(tmp_path, saved(pdf)))) < ALIKE


@pytest.mark.parametrize("contents", [None, Array()])
def test_no_content_is_an_empty_page(tmp_path: Path, contents: object) -> None:
    pdf = one_page(b"")
    if contents is None:
        del pdf.pages[0].obj.Contents
    else:
        pdf.pages[0].obj.Contents = contents
    made = normalised(tmp_path, saved(pdf))
    is_plain(made)
    assert (rendered(made) == 255).all()


def test_transparency_looks_the_same(tmp_path: Path) -> None:
    content = b"0 1 0 rg 100 400 300 300 re f /GS0 gs 1 0 0 rg 200 500 300 300 re f"
    for group in (None, Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=False)):
        pdf = one_page(content)
        pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS0=Dictionary(BM=Name.Multiply, ca=0.5))
        if group is not None:
            pdf.pages[0].obj.Group = group
        data = saved(pdf)
        made = normalised(tmp_path, data)
        assert difference(rendered(data), rendered(made)) < ALIKE
        with Pdf.open(io.BytesIO(made)) as out:
            form = out.pages[0].obj.Resources.XObject.Letter
            assert ("/Group" in form) == (group is not None)
            assert group is None or form.Group.I is True


def test_forms_without_resources_use_the_pages(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    page = pdf.pages[0].obj
    page.Resources.XObject = Dictionary(
        Fm=pdf.make_stream(FIGURE, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
    )
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(pdf)))) as made:
        inner = made.pages[0].obj.Resources.XObject.Letter.Resources.XObject.Fm
        assert list(inner.Resources.Font.keys()) == ["/F1"]


def _letters_with_a_logo(pages: int) -> bytes:
    pdf = Pdf.new()
    pixels = bytes(range(256)) * 40
    logo = pdf.make_stream(
        pixels, Type=Name.XObject, Subtype=Name.Image, Width=64, Height=160, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
    )  # fmt: skip
    for number in range(pages):
        page = add_page(pdf, b"q 64 0 0 160 100 600 cm /Logo Do Q BT /F1 9 Tf 9 9 Td (%d) Tj ET" % number)
        page.obj.Resources.XObject = Dictionary(Logo=logo)
        page.obj.Resources.Font.F1 = pdf.pages[0].obj.Resources.Font.F1
    return saved(pdf)


def test_shared_pictures_and_fonts_stay_shared(tmp_path: Path) -> None:
    made = normalised(tmp_path, _letters_with_a_logo(20), range(1, 21))
    with Pdf.open(io.BytesIO(made)) as out:
        kinds = [
            o.get("/Subtype", o.get("/Type")) for o in out.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream)
        ]
    assert kinds.count(Name.Image) == 1
    assert kinds.count(Name.Type1) == 1
    assert kinds.count(Name.Form) == 20


def test_same_pages_same_bytes(tmp_path: Path) -> None:
    data = _letters_with_a_logo(5)
    assert normalised(tmp_path, data, range(2, 5)) == normalised(tmp_path, data, range(2, 5))


def test_pages_are_the_ones_asked_for(tmp_path: Path) -> None:
    data = _letters_with_a_logo(9)
    path = tmp_path / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source:
        for first in range(1, 10):
            for last in range(first, 10):
                found = [page.Contents.read_bytes() for page in pages_between(source, first, last)]
                assert [int(re.findall(rb"\((\d+)\)", c)[0]) + 1 for c in found] == list(range(first, last + 1))


def test_pages_of_a_deep_tree_are_the_ones_asked_for(tmp_path: Path) -> None:
    pdf = Pdf.new()
    counts = iter(range(100))

    def node(depth: int, width: int) -> pikepdf.Object:
        kids = []
        for index in range(width):
            if depth and index % 2 == 0:
                kids.append(node(depth - 1, width))
            else:
                content = pdf.make_stream(b"%d" % next(counts))
                kids.append(pdf.make_indirect(Dictionary(Type=Name.Page, Contents=content)))
        total = sum(int(kid.get("/Count", 1)) for kid in kids)
        made = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array(kids), Count=total))
        for kid in kids:
            kid.Parent = made
        return made

    pdf.Root.Pages = node(3, 3)
    total = int(pdf.Root.Pages.Count)
    path = tmp_path / "deep.pdf"
    pdf.save(path)
    with open_strict(str(path)) as source:
        for first in range(1, total + 1):
            for last in range(first, total + 2):
                found = [int(page.Contents.read_bytes()) + 1 for page in pages_between(source, first, last)]
                assert found == list(range(first, min(last, total) + 1))


def test_what_was_done_is_told(tmp_path: Path) -> None:
    pdf = layered(OFF=lambda one, two: Array([two]))
    stamp(pdf, PRINT)
    add_page(pdf, figure(*LYING), (0, 0, *LYING))
    path = tmp_path / "source.pdf"
    pdf.save(path)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        first, second = pages_between(source, 1, 2)
        normaliser.normalised(first, 1)
        assert normaliser.take_remarks() == ("annotations-flattened", "layers-settled")
        normaliser.normalised(second, 2)
        assert normaliser.take_remarks() == ("landscape-turned",)
        assert normaliser.take_remarks() == ()
