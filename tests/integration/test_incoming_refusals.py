"""Every reason for which a dropped scan goes back, and what must not go back."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming import png_file, tiff_file
from pipeline.adapters.incoming.page_files import read_page, write_page
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word
from pipeline.domain.refusals import REFUSALS
from tests.incoming_sheets import LINES, RULES, encoded, scan_pdf, sheet

pytestmark = pytest.mark.integration


def _code(path: Path, rules: IncomingRules = RULES) -> str:
    with pytest.raises(Rejected) as caught:
        inspect_scan(str(path), rules)
    assert caught.value.code in REFUSALS
    assert caught.value.sentence
    return caught.value.code


def _jpeg_pdf(folder: Path) -> Path:
    return scan_pdf(folder / "scan.pdf", encoded(sheet(), "JPEG", quality=60), encoded(sheet(LINES[:3]), "JPEG"))


def _text_pdf(folder: Path) -> Path:
    canvas = Canvas(str(folder / "text.pdf"), invariant=1)
    for number in range(3):
        canvas.drawString(72, 700, f"Seite {number}")
        canvas.showPage()
    canvas.save()
    return folder / "text.pdf"


def _packed_pdf(folder: Path) -> Path:
    with pikepdf.open(_text_pdf(folder)) as pdf:
        path = folder / "packed.pdf"
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def _linearized_pdf(folder: Path) -> Path:
    with pikepdf.open(_jpeg_pdf(folder)) as pdf:
        path = folder / "linear.pdf"
        pdf.save(path, linearize=True)
    return path


def _updated_pdf(folder: Path) -> Path:
    """A file with an update appended behind its first end mark."""
    path = _text_pdf(folder)
    data = path.read_bytes()
    start = data.rindex(b"startxref") + 9
    previous = int(data[start:].split()[0])
    with pikepdf.open(path) as pdf:
        root, size = pdf.Root.objgen[0], int(pdf.trailer.Size)
    place = len(data)
    data += b"%d 0 obj\n<< /Type /Test /Text (%s) >>\nendobj\n" % (size, b"x" * 3000)
    table = len(data)
    data += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        place,
        size + 1,
        root,
        previous,
        table,
    )
    path.write_bytes(data)
    return path


def _tiff(folder: Path) -> Path:
    path = folder / "stack.tif"
    page = sheet().convert("1")
    page.save(path, compression="group4", save_all=True, append_images=[page], dpi=(211, 211))
    return path


def _lzw(folder: Path) -> Path:
    path = folder / "lzw.tif"
    sheet().save(path, compression="tiff_lzw", dpi=(211, 211))
    return path


def _jpeg(folder: Path) -> Path:
    path = folder / "page.jpg"
    sheet().save(path, quality=50, dpi=(211, 211))
    return path


def _png(folder: Path) -> Path:
    path = folder / "page.png"
    sheet().save(path, dpi=(211, 211))
    return path


WHOLE: list[Callable[[Path], Path]] = [
    *(_jpeg_pdf, _text_pdf, _packed_pdf, _linearized_pdf, _updated_pdf),
    *(_tiff, _lzw, _jpeg, _png),
]


@pytest.mark.parametrize("make", WHOLE)
def test_whole_files_are_accepted_and_files_cut_at_ten_points_are_not(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    facts = inspect_scan(str(path), RULES)
    assert facts.pages >= 1
    data = path.read_bytes()
    for percent in (3, 15, 30, 45, 55, 65, 75, 85, 95, 99.5):
        path.write_bytes(data[: int(len(data) * percent / 100)])
        assert _code(path) in ("pdf-damaged", "image-damaged"), percent


@pytest.mark.parametrize("make", [_jpeg_pdf, _text_pdf, _tiff, _jpeg, _png])
def test_a_copy_whose_second_half_is_still_zero_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\0" * (len(data) - len(data) // 2))
    assert _code(path) in ("pdf-damaged", "image-damaged")


def test_the_name_plays_no_role(tmp_path: Path) -> None:
    path = tmp_path / "brief.pdf"
    path.write_bytes(encoded(sheet(), "PNG"))
    assert inspect_scan(str(path), RULES).type == "png"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html></html>",
        b"<?xml version='1.0'?><a/>",
        b"Hallo Welt\n" * 10,
        b"\x7fELF\2\1\1",
        b"GIF89a.....",
    ],
)
def test_other_content_under_the_right_name_is_no_document(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "brief.pdf"
    path.write_bytes(content)
    assert _code(path) == "not-a-document"


def test_archives_and_empty_files(tmp_path: Path) -> None:
    path = tmp_path / "brief.pdf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    assert _code(path) == "not-a-document"
    path.write_bytes(b"")
    assert _code(path) == "empty-file"
    path.write_bytes(b"\0" * 5000)
    assert _code(path) == "empty-file"


def test_limits_of_the_job(tmp_path: Path) -> None:
    assert _code(_jpeg_pdf(tmp_path), IncomingRules(max_pages=1)) == "too-many-pages"
    assert _code(_tiff(tmp_path), IncomingRules(max_pages=1)) == "too-many-pages"
    large = tmp_path / "large.pdf"
    large.write_bytes(_jpeg_pdf(tmp_path).read_bytes() + b"\n" * 2_000_000)
    assert _code(large, IncomingRules(max_file_mb=1)) == "file-too-large"


@pytest.mark.parametrize("passwords", [("geheim", "geheim"), ("", "geheim")])
def test_encrypted_files_go_back_even_if_they_open_without_a_password(
    tmp_path: Path, passwords: tuple[str, str]
) -> None:
    path = tmp_path / "locked.pdf"
    with pikepdf.open(_text_pdf(tmp_path)) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user=passwords[0], owner=passwords[1]))
    assert _code(path) == "pdf-encrypted"


def test_dynamic_forms_and_files_without_pages(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    with pikepdf.open(_text_pdf(tmp_path)) as pdf:
        pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))
        pdf.save(path)
    assert _code(path) == "xfa-form"
    with pikepdf.new() as pdf:
        pdf.save(path)
    assert _code(path) == "no-pages"


def _with_image(folder: Path, data: bytes, **keys: object) -> Path:
    path = folder / "image.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(612, 792))
        image = pdf.make_stream(
            data, Type=Name.XObject, Subtype=Name.Image, BitsPerComponent=1, ColorSpace=Name.DeviceGray, **keys
        )
        page.obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
        page.obj.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /Im0 Do Q")
        pdf.save(path, compress_streams=False)
    return path


def test_a_page_of_35000_pixels_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    huge = _with_image(tmp_path, b"\0" * 100, Width=35_000, Height=35_000, Filter=Name.CCITTFaxDecode)
    assert _code(huge) == "page-too-large"
    white = tmp_path / "huge.png"
    white.write_bytes(_png_bytes(35_000, 35_000, b"\0"))
    assert _code(white) == "page-too-large"
    Image.new("1", (35_000, 10), 1).save(white, "TIFF", compression="group4")
    assert _code(white) == "page-too-large"
    Image.new("L", (9_000, 9_000), 255).save(white, "JPEG")
    assert _code(white, IncomingRules(max_page_megapixels=50)) == "page-too-large"
    with pikepdf.new() as pdf:
        pdf.add_blank_page().obj.MediaBox = Array([0, 0, 20_000, 20_000])
        pdf.save(tmp_path / "poster.pdf")
    assert _code(tmp_path / "poster.pdf") == "page-too-large"


def _png_bytes(width: int, height: int, packed: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return png_file.SIGNATURE + b"".join(parts)


def _with_contents(folder: Path, data: bytes, filters: object) -> Path:
    path = folder / "bomb.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page().obj.Contents = pdf.make_stream(data, Filter=filters)
        pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return path


def test_content_that_unpacks_to_too_much(tmp_path: Path) -> None:
    once = zlib.compress(b"\n" * 300_000_000, 9)
    assert _code(_with_contents(tmp_path, once, Name.FlateDecode)) == "content-bomb"
    nested = Array([Name.FlateDecode] * 2)
    assert _code(_with_contents(tmp_path, zlib.compress(once, 9), nested)) == "content-bomb"
    assert _code(_with_contents(tmp_path, b"x", Array([Name.FlateDecode] * 9))) == "content-bomb"
    padded = zlib.compress(b"\0" * 80_000_000, 9)
    assert _code(_with_image(tmp_path, padded, Width=100, Height=100, Filter=Name.FlateDecode)) == "content-bomb"
    picture = tmp_path / "bomb.png"
    picture.write_bytes(_png_bytes(10, 10, padded))
    assert _code(picture) == "content-bomb"


def test_an_object_stream_that_unpacks_to_too_much_is_found_before_the_file_is_opened(tmp_path: Path) -> None:
    path = _packed_pdf(tmp_path)
    packed = zlib.compress(b" " * 300_000_000, 9)
    head = b"\n99 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    path.write_bytes(path.read_bytes() + head + packed + b"\nendstream\nendobj\n")
    assert _code(path) == "content-bomb"


def test_forms_that_draw_forms_ten_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "laughs.pdf"
    with pikepdf.new() as pdf:
        inner = pdf.make_stream(b"0 0 1 1 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        for _level in range(8):
            outer = pdf.make_stream(b"/F Do\n" * 10, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
            outer.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = outer
        page = pdf.add_blank_page()
        page.obj.Resources = Dictionary(XObject=Dictionary(F=inner))
        page.obj.Contents = pdf.make_stream(b"/F Do")
        pdf.save(path)
    assert _code(path) == "content-bomb"


def test_a_form_that_draws_itself(tmp_path: Path) -> None:
    path = tmp_path / "circle.pdf"
    with pikepdf.new() as pdf:
        form = pdf.make_stream(b"/F Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        form.Resources = Dictionary(XObject=Dictionary(F=form))
        page = pdf.add_blank_page()
        page.obj.Resources = Dictionary(XObject=Dictionary(F=form))
        page.obj.Contents = pdf.make_stream(b"/F Do")
        pdf.save(path)
    assert _code(path) == "content-bomb"


def test_symbol_coding_is_a_remark_or_by_rule_a_refusal(tmp_path: Path) -> None:
    information = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", 100, 100, 0, 0, 0, 0)
    symbols = struct.pack(">IBBBI", 1, 0, 0, 1, 4) + b"\0\0\0\0"
    path = _with_image(tmp_path, information + symbols, Width=100, Height=100, Filter=Name.JBIG2Decode)
    assert inspect_scan(str(path), RULES).remarks == ("symbol-coded",)
    assert _code(path, IncomingRules(reject_symbol_coding=True)) == "symbol-coded"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        image.write(information, filter=Name.JBIG2Decode)
        image.DecodeParms = Dictionary(JBIG2Globals=pdf.make_stream(symbols))
        pdf.save(path)
    assert inspect_scan(str(path), RULES).remarks == ("symbol-coded",)
    plain = _with_image(tmp_path, information, Width=100, Height=100, Filter=Name.JBIG2Decode)
    assert inspect_scan(str(plain), IncomingRules(reject_symbol_coding=True)).remarks == ()


def test_remarks_on_text_and_signatures(tmp_path: Path) -> None:
    path = _text_pdf(tmp_path)
    assert inspect_scan(str(path), RULES).remarks == ("has-text",)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=pikepdf.String("s"), V=Dictionary(Type=Name.Sig)))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.save(path)
    assert inspect_scan(str(path), RULES).remarks == ("signed", "has-text")


def test_harmless_faults_are_repaired_with_a_remark(tmp_path: Path) -> None:
    path = _text_pdf(tmp_path)
    data = path.read_bytes()
    start = data.rindex(b"startxref")
    path.write_bytes(data[:start] + b"startxref\n17\n%%EOF\n")
    facts = inspect_scan(str(path), RULES)
    assert (facts.pages, "repaired" in facts.remarks) == (3, True)
    path.write_bytes(data + b"\r\n\r\n")
    assert "repaired" not in inspect_scan(str(path), RULES).remarks


def test_a_file_that_lost_pages_is_not_repaired(tmp_path: Path) -> None:
    path = _text_pdf(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"/Count 3", b"/Count 4"))
    assert _code(path) == "pdf-damaged"


def test_a_cut_picture_inside_a_whole_pdf_is_found(tmp_path: Path) -> None:
    cut = encoded(sheet(), "JPEG")[:9000]
    path = tmp_path / "cut.pdf"
    with pikepdf.open(_jpeg_pdf(tmp_path)) as pdf:
        next(iter(pdf.pages[0].Resources.XObject.values())).write(cut, filter=Name.DCTDecode)
        pdf.save(path)
    assert _code(path) == "pdf-damaged"


@pytest.mark.parametrize(
    "compression", ["group4", "tiff_lzw", "jpeg", "packbits", "tiff_adobe_deflate", "raw", "group3"]
)
def test_tiff_strips_lie_in_the_file_or_it_is_refused(tmp_path: Path, compression: str) -> None:
    bilevel = compression.startswith("group")
    first = _picture().convert("1" if bilevel else "L")
    path = tmp_path / "stack.tif"
    first.save(path, compression=compression, save_all=True, append_images=[first.rotate(90)], dpi=(300, 300))
    pages = tiff_file.read_tiff(str(path))
    assert [(page.width_px, page.height_px, page.bits) for page in pages] == [(160, 120, 1 if bilevel else 8)] * 2
    assert pages[0].dpi == (300.0, 300.0)
    data = path.read_bytes()
    for tenth in range(10):
        path.write_bytes(data[: len(data) * tenth // 10])
        with pytest.raises(tiff_file.BadTiff):
            tiff_file.read_tiff(str(path))


def test_tiff_directories_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    _picture().convert("L").save(path, compression="raw")
    data = bytearray(path.read_bytes())
    first = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[first : first + 2])[0]
    data[first + 2 + 12 * count : first + 6 + 12 * count] = struct.pack("<I", first)
    path.write_bytes(data)
    with pytest.raises(tiff_file.BadTiff, match="circle"):
        tiff_file.read_tiff(str(path))


def test_pages_come_back_from_their_files(tmp_path: Path) -> None:
    page = _recognised()
    file = write_page(tmp_path, page)
    assert file.name == "page-00003.json"
    assert read_page(tmp_path, 3) == page
    file.write_text(file.read_text("utf-8").replace("recognised-page/1", "recognised-page/9"), "utf-8")
    with pytest.raises(ValueError, match="schema"):
        read_page(tmp_path, 3)


def _picture() -> Image.Image:
    return Image.effect_noise((160, 120), 60)


def _recognised() -> RecognisedPage:
    words = tuple(Word(text, 77.5, PixelBox(1, 2, 30, 40), (1.5, 40.0, 30.25, 41.0)) for text in ("Größe", "§"))
    line = Line(words, words[0].box, 31.5)
    return RecognisedPage(
        3, 100, 90, 300.0, 300.0, 90, 1.25, 2, 0.05, 77.5, (Block((line, line), line.box),), "low-confidence"
    )


def _two_pictures(path: Path, kind: str, second: Image.Image, **options: object) -> Path:
    """A file of one page with another picture behind it: Multi-Picture Format, or an animation."""
    sheet().save(path, kind, save_all=True, append_images=[second], **options)
    return path


@pytest.mark.parametrize("kind", ["MPO", "PNG"])
def test_a_second_picture_is_not_lost(tmp_path: Path, kind: str) -> None:
    path = _two_pictures(tmp_path / "scan", kind, sheet(LINES[:3]))
    with pytest.raises(Rejected, match=r"mehr als ein Bild.*als PDF oder als TIFF") as caught:
        inspect_scan(str(path), RULES)
    assert caught.value.code == "not-a-document"


def test_what_a_camera_adds_to_its_picture_does_no_harm(tmp_path: Path) -> None:
    small = sheet().resize((874, 620))
    assert inspect_scan(str(_two_pictures(tmp_path / "small.jpg", "MPO", small)), RULES).pages == 1
    path = _two_pictures(tmp_path / "preview.jpg", "MPO", sheet(LINES[:3]))
    data = bytearray(path.read_bytes())
    index = data.index(b"MPF\0") + 4
    with Image.open(path) as image:
        (entries,) = struct.unpack_from("<I", data, index + 8 + 2 + 2 * 12 + 8)
        assert image.mpinfo[0xB001] == 2
    struct.pack_into("<I", data, index + entries + 16, 0x010002)
    path.write_bytes(data)
    assert inspect_scan(str(path), RULES).pages == 1


def test_a_map_of_brightness_in_full_size_is_no_page(tmp_path: Path) -> None:
    mapped = sheet(LINES[:3])
    mapped.encoderinfo = {"comment": b"hdrgm:Version=1.0"}
    assert inspect_scan(str(_two_pictures(tmp_path / "map.jpg", "MPO", mapped)), RULES).pages == 1


@pytest.mark.parametrize("garbage", [b"\xff" * 40, b"\0" * 40, b"II*\0\x08\0\0\0\xff\xff" + b"\x02\xb0" * 15])
def test_an_index_of_pictures_without_sense_does_no_harm(tmp_path: Path, garbage: bytes) -> None:
    path = _two_pictures(tmp_path / "scan.jpg", "MPO", sheet().resize((400, 300)))
    data = bytearray(path.read_bytes())
    index = data.index(b"MPF\0") + 4
    data[index : index + 40] = garbage
    path.write_bytes(data)
    assert inspect_scan(str(path), RULES).pages == 1
