"""What a page draws with is whole, or the page goes back."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

from pipeline.adapters.letters.normalise import Normaliser
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected
from tests.letter_checks import (
    FIGURE,
    HIGH,
    WIDE,
    looks_the_same,
    normalised,
    refusal,
)
from tests.letter_sheets import add_page, one_page, saved

pytestmark = pytest.mark.integration


def _raw_content(packed: bytes) -> bytes:
    pdf = one_page(FIGURE)
    pdf.pages[0].obj.Contents = pdf.make_stream(packed, Filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9, 0.97])
def test_content_that_stops_early(tmp_path: Path, share: float) -> None:
    packed = zlib.compress(FIGURE * 5)
    data = _raw_content(packed[: int(len(packed) * share)])
    pdf_page = refusal(tmp_path, data)
    assert (pdf_page.code, pdf_page.page) == ("pdf-damaged", 1)


def test_content_with_a_hole(tmp_path: Path) -> None:
    packed = zlib.compress(FIGURE * 5)
    hole = packed[:60] + b"\0" * 40 + packed[100:]
    assert refusal(tmp_path, _raw_content(hole)).code == "pdf-damaged"


def test_content_that_lacks_only_its_checksum(tmp_path: Path) -> None:
    looks_the_same(tmp_path, _raw_content(zlib.compress(FIGURE)[:-4]))


def test_forms_that_draw_forms(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    below = None
    for _ in range(8):
        look = b"/Fm Do " * 10 if below is not None else b"0 0 9 9 re f"
        form = pdf.make_stream(look, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
        form.Resources = Dictionary(XObject=Dictionary(Fm=below)) if below is not None else Dictionary()
        below = form
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=below)
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("content-bomb", 1)


def test_forms_that_draw_themselves(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    form = pdf.make_stream(b"/Fm Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
    form.Resources = Dictionary(XObject=Dictionary(Fm=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)
    assert refusal(tmp_path, saved(pdf)).code == "content-bomb"


def _drawing_with(kind: str, packed: bytes) -> bytes:
    """Two pages that share a packed picture, form or font, and a third that does not."""
    pdf = one_page(b"/X Do BT /F2 9 Tf (x) Tj ET")
    add_page(pdf, b"/#58 Do BT /F#32 9 Tf (x) Tj ET")
    add_page(pdf, FIGURE)
    keep = {"Filter": Name.FlateDecode}
    if kind == "font":
        file = pdf.make_stream(packed, **keep)
        descriptor = pdf.make_indirect(Dictionary(Type=Name.FontDescriptor, FontName=Name.X, FontFile2=file))
        font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.X, FontDescriptor=descriptor)
        for page in pdf.pages[:2]:
            page.obj.Resources.Font.F2 = pdf.make_indirect(font)
    else:
        picture = {"Subtype": Name.Image, "Width": 100, "Height": 100, "BitsPerComponent": 8}
        form = {"Subtype": Name.Form, "BBox": Array([0, 0, WIDE, HIGH])}
        drawn = pdf.make_stream(packed, **keep, Type=Name.XObject, **(form if kind == "form" else picture))
        if kind != "form":
            drawn.ColorSpace = Name.DeviceGray
        if kind == "mask":
            shown = pdf.make_stream(zlib.compress(bytes(10_000)), **keep, Type=Name.XObject, **picture)
            shown.ColorSpace, shown.SMask = Name.DeviceGray, drawn
            drawn = shown
        for page in pdf.pages[:2]:
            page.obj.Resources.XObject = Dictionary(X=drawn)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@pytest.mark.parametrize("kind", ["picture", "mask", "form", "font"])
def test_what_a_page_draws_with_is_whole(tmp_path: Path, kind: str) -> None:
    data = (
        b"0 0 1 rg 10 10 5 5 re f %" + bytes(n * 7919 % 256 for n in range(9_975)) if kind == "form" else bytes(10_000)
    )
    packed = zlib.compress(data)
    normalised(tmp_path, _drawing_with(kind, packed), range(1, 4))
    normalised(tmp_path, _drawing_with(kind, packed[:-4]), range(1, 4))
    cut = _drawing_with(kind, packed[: len(packed) // 2])
    for page in (1, 2):
        error = refusal(tmp_path, cut, range(page, page + 1))
        assert (error.code, error.page) == ("pdf-damaged", page)
    normalised(tmp_path, cut, range(3, 4))


def test_what_a_page_does_not_draw_with_is_not_its_business(tmp_path: Path) -> None:
    with Pdf.open(io.BytesIO(_drawing_with("picture", zlib.compress(bytes(10_000))[:9]))) as pdf:
        pdf.pages[2].obj.Resources = pdf.make_indirect(pdf.pages[0].obj.Resources)
        pdf.pages[0].obj.Resources = pdf.pages[2].obj.Resources
        data = saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert refusal(tmp_path, data).code == "pdf-damaged"
    normalised(tmp_path, data, range(3, 4))


def test_a_shared_picture_that_is_cut_sends_back_every_page(tmp_path: Path) -> None:
    path = tmp_path / "source.pdf"
    path.write_bytes(_drawing_with("picture", zlib.compress(bytes(10_000))[:9]))
    with open_strict(str(path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        for number, page in enumerate(pages_between(source, 1, 2), 1):
            with pytest.raises(Rejected):
                normaliser.normalised(page, number)


def test_a_jpeg_that_is_cut(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.radial_gradient("L").save(buffer, "JPEG")
    for data, whole in (
        (buffer.getvalue(), True),
        (buffer.getvalue() + b"\n", True),
        (buffer.getvalue()[:2000], False),
    ):
        pdf = one_page(b"q 100 0 0 100 100 100 cm /X Do Q")
        pdf.pages[0].obj.Resources.XObject = Dictionary(
            X=pdf.make_stream(
                data, Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode, Width=256, Height=256,
                ColorSpace=Name.DeviceGray, BitsPerComponent=8,
            )
        )  # fmt: skip
        if whole:
            looks_the_same(tmp_path, saved(pdf))
        else:
            assert refusal(tmp_path, saved(pdf)).code == "pdf-damaged"
