"""Invisible text of others in forms of a page: it goes, whatever is seen stays, and readers find our words alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import ImageChops

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage
from tests import kind_files as files
from tests.incoming_sheets import RULES
from tests.typed_sheets import Typed, drawn, page_of

pytestmark = pytest.mark.integration

TYPED = Typed(words=60)
REMARK = "page 1: foreign text layer replaced"

Draw = Callable[[pikepdf.Pdf, pikepdf.Object], None]


def _font(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    return Dictionary(F0=pdf.make_indirect(font))


def _form(pdf: pikepdf.Pdf, operators: bytes, **resources: object) -> pikepdf.Object:
    """A form as large as a page; without `resources` it has none of its own."""
    form = pdf.make_stream(operators, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 700, 900]))
    if resources:
        form.Resources = Dictionary(**resources)
    return pdf.make_indirect(form)


def _words(text: str, mode: int | None = 3, y: int = 40) -> bytes:
    return b"BT %s /F0 11 Tf 34 %d Td (%s) Tj ET" % (b"%d Tr" % mode if mode is not None else b"", y, text.encode())


def _put(pdf: pikepdf.Pdf, page: pikepdf.Object, form: pikepdf.Object, before: bytes = b"") -> None:
    page.Resources.XObject.Fm0 = form
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\nq " + before + b" /Fm0 Do Q")


def _source(path: Path, *draws: Draw) -> Path:
    """A page for each, as large as its picture of type."""
    picture = files.jpeg(drawn(TYPED)[0].convert("L"))
    plain = files.write_pdf(path.with_name("plain.pdf"), *[files.whole(picture, TYPED.dpi[0])] * len(draws))
    with pikepdf.open(plain) as pdf:
        for page, draw in zip(pdf.pages, draws, strict=True):
            draw(pdf, page.obj)
        pdf.save(path, deterministic_id=True)
    return path


def _archived(source: Path) -> tuple[Path, list[RecognisedPage], ArchivePdfFacts]:
    facts = inspect_scan(str(source), RULES)
    pages = [page_of(TYPED, number) for number in range(1, facts.pages + 1)]
    target = source.with_name("document.pdf")
    return target, pages, build_archive_pdf(str(source), facts, pages, str(target))


def _read(pdf: Path, page: int = 0) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        words: list[str] = document[page].get_textpage().get_text_range().split()
        return words
    finally:
        document.close()


def _plain(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    _put(pdf, page, _form(pdf, _words("Fremdtext"), Font=_font(pdf)))


def _nested(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    inner = _form(pdf, _words("Fremdtext"), Font=_font(pdf))
    _put(pdf, page, _form(pdf, b"q /In Do Q 0 0 1 1 re f", XObject=Dictionary(In=inner)))


def _mode_from_the_page(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    _put(pdf, page, _form(pdf, _words("Fremdtext", None), Font=_font(pdf)), b"3 Tr")


def _fonts_from_the_page(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    page.Resources.Font = _font(pdf)
    _put(pdf, page, _form(pdf, _words("Fremdtext")))


HIDDEN: dict[str, Draw] = {
    "a form": _plain,
    "a form in a form": _nested,
    "a form that is hidden from outside": _mode_from_the_page,
    "a form with the page's fonts": _fonts_from_the_page,
}


@pytest.mark.parametrize("where", HIDDEN)
def test_words_that_others_hid_in_a_form_are_gone(tmp_path: Path, where: str) -> None:
    source = _source(tmp_path / "scan.pdf", HIDDEN[where])
    assert "Fremdtext" in _read(source)
    made, pages, facts = _archived(source)
    assert sorted(_read(made)) == sorted(pages[0].text.split())
    assert REMARK in facts.remarks
    assert check_archive_pdf(str(made), pages, facts, str(source)) == []


def _both(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    _put(pdf, page, _form(pdf, _words("Fremdtext") + b" " + _words("SICHTBAR", 0, 60), Font=_font(pdf)))


def _drawn_twice(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
    """Once hidden, once shown, by the same name."""
    form = _form(pdf, _words("SICHTBAR", None), Font=_font(pdf))
    _put(pdf, page, form, b"3 Tr /Fm0 Do 0 Tr 1 0 0 1 0 50 cm")


@pytest.mark.parametrize("draw", [_both, _drawn_twice])
def test_what_is_seen_beside_it_stays(tmp_path: Path, draw: Draw) -> None:
    source = _source(tmp_path / "scan.pdf", draw)
    made, pages, facts = _archived(source)
    assert sorted(_read(made)) == sorted([*pages[0].text.split(), "SICHTBAR"])
    assert REMARK in facts.remarks
    _looks_the_same(source, made)


@pytest.mark.parametrize("mode", [0, 1, 2, 4, 7])
def test_text_in_forms_that_is_shown_or_clips_stays(tmp_path: Path, mode: int) -> None:
    def shown(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        _put(pdf, page, _form(pdf, _words("SICHTBAR", mode) + b" 0 0 300 100 re f", Font=_font(pdf)))

    source = _source(tmp_path / "scan.pdf", shown)
    made, _pages, facts = _archived(source)
    assert "SICHTBAR" in _read(made)
    assert REMARK not in facts.remarks
    with pikepdf.open(source) as before, pikepdf.open(made) as after:
        old, new = (pdf.pages[0].obj.Resources.XObject.Fm0 for pdf in (before, after))
        assert old.read_bytes() == new.read_bytes()
    _looks_the_same(source, made)


def _looks_the_same(source: Path, made: Path) -> None:
    pictures = []
    for path in (source, made):
        document = pypdfium2.PdfDocument(path)
        pictures.append(document[0].render(scale=1.5, grayscale=True).to_pil())
        document.close()
    assert ImageChops.difference(*pictures).getbbox() is None


def test_a_form_that_pages_share_is_copied_once(tmp_path: Path) -> None:
    forms: list[pikepdf.Object] = []

    def shared(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        if not forms:
            forms.append(_form(pdf, _words("Fremdtext") + b" 0 0 1 1 re f", Font=_font(pdf)))
        _put(pdf, page, forms[0])

    made, _pages, facts = _archived(_source(tmp_path / "scan.pdf", shared, shared, _plain))
    assert [remark.partition(":")[0] for remark in facts.remarks] == ["page 1", "page 2", "page 3"]
    with pikepdf.open(made) as pdf:
        used = [
            item.objgen
            for page in pdf.pages
            for item in page.obj.Resources.XObject.values()
            if item.Subtype == Name.Form
        ]
    assert used[0] == used[1] != used[2]


def test_a_form_that_draws_itself_ends(tmp_path: Path) -> None:
    def endless(pdf: pikepdf.Pdf, page: pikepdf.Object) -> None:
        page.Resources.Font = _font(pdf)
        _put(pdf, page, _form(pdf, _words("Fremdtext") + b" /Fm0 Do" * 10))

    made, _pages, facts = _archived(_source(tmp_path / "scan.pdf", endless))
    assert REMARK in facts.remarks
    assert made.stat().st_size < 1_000_000


def test_it_is_written_the_same_each_time(tmp_path: Path) -> None:
    source = _source(tmp_path / "scan.pdf", _both, _nested, _drawn_twice)
    first = _archived(source)[0].read_bytes()
    assert _archived(source)[0].read_bytes() == first
