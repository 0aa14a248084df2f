"""The proof by objects that a page is its source's page with nothing but invisible text: what it takes and what not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.same_pages import proven_same
from pipeline.adapters.incoming.scan_source import inspect_scan
from tests.incoming_sheets import RULES, encoded, sheet, speckled
from tests.typed_sheets import Typed, page_of

pytestmark = pytest.mark.integration

Change = Callable[[pikepdf.Pdf, pikepdf.Page], None]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two pages as a scanner writes them: a picture, and the operators that show it."""
    path = tmp_path / "scan.pdf"
    with pikepdf.new() as pdf:
        for width, height in ((1748, 1240), (1240, 1748)):
            page = pdf.add_blank_page(page_size=(width * 72 / 300, height * 72 / 300))
            picture = pdf.make_stream(
                encoded(sheet(width=width, height=height), "JPEG"),
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=width,
                Height=height,
                BitsPerComponent=8,
                ColorSpace=Name.DeviceGray,
                Filter=Name.DCTDecode,
            )
            page.obj.Resources = Dictionary(XObject=Dictionary(Im0=picture))
            side = page.mediabox
            page.obj.Contents = pdf.make_stream(f"q {side[2]} 0 0 {side[3]} 0 0 cm /Im0 Do Q".encode())
        pdf.save(path)
    return path


def _archived(source: Path) -> Path:
    facts = inspect_scan(str(source), RULES)
    pages = [page_of(Typed(words=80), number) for number in range(1, facts.pages + 1)]
    target = source.with_name("document.pdf")
    build_archive_pdf(str(source), facts, pages, str(target))
    return target


def _changed(pdf: Path, change: Change) -> Path:
    target = pdf.with_name("changed.pdf")
    with pikepdf.open(pdf) as document:
        change(document, document.pages[0])
        document.save(target)
    return target


def test_what_we_write_is_proven(source: Path) -> None:
    made = _archived(source)
    assert proven_same(str(made), str(source), [1, 2]) == [1, 2]


def test_a_page_that_changes_the_graphics_state_is_proven_between_save_and_restore(source: Path) -> None:
    def opened(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        page.obj.Contents = pdf.make_stream(b".9 0 0 .9 0 0 cm " + page.obj.Contents.read_bytes())

    open_source = _changed(source, opened).rename(source.with_name("open.pdf"))
    made = _archived(open_source)
    assert proven_same(str(made), str(open_source), [1, 2]) == [1, 2]
    assert proven_same(str(made), str(source), [1, 2]) == [2]


def test_another_order_of_pages_is_not_proven(source: Path) -> None:
    assert proven_same(str(_archived(source)), str(source), [2, 1]) == []


def _layer(change: Callable[[bytes], bytes]) -> Change:
    def apply(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        own, text, layer = page.obj.Contents.read_bytes().partition(b" BT 3 Tr")
        page.obj.Contents = pdf.make_stream(own + change(text + layer))

    return apply


def _other_picture(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    picture = next(iter(page.obj.Resources.XObject.values()))
    picture.write(encoded(speckled(1748, 1240), "JPEG"), filter=Name.DCTDecode)


def _inverted(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    picture = next(iter(page.obj.Resources.XObject.values()))
    picture.Decode = Array([1, 0])


def _moved(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.MediaBox = Array([10, *list(page.obj.MediaBox)[1:]])


def _drawn_over(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = Array([page.obj.Contents, pdf.make_stream(b"0 0 100 100 re f")])


def _under(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = Array([pdf.make_stream(b".5 0 0 .5 0 0 cm"), page.obj.Contents])


def _annotated(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([0, 0, 50, 50]))
    page.obj.Annots = Array([pdf.make_indirect(note)])


def _hidden_by_a_layer(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    next(iter(page.obj.Resources.XObject.values())).OC = Dictionary(Type=Name.OCG, Name="Ebene")


def _with_a_state(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources.ExtGState = Dictionary(G0=Dictionary(ca=0.5))


CHANGES: dict[str, Change] = {
    "text that is shown": _layer(lambda layer: layer.replace(b"3 Tr", b"0 Tr")),
    "text that is shown later on": _layer(lambda layer: layer.replace(b" ET", b" 0 Tr (x)Tj ET")),
    "a shape inside the text": _layer(lambda layer: layer.replace(b" ET", b" ET 0 0 9 9 re f")),
    "a shape in front of it": _layer(lambda layer: b"0 0 9 9 re f" + layer),
    "text in a font of the page": _layer(lambda layer: layer.replace(b" ET", b" /F1 9 Tf (x)Tj ET")),
    "another restore": _layer(lambda layer: b" Q" + layer),
    "another picture": _other_picture,
    "an inverted picture": _inverted,
    "another box": _moved,
    "a shape behind the text": _drawn_over,
    "a scale before the page": _under,
    "an annotation": _annotated,
    "a picture in a layer": _hidden_by_a_layer,
    "a graphics state": _with_a_state,
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_might_be_seen_is_not_proven(source: Path, change: str) -> None:
    assert proven_same(str(_changed(_archived(source), CHANGES[change])), str(source), [1, 2]) == [2]


def test_a_form_that_may_show_layers_is_not_proven(source: Path) -> None:
    """The objects are the same; what is shown of them, the catalog says."""

    def layered(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Ebene"))
        resources = Dictionary(Properties=Dictionary(MC0=group))
        form = pdf.make_stream(
            b"/OC /MC0 BDC 0 0 100 100 re f EMC", Type=Name.XObject, Subtype=Name.Form, Resources=resources
        )
        form.BBox = Array([0, 0, 200, 200])
        page.obj.Resources.XObject.Fm0 = form
        page.obj.Contents = pdf.make_stream(page.obj.Contents.read_bytes() + b" q /Fm0 Do Q")

    source = _changed(source, layered).rename(source.with_name("layered.pdf"))
    assert proven_same(str(_archived(source)), str(source), [1, 2]) == [2]
