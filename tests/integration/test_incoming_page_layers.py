"""Layers that a PDF shows or hides by its catalog: what was hidden stays hidden in the archive PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.scan_source import inspect_scan
from tests import kind_files as files
from tests import kind_pages as pages
from tests.incoming_sheets import RULES
from tests.needs import need
from tests.package_requests import recognised_request
from tests.typed_sheets import Typed, page_of

pytestmark = pytest.mark.integration

need("tesseract")

Put = Callable[[pikepdf.Pdf, pikepdf.Object, pikepdf.Object, pikepdf.Object, bytes], None]
"""Puts a picture into a page as part of a group: file, page, picture, group, operators that draw it as /Hid."""


def _on_the_page(
    pdf: pikepdf.Pdf, page: pikepdf.Object, picture: pikepdf.Object, group: pikepdf.Object, draw: bytes
) -> None:
    page.Resources.XObject.Hid = picture
    page.Resources.Properties = Dictionary(MC0=group)
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n/OC /MC0 BDC " + draw + b" EMC")


def _as_a_picture(
    pdf: pikepdf.Pdf, page: pikepdf.Object, picture: pikepdf.Object, group: pikepdf.Object, draw: bytes
) -> None:
    picture.OC = group
    page.Resources.XObject.Hid = picture
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n" + draw)


def _in_a_form(
    pdf: pikepdf.Pdf, page: pikepdf.Object, picture: pikepdf.Object, group: pikepdf.Object, draw: bytes
) -> None:
    form = pdf.make_stream(
        b"/OC /MC0 BDC " + draw + b" EMC",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=page.MediaBox,
        Resources=Dictionary(XObject=Dictionary(Hid=picture), Properties=Dictionary(MC0=group)),
    )
    page.Resources.XObject.Fm0 = form
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\nq /Fm0 Do Q")


PUT: dict[str, Put] = {"page": _on_the_page, "picture": _as_a_picture, "form": _in_a_form}


def _layered(folder: Path, put: Put, *, hidden: bool = True) -> Path:
    """Two pages; the first has another picture in a group that is switched off."""
    sheet = files.whole(files.jpeg(pages.printed(pages.letter())), 200)
    plain = files.write_pdf(folder / "plain.pdf", sheet, sheet)
    other = files.jpeg(pages.printed(pages.letter(("GEHEIM verborgene Ebene", "nur für den Drucker"))))
    with pikepdf.open(plain) as pdf:
        page = pdf.pages[0].obj
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Ebene"))
        off = Array([group]) if hidden else Array()
        pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=off, Order=Array([group])))
        entries = dict(other.entries) | {"Width": other.size[0], "Height": other.size[1]}
        picture = pdf.make_indirect(pdf.make_stream(other.data, Type=Name.XObject, Subtype=Name.Image, **entries))
        width, height = (float(side) for side in list(page.MediaBox)[2:])
        put(pdf, page, picture, group, f"q {width} 0 0 {height} 0 0 cm /Hid Do Q".encode())
        pdf.save(folder / "layered.pdf", deterministic_id=True)
    return folder / "layered.pdf"


def _shown(pdf: Path, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[page].render(scale=1.5, grayscale=True).to_pil()
        return image
    finally:
        document.close()


@pytest.mark.parametrize("where", PUT)
def test_a_layer_that_was_switched_off_stays_hidden(tmp_path: Path, where: str) -> None:
    source = _layered(tmp_path, PUT[where])
    result = build_package(recognised_request(source, tmp_path), str(tmp_path))
    assert (result.review, result.pdfa) == (("pdfa-not-reached",), None)
    assert "Ebenen" in result.detail
    made = tmp_path / "document.pdf"
    assert ImageChops.difference(_shown(source), _shown(made)).getbbox() is None
    with pikepdf.open(made) as pdf:
        (group,) = pdf.Root.OCProperties.OCGs
        assert list(pdf.Root.OCProperties.D.OFF) == [group]
        assert sum(item.get("/Type") == "/OCG" for item in pdf.objects if isinstance(item, pikepdf.Dictionary)) == 1


def test_a_layer_that_was_shown_stays_shown(tmp_path: Path) -> None:
    """The two examples differ, so it is not for want of a difference that hidden ones look alike."""
    (tmp_path / "hidden").mkdir()
    shown, hidden = _layered(tmp_path, _in_a_form, hidden=False), _layered(tmp_path / "hidden", _in_a_form)
    build_package(recognised_request(shown, tmp_path), str(tmp_path))
    assert ImageChops.difference(_shown(shown), _shown(tmp_path / "document.pdf")).getbbox() is None
    assert ImageChops.difference(_shown(shown), _shown(hidden)).getbbox() is not None


def test_pages_without_layers_are_archived_without_them(tmp_path: Path) -> None:
    source = _layered(tmp_path, _in_a_form)
    made = tmp_path / "second.pdf"
    facts = inspect_scan(str(source), RULES)
    told = build_archive_pdf(str(source), facts, [page_of(Typed(words=5), 2)], str(made))
    assert told.level == "2b"
    with pikepdf.open(made) as pdf:
        assert "/OCProperties" not in pdf.Root


def test_layers_are_written_the_same_each_time(tmp_path: Path) -> None:
    source = _layered(tmp_path, _on_the_page)
    facts = inspect_scan(str(source), RULES)
    for name in ("one.pdf", "two.pdf"):
        build_archive_pdf(str(source), facts, [page_of(Typed(words=5), 1)], str(tmp_path / name))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
