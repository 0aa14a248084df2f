"""Pages of a long print stream are read from an excerpt: the same bytes come out, what is odd is read as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from pipeline.adapters.letters import excerpt
from pipeline.adapters.letters.normalise import normalise_pages, save_slice
from pipeline.adapters.letters.source_pdf import open_strict
from samples.stacks import big_stack

pytestmark = pytest.mark.integration

LETTERS = 70  # more than one node of the page tree


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stack") / "stack.pdf"
    big_stack(path, LETTERS, 1)
    return path


def _normalised(pdf: pikepdf.Pdf, first: int, last: int, out_pdf: Path) -> bytes:
    with pikepdf.Pdf.new() as out:
        normalise_pages(pdf, range(first, last + 1), out)
        save_slice(out, str(out_pdf))
    return out_pdf.read_bytes()


@pytest.mark.parametrize(("first", "last"), [(1, 2), (31, 100), (1, 140)])
def test_an_excerpt_gives_the_same_slice_byte_for_byte(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, last: int
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    with open_strict(str(stack)) as pdf:
        wanted = _normalised(pdf, first, last, tmp_path / "whole.pdf")
    scratch = tmp_path / "excerpt.pdf"
    with excerpt.opened_between(str(stack), first, last, str(scratch)) as (pdf, _, before):
        assert before == first - 1
        assert scratch.exists()
        assert len(pdf.pages) == last - first + 1
        assert _normalised(pdf, 1, last - before, tmp_path / "part.pdf") == wanted
    assert not scratch.exists()


def test_a_short_stream_is_read_as_it_is(stack: Path, tmp_path: Path) -> None:
    with excerpt.opened_between(str(stack), 3, 4, str(tmp_path / "excerpt.pdf")) as (pdf, _, before):
        assert before == 0
        assert len(pdf.pages) == 2 * LETTERS


def _look(pdf: pikepdf.Pdf, content: bytes) -> pikepdf.Object:
    look = pdf.make_stream(content)
    look.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 100, 20])})
    return look


def _with_fields(pdf: pikepdf.Pdf) -> None:
    """One field shown on all pages, by widgets that know each other, their pages and what happens on a click."""
    face = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    above = pdf.make_indirect(Dictionary(DA=String("/Helv 10 Tf 0 g"), Kids=Array()))
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("Az"), V=String("51.2040"), Parent=above, Kids=Array()))
    above.Kids.append(field)
    click = Dictionary(S=Name.GoTo, D=Array([pdf.pages[90].obj, Name.Fit]))
    for n, page in enumerate(pdf.pages):
        widget = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, F=4, Rect=Array([300, 600 + n % 7, 400, 620]), Parent=field,
            P=page.obj, A=click, AA=Dictionary(E=click),
        )  # fmt: skip
        field.Kids.append(pdf.make_indirect(widget))
        page.obj.Annots = Array([field.Kids[-1]])
    form = Dictionary(Fields=Array([above]), NeedAppearances=True, DR=Dictionary(Font=Dictionary(Helv=face)))
    pdf.Root.AcroForm = pdf.make_indirect(form)


def _with_layers(pdf: pikepdf.Pdf) -> None:
    """A draft's mark on every page, in a layer that does not print, and a stamp in it."""
    draft = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Entwurf")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([draft]), D=Dictionary(OFF=Array([draft])))
    for page in pdf.pages:
        page.obj.Resources.Properties = Dictionary(Draft=draft)
        mark = pdf.make_stream(b"/OC /Draft BDC 200 300 100 100 re f EMC\n")
        page.obj.Contents = Array([page.obj.Contents, mark])
        stamp = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=Array([300, 500, 400, 520]), OC=draft,
            AP=Dictionary(N=_look(pdf, b"0 0 50 10 re f")),
        )  # fmt: skip
        page.obj.Annots = Array([pdf.make_indirect(stamp)])


def _with_annotations(pdf: pikepdf.Pdf) -> None:
    """Links to other pages, comments that answer each other, with windows of their own, a stamp written in place."""
    for page in pdf.pages:
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, F=4, Rect=Array([0, 0, 9, 9]), Dest=Array([pdf.pages[90].obj, Name.Fit])
        )
        stamp = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=Array([300, 500, 400, 520]), P=page.obj,
            AP=Dictionary(N=_look(pdf, b"0 0 50 10 re f")), CA=0.5,
        )  # fmt: skip
        note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, F=0, Rect=Array([0, 0, 9, 9])))
        answer = Dictionary(Type=Name.Annot, Subtype=Name.Text, F=4, Rect=Array([0, 0, 9, 9]), IRT=note, P=page.obj)
        popup = Dictionary(Type=Name.Annot, Subtype=Name.Popup, Parent=note, P=page.obj, Open=True)
        note.Popup = pdf.make_indirect(popup)
        others = [pdf.make_indirect(each) for each in (link, answer)]
        page.obj.Annots = pdf.make_indirect(Array([stamp, note, note.Popup, *others]))


def _with_all(pdf: pikepdf.Pdf) -> None:
    listed: list[list[pikepdf.Object]] = [[] for _ in pdf.pages]
    for add in (_with_fields, _with_layers, _with_annotations):
        add(pdf)
        for own, page in zip(listed, pdf.pages, strict=True):
            own += list(page.obj.Annots)
    for own, page in zip(listed, pdf.pages, strict=True):
        page.obj.Annots = Array(own)


@pytest.mark.parametrize("carry", [_with_fields, _with_layers, _with_annotations, _with_all])
def test_fields_layers_and_annotations_come_along(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carry: Callable[[pikepdf.Pdf], None]
) -> None:
    """The slice is the same byte for byte, and the excerpt holds nothing of other pages."""
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    odd = tmp_path / "odd.pdf"
    with pikepdf.open(stack) as pdf:
        carry(pdf)
        pdf.save(odd)
    with open_strict(str(odd)) as pdf:
        wanted = _normalised(pdf, 31, 40, tmp_path / "whole.pdf")
    with excerpt.opened_between(str(odd), 31, 40, str(tmp_path / "excerpt.pdf")) as (pdf, _, before):
        assert before == 30
        kinds = [each.get("/Type") for each in pdf.objects if isinstance(each, Dictionary)]
        assert kinds.count(Name.Page) == 10
        assert kinds.count(Name.Annot) <= 4 * 10
        assert _normalised(pdf, 1, 10, tmp_path / "part.pdf") == wanted


def _with_page_in_its_resources(pdf: pikepdf.Pdf) -> None:
    pdf.pages[3].Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(Other=pdf.pages[90].obj))


def _with_the_same_page_twice(pdf: pikepdf.Pdf) -> None:
    node = pdf.pages[3].obj.Parent
    node.Kids[4] = node.Kids[3]


@pytest.mark.parametrize(
    "spoil",
    [_with_page_in_its_resources, _with_the_same_page_twice],
)
def test_pages_that_hang_together_with_more_are_read_as_they_are(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    odd = tmp_path / "odd.pdf"
    with pikepdf.open(stack, inherit_page_attributes=False) as pdf:
        spoil(pdf)  # type: ignore[operator]
        pdf.save(odd)
    with excerpt.opened_between(str(odd), 3, 6, str(tmp_path / "excerpt.pdf")) as (pdf, _, before):
        assert before == 0
        assert len(pdf.pages) == 2 * LETTERS


def test_a_damaged_object_is_left_to_those_who_read_page_by_page(
    stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excerpt, "_LONG_OBJECTS", 1)
    with pikepdf.open(stack, inherit_page_attributes=False) as pdf:
        number = pdf.Root.Pages.Kids[0].Kids[3].Contents.objgen[0]
    spoilt = tmp_path / "spoilt.pdf"
    data = stack.read_bytes()
    start = data.index(b"\n%d 0 obj" % number) + 1
    spoilt.write_bytes(data[:start] + data[start:].replace(b"/Length ", b"/Lengt< ", 1))
    with excerpt.opened_between(str(spoilt), 3, 6, str(tmp_path / "excerpt.pdf")) as (_pdf, _, before):
        assert before == 0
