"""What a dropped print stream is refused for, and what it may be."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.print_stream import inspect_print_stream
from pipeline.domain.errors import Rejected
from pipeline.domain.refusals import REFUSALS
from tests.letter_sheets import LAYOUTS, RULES, add_page, figure, letter, one_page, saved, stack

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore:This document has")]

FIGURE = figure(595.276, 841.89)


def dropped(folder: Path, data: bytes) -> str:
    path = folder / "dropped.pdf"
    path.write_bytes(data)
    return str(path)


def refusal(folder: Path, data: bytes, **rules: int) -> Rejected:
    with pytest.raises(Rejected) as caught:
        inspect_print_stream(dropped(folder, data), replace(RULES, **rules))
    assert caught.value.code in REFUSALS
    return caught.value


def remarks(folder: Path, data: bytes) -> tuple[str, ...]:
    return inspect_print_stream(dropped(folder, data), RULES).remarks


def hand_made(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
    return out + b"trailer\n<</Size %d /Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, start)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"


def tree(*nodes: bytes) -> bytes:
    return hand_made([CATALOG, *nodes])


# --- what passes ---------------------------------------------------------------------------------------------------


def test_a_letter_is_a_pdf_with_pages(tmp_path: Path) -> None:
    facts = inspect_print_stream(dropped(tmp_path, letter(["E", "19053 Schwerin"], LAYOUTS["B"], 3)), RULES)
    assert (facts.type, facts.pages, facts.remarks) == ("pdf", 3, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf\n" + data,
        lambda data: data + b"\0" * 500,
        lambda data: data.rstrip(),
        lambda data: data.replace(b"/Size 4 ", b"/Size 9 "),
    ],
    ids=["junk-before", "padding-after", "no-last-newline", "wrong-size"],
)
def test_odd_but_whole_files_pass(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    data = tree(b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE)
    assert change(data) != data
    assert inspect_print_stream(dropped(tmp_path, change(data)), RULES).pages == 1


def test_page_tree_of_several_levels(tmp_path: Path) -> None:
    data = tree(
        b"<</Type/Pages/Count 3/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]>>",
        b"<</Type/Pages/Count 2/Kids[5 0 R 6 0 R]/Parent 2 0 R>>",
        *[PAGE] * 3,
    )
    assert inspect_print_stream(dropped(tmp_path, data), RULES).pages == 3


# --- not a document, empty, too large ------------------------------------------------------------------------------


def test_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"").code == "empty-file"


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
def test_a_picture_behind_the_right_name(tmp_path: Path, kind: str) -> None:
    Image.new("L", (50, 50)).save(tmp_path / "picture", kind)
    assert refusal(tmp_path, (tmp_path / "picture").read_bytes()).code == "not-a-document"


@pytest.mark.parametrize("data", [b"Sehr geehrte Damen und Herren", b"\0" * 5000, b"PK\x03\x04" + b"x" * 2000])
def test_something_else_behind_the_right_name(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, data).code == "not-a-document"


def test_a_header_and_nothing_more(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"%PDF-1.4\n").code == "pdf-damaged"


def test_too_large(tmp_path: Path) -> None:
    data = letter(["E", "19053 Schwerin"], LAYOUTS["B"])
    assert refusal(tmp_path, data, max_file_mb=0).code == "file-too-large"


def test_too_many_pages(tmp_path: Path) -> None:
    data = letter(["E", "19053 Schwerin"], LAYOUTS["B"], 6)
    assert refusal(tmp_path, data, max_pages=5).code == "too-many-pages"
    assert inspect_print_stream(dropped(tmp_path, data), replace(RULES, max_pages=6)).pages == 6


def test_no_pages(tmp_path: Path) -> None:
    assert refusal(tmp_path, tree(b"<</Type/Pages/Count 0/Kids[]>>")).code == "no-pages"


# --- damaged -------------------------------------------------------------------------------------------------------


def _plain() -> bytes:
    return letter(["E", "19053 Schwerin"], LAYOUTS["B"], 5)


def _object_streams() -> bytes:
    pdf = one_page(FIGURE)
    for _ in range(4):
        add_page(pdf, FIGURE)
    return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _linearised() -> bytes:
    pdf = one_page(FIGURE)
    for _ in range(4):
        add_page(pdf, FIGURE)
    return saved(pdf, linearize=True)


def _updated_in_place() -> bytes:
    first = tree(b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE)
    update_at, old_table = len(first), first.rfind(b"xref\n0 ")
    update = b"3 0 obj\n%b\nendobj\n" % PAGE.replace(b"842", b"841")
    table_at = update_at + len(update)
    table = b"xref\n3 1\n%010d 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\n" % (update_at, old_table)
    return first + update + table + b"startxref\n%d\n%%%%EOF\n" % table_at


@pytest.mark.parametrize("make", [_plain, _object_streams, _linearised], ids=lambda make: make.__name__)
@pytest.mark.parametrize("tenth", range(10))
def test_cut_off_at_ten_points(tmp_path: Path, make: Callable[[], bytes], tenth: int) -> None:
    data = make()
    assert inspect_print_stream(dropped(tmp_path, data), RULES).pages == 5
    end = 20 + tenth * (len(data) - 28) // 9  # the last one loses "%%EOF" and no more than that
    assert refusal(tmp_path, data[:end]).code == "pdf-damaged"


def test_cut_off_anywhere_near_the_end(tmp_path: Path) -> None:
    data = _plain().rstrip()
    for missing in range(1, 60):
        assert refusal(tmp_path, data[:-missing]).code == "pdf-damaged"


def test_cut_off_inside_its_last_change(tmp_path: Path) -> None:
    data = _updated_in_place()
    assert inspect_print_stream(dropped(tmp_path, data), RULES).pages == 1
    whole_before = data.find(b"%%EOF") + 6
    for end in range(whole_before + 8, len(data) - 6, 5):
        assert refusal(tmp_path, data[:end]).code == "pdf-damaged"


@pytest.mark.parametrize(
    "nodes",
    [
        (b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"),
        (b"<</Type/Pages/Count 2/Kids[3 0 R 3 0 R]>>", b"<</Type/Pages/Count 1/Kids[4 0 R]>>", PAGE),
        (b"<</Type/Pages/Count 7/Kids[3 0 R]>>", PAGE),
        (b"<</Type/Pages/Count 1/Kids[9 0 R]>>", PAGE),
        (b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"(no page)"),
        (b"<</Type/Pages/Kids[3 0 R]>>", PAGE),
        (b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Page/MediaBox[0 0 (x) 842]>>"),
    ],
    ids=["loop", "shared-node", "count-lies", "page-missing", "no-page", "no-count", "box-of-text"],
)
def test_page_trees_that_lie(tmp_path: Path, nodes: tuple[bytes, ...]) -> None:
    assert refusal(tmp_path, tree(*nodes)).code == "pdf-damaged"


def test_page_tree_too_deep(tmp_path: Path) -> None:
    levels = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % number for number in range(3, 4003)]
    assert refusal(tmp_path, tree(*levels, PAGE)).code == "pdf-damaged"


def test_no_catalog(tmp_path: Path) -> None:
    assert refusal(tmp_path, hand_made([b"(nothing)"])).code == "pdf-damaged"


# --- encrypted, XFA ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["", "geheim"])
@pytest.mark.parametrize("revision", [3, 4, 6])
def test_any_encryption(tmp_path: Path, user: str, revision: int) -> None:
    options = pikepdf.Encryption(owner="besitzer", user=user, R=revision, aes=revision >= 4, metadata=revision >= 4)
    one_page(FIGURE).save(tmp_path / "locked", encryption=options)
    assert refusal(tmp_path, (tmp_path / "locked").read_bytes()).code == "pdf-encrypted"


def test_encryption_by_certificate(tmp_path: Path) -> None:
    data = hand_made(
        [CATALOG, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE],
        b"/ID[<00><00>]/Encrypt<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s4/V 4>>",
    )
    assert refusal(tmp_path, data).code == "pdf-encrypted"


def _xfa(template: bytes, needs_rendering: bool) -> bytes:
    pdf = one_page(FIGURE)
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Array([pikepdf.String("config"), pdf.make_stream(template)]))
    if needs_rendering:
        pdf.Root.NeedsRendering = True
    return saved(pdf)


def test_dynamic_forms(tmp_path: Path) -> None:
    config = b"<acrobat7><dynamicRender>required</dynamicRender></acrobat7>"
    assert refusal(tmp_path, _xfa(b"", True)).code == "xfa-form"
    assert refusal(tmp_path, _xfa(config, False)).code == "xfa-form"


def test_a_static_form_is_told(tmp_path: Path) -> None:
    assert "static-xfa" in remarks(tmp_path, _xfa(b"<acrobat7/>", False))


# --- sizes and bombs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("media", "unit"), [((0, 0, 35000, 842), 1), ((0, 0, 595, 842), 40)])
def test_absurd_pages(tmp_path: Path, media: tuple[int, ...], unit: int) -> None:
    pdf = one_page(FIGURE)
    add_page(pdf, FIGURE, media, UserUnit=unit)
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("page-too-large", 2)


def test_absurd_inherited_box(tmp_path: Path) -> None:
    data = tree(b"<</Type/Pages/Count 1/MediaBox[0 0 90000 842]/Kids[3 0 R]>>", b"<</Type/Page/Parent 2 0 R>>")
    assert refusal(tmp_path, data).code == "page-too-large"


@pytest.mark.parametrize("sides", [(35_000, 10), (10, 35_000), (15_000, 15_000)])
def test_absurd_pictures(tmp_path: Path, sides: tuple[int, int]) -> None:
    pdf = one_page(FIGURE)
    picture = pdf.make_stream(b"\0", Type=Name.XObject, Subtype=Name.Image, Width=sides[0], Height=sides[1])
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im0=picture)
    assert refusal(tmp_path, saved(pdf)).code == "page-too-large"


def _packed_page(packed: bytes, filters: object) -> bytes:
    pdf = one_page(FIGURE)
    pdf.pages[0].obj.Contents = pdf.make_stream(packed, Filter=filters)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def _much(byte: bytes, megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    piece = byte * 1024 * 1024
    return b"".join([packer.compress(piece) for _ in range(megabytes)]) + packer.flush()


def test_one_stream_that_unpacks_far(tmp_path: Path) -> None:
    assert refusal(tmp_path, _packed_page(_much(b" ", 300), Name.FlateDecode)).code == "content-bomb"


def test_a_bomb_inside_a_bomb(tmp_path: Path) -> None:
    twice = zlib.compress(_much(b" ", 300), 9)
    assert len(twice) < 5000
    filters = Array([Name.FlateDecode, Name.FlateDecode])
    assert refusal(tmp_path, _packed_page(twice, filters)).code == "content-bomb"


def test_more_filters_than_anybody_needs(tmp_path: Path) -> None:
    packed = b"0 0 m"
    for _ in range(6):
        packed = zlib.compress(packed)
    assert refusal(tmp_path, _packed_page(packed, Array([Name.FlateDecode] * 6))).code == "content-bomb"


def test_a_table_of_objects_that_unpacks_far(tmp_path: Path) -> None:
    data = saved(one_page(FIGURE), object_stream_mode=pikepdf.ObjectStreamMode.generate)
    packed = _much(b"\0", 300)
    start = len(data)
    table = b"99 0 obj\n<</Type/XRef/W[1 4 2]/Size 40000000/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(
        packed
    )
    data += table + packed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    assert refusal(tmp_path, data).code in ("content-bomb", "pdf-damaged")


def test_a_number_of_objects_that_is_a_lie(tmp_path: Path) -> None:
    data = tree(b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE).replace(b"/Size 4 ", b"/Size 1999999999 ")
    assert inspect_print_stream(dropped(tmp_path, data), RULES).pages == 1


def test_long_but_honest_streams_pass(tmp_path: Path) -> None:
    assert inspect_print_stream(dropped(tmp_path, _packed_page(_much(b" ", 20), Name.FlateDecode)), RULES).pages == 1


# --- remarks -------------------------------------------------------------------------------------------------------


def _with(change: Callable[[Pdf], None]) -> bytes:
    pdf = one_page(FIGURE)
    change(pdf)
    return saved(pdf)


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _launch() -> Dictionary:
    return Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe"))


def _annotate(pdf: Pdf, **keys: object) -> None:
    annotation = Dictionary(Type=Name.Annot, Rect=Array([10, 10, 50, 50]), **keys)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(annotation)])


CHANGES: list[tuple[str, Callable[[Pdf], None]]] = [
    ("javascript", lambda pdf: pdf.Root.__setattr__("OpenAction", _script())),
    ("javascript", lambda pdf: pdf.Root.__setattr__("Names", Dictionary(JavaScript=Dictionary(Names=Array())))),
    ("javascript", lambda pdf: pdf.pages[0].obj.__setattr__("AA", Dictionary(O=_script()))),
    ("javascript", lambda pdf: _annotate(pdf, Subtype=Name.Link, A=_script())),
    ("javascript", lambda pdf: _annotate(pdf, Subtype=Name.Link, A=Dictionary(S=Name.URI, Next=_script()))),
    ("launch-action", lambda pdf: pdf.Root.__setattr__("OpenAction", _launch())),
    ("launch-action", lambda pdf: _annotate(pdf, Subtype=Name.Link, A=_launch())),
    ("attachments", lambda pdf: pdf.attachments.__setitem__("a.txt", b"text")),
    ("attachments", lambda pdf: _annotate(pdf, Subtype=Name.FileAttachment)),
    ("signed", lambda pdf: pdf.Root.__setattr__("AcroForm", Dictionary(Fields=Array(), SigFlags=3))),
    ("signed", lambda pdf: _annotate(pdf, Subtype=Name.Widget, FT=Name.Sig, V=Dictionary(Type=Name.Sig))),
    ("has-form", lambda pdf: _annotate(pdf, Subtype=Name.Widget, FT=Name.Tx)),
    ("portfolio", lambda pdf: pdf.Root.__setattr__("Collection", Dictionary())),
]


@pytest.mark.parametrize(("remark", "change"), CHANGES)
def test_remarks(tmp_path: Path, remark: str, change: Callable[[Pdf], None]) -> None:
    assert remark in remarks(tmp_path, _with(change))


def test_form_fields_of_reportlab(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.acroForm.textfield(name="a", x=100, y=100, value="Wert")

    assert remarks(tmp_path, stack([draw])) == ("has-form",)
