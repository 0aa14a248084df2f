"""The identity of a page covers all that decides what it shows, and nothing that changes from file to file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.letters.normalise import Normaliser, bind_pages, save_slice
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.adapters.page_identity import identities_file, identities_of, write_identities
from pipeline.adapters.volumes.readback import verify_volume
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.page_rules import PageRules, SizeRule
from pipeline.domain.volumes import VolumePiece
from tests.letter_sheets import A4_PT, add_page, difference, figure, one_page, rendered, saved
from tests.volume_examples import DATAMATRIX, NEOPOST

pytestmark = pytest.mark.integration

WIDE, HIGH = A4_PT
WHERE = b"q 1 0 0 1 200 300 cm /Fm Do Q"


def _slice(path: Path, data: bytes, pages: int = 1, rules: PageRules | None = None) -> str:
    """A slice of a file's pages, with its identities written down."""
    source_path = path.with_suffix(".source")
    source_path.write_bytes(data)
    with open_strict(str(source_path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out, rules)
        bind_pages(out, [normaliser.normalised(source.pages[at].obj, at + 1) for at in range(pages)])
        save_slice(out, str(path))
    write_identities(str(path))
    return str(path)


def _with_form(**keys: object) -> Pdf:
    pdf = one_page(WHERE)
    form = pdf.make_stream(b"0 g 0 0 60 20 re f", Type=Name.XObject, Subtype=Name.Form)
    form.update({f"/{key}": value for key, value in {"BBox": Array([0, 0, 90, 90]), **keys}.items()})
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)
    return pdf


def _with_picture(**keys: object) -> Pdf:
    pdf = one_page(b"q 90 0 0 90 200 300 cm /Fm Do Q")
    picture = pdf.make_stream(b"\x00\xff\x40\x80", Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2)
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    picture.update({f"/{key}": value for key, value in keys.items()})
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=picture)
    return pdf


def _with_font(code: int) -> Pdf:
    """Two glyphs; which of them the letter »a« is, the encoding says."""
    pdf = one_page(b"BT /T3 60 Tf 250 200 Td (a) Tj ET")
    glyphs = Dictionary(
        full=pdf.make_stream(b"1000 0 d0 0 0 900 700 re f"), low=pdf.make_stream(b"1000 0 d0 0 0 900 200 re f")
    )
    font = Dictionary(Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 1000, 1000]), CharProcs=glyphs)
    font.FontMatrix, font.Widths = Array([0.001, 0, 0, 0.001, 0, 0]), Array([1000, 1000])
    font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([code, Name.full, Name.low]))
    font.FirstChar, font.LastChar = code, code + 1
    pdf.pages[0].obj.Resources.Font = Dictionary(T3=pdf.make_indirect(font))
    return pdf


def _with_state(opacity: float) -> Pdf:
    pdf = one_page(b"q /GS gs 200 300 60 20 re f Q")
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS=Dictionary(ca=opacity))
    return pdf


def _poster(left: int) -> Pdf:
    """One half of a page of A3 on which two letters stand."""
    content = b"0 g 100 300 60 20 re f %d 500 60 20 re f" % (WIDE + 200)
    return one_page(content, (left * WIDE, 0, (left + 1) * WIDE, HIGH))


PAIRS: dict[str, Callable[[int], Pdf]] = {
    "where a form lies": lambda which: _with_form(Matrix=Array([1, 0, 0, 1, 150 * which, 0])),
    "what a form shows of itself": lambda which: _with_form(BBox=Array([0, 0, 30 + 30 * which, 20])),
    "which values of a picture are dark": lambda which: _with_picture(Decode=Array([which, 1 - which])),
    "how wide a picture is": lambda which: _with_picture(Width=1 + which, Height=2),
    "which glyph is which letter": lambda which: _with_font(97 - which),
    "how much is seen through": lambda which: _with_state(0.25 + 0.5 * which),
    "which half of a sheet": _poster,
}


@pytest.mark.parametrize("machine", (NEOPOST, DATAMATRIX), ids=lambda machine: machine.id)
@pytest.mark.parametrize("what", PAIRS)
def test_letters_of_the_same_streams_are_told_apart(tmp_path: Path, what: str, machine: object) -> None:
    """Their pages are exchanged under the right marks: two people would get each other's post."""
    slices = [_slice(tmp_path / f"{which}.pdf", saved(PAIRS[what](which))) for which in (0, 1)]
    _exchanged_letters_are_found(slices, machine, tmp_path)


SIZES: list[SizeRule] = ["centre", "top-left"]


@pytest.mark.parametrize("machine", (NEOPOST, DATAMATRIX), ids=lambda machine: machine.id)
def test_where_a_page_lies_on_its_sheet_counts(tmp_path: Path, machine: object) -> None:
    small = saved(one_page(figure(419.5, 595.3), (0, 0, 419.5, 595.3)))
    slices = [_slice(tmp_path / f"{rule}.pdf", small, rules=PageRules(a5=rule)) for rule in SIZES]
    _exchanged_letters_are_found(slices, machine, tmp_path)


def _exchanged_letters_are_found(slices: list[str], machine: object, folder: Path) -> None:
    assert difference(rendered(Path(slices[0])), rendered(Path(slices[1]))) > 0.0001, "the letters must look different"
    pieces = [VolumePiece(number, source, 1, 1, "simplex") for number, source in enumerate(slices, 1)]
    volume = folder / "volume.pdf"
    written = write_volume(machine, 1, pieces, str(volume))  # type: ignore[arg-type]
    found = verify_volume(str(volume), machine, "simplex", written.rows, batch_number=1, pieces=pieces)  # type: ignore[arg-type]
    assert (found.faults, found.pages_proven) == ((), 2)
    exchanged = folder / "exchanged.pdf"
    with pikepdf.open(volume) as pdf:
        pages = [pdf.pages[at].obj for at in (0, 1)]
        contents = [page.Contents.read_bytes() for page in pages]
        after = [content.index(b"Do Q") + 4 for content in contents]
        for here, there in ((0, 1), (1, 0)):
            pages[here].Contents = pdf.make_stream(contents[there][: after[there]] + contents[here][after[here] :])
        pages[0].Resources, pages[1].Resources = pages[1].Resources, pages[0].Resources
        pdf.save(exchanged)
    found = verify_volume(str(exchanged), machine, "simplex", written.rows, batch_number=1, pieces=pieces)  # type: ignore[arg-type]
    assert {(fault.page, fault.code) for fault in found.faults} == {(1, "page-of-another"), (2, "page-of-another")}


def test_a_page_alone_and_among_others_is_the_same(tmp_path: Path) -> None:
    """Numbers of objects, and what else is in the file, are none of its business."""
    alone = _with_picture(Decode=Array([1, 0]))
    among = one_page(figure(WIDE, HIGH))
    for _ in range(5):
        add_page(among, b"0 0 9 9 re f")
    among.pages.extend(alone.pages)
    single, seventh = saved(alone), saved(among)
    ids = identities_of(_slice(tmp_path / "many.pdf", seventh, pages=7))
    assert identities_of(_slice(tmp_path / "one.pdf", single))[0] == ids[6]
    assert len(set(ids)) == 3


def _by_hand(body: dict[int, bytes]) -> bytes:
    """A file of objects written by hand, which qpdf's own writer would write in another way."""
    out, places = io.BytesIO(), {}
    out.write(b"%PDF-1.4\n")
    for number, text in body.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, text))
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in places.items():
        out.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    out.write(b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (max(body) + 1, start))
    return out.getvalue()


CONTENT = b"/GS gs BT /T3 60 Tf 250 200 Td (a) Tj ET q .5 0 0 .5 0 0 cm /Fm Do Q"
ODDLY_WRITTEN = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595.2760 +841.89 ] /Contents 4 0 R /Resources 5 0 R >>",
    4: b"<< /Length %d >> stream\n%b\nendstream" % (len(CONTENT), CONTENT),
    5: b"<< /Font << /T3 6 0 R >> /ExtGState 11 0 R /XObject << /Fm 14 0 R >> "
    b"/ProcSet [ 99 0 R /PDF ] /Pattern 98 0 R >>",
    6: b"<< /Type /Font /Subtype /Type3 /FontBBox [ 0. -.0 1000 1000.0 ] /FontMatrix [ .001 0 0 0.0010 0 0. ] "
    b"/CharProcs << /a 7 0 R >> /Encoding 8 0 R /FirstChar 9 0 R /LastChar 9 0 R /Widths [ 10 0 R ] "
    b"/Name 12 0 R /F1.50 13 0 R >>",
    7: b"<< /Length 26 >> stream\n1000 0 d0 0 0 900 700 re f\nendstream",
    8: b"<< /Type /Encoding /Differences [ 9 0 R /a ] >>",
    9: b"97",
    10: b"1000.50",
    11: b"<< /GS << /ca 0.750 /Bad 97 0 R /Text (a 5 0 R \\) .50) /Hex <2E3530> >> >>",
    12: b"/T3.50",
    13: b"(.50 6 0 R)",
    14: b"<< /Type /XObject /Subtype /Form /BBox [ 0 0 99.0 99 ] /Matrix [ 1.0 0 .0 1.000000001 15 0 ] /Length 15 >> "
    b"stream\n0 0 90.0 9 re f\nendstream",
}


def _empty() -> Pdf:
    """A page that draws nothing, and one that draws a form that draws nothing."""
    pdf = _with_form()
    pdf.pages[0].obj.Resources.XObject.Fm.write(b"")
    add_page(pdf, b"")
    pdf.pages.reverse()
    return pdf


@pytest.mark.parametrize("machine", (NEOPOST, DATAMATRIX), ids=lambda machine: machine.id)
@pytest.mark.parametrize("data", [_by_hand(ODDLY_WRITTEN), saved(_empty())], ids=["oddly written", "empty"])
def test_what_means_the_same_remains_the_same_page(tmp_path: Path, data: bytes, machine: object) -> None:
    """A volume is written anew, object by object, and what it holds may be written in many ways."""
    source = _slice(tmp_path / "odd.pdf", data)
    pieces = [VolumePiece(1, source, 1, 1, "simplex")]
    volume = tmp_path / "volume.pdf"
    written = write_volume(machine, 1, pieces, str(volume))  # type: ignore[arg-type]
    found = verify_volume(str(volume), machine, "simplex", written.rows, batch_number=1, pieces=pieces)  # type: ignore[arg-type]
    assert (found.faults, found.pages_proven) == ((), 1)


def test_identities_of_an_older_kind_are_taken_anew(tmp_path: Path) -> None:
    """Slices that were read before an update stay printable."""
    source = _slice(tmp_path / "slice.pdf", saved(one_page(figure(WIDE, HIGH))))
    taken = identities_of(source)
    identities_file(source).unlink()
    (tmp_path / "slice.ids").write_bytes(bytes(32))
    assert identities_of(source) == taken
    pieces = [VolumePiece(1, source, 1, 1, "simplex")]
    written = write_volume(NEOPOST, 1, pieces, str(tmp_path / "v.pdf"))
    found = verify_volume(str(tmp_path / "v.pdf"), NEOPOST, "simplex", written.rows, batch_number=1, pieces=pieces)
    assert (found.faults, found.pages_proven) == ((), 1)
