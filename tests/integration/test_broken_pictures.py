"""Pictures that break off or contradict themselves are never archived as if they were whole."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from pipeline.adapters.incoming import fax_pictures
from pipeline.adapters.incoming.fax_rows import FaxCoding
from pipeline.adapters.incoming.page_pictures import open_pictures
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import IncomingRules
from tests import fax_writer

pytestmark = pytest.mark.integration

SIZE = (1240, 1754)


def page() -> Image.Image:
    """A page full of strokes, so that damage anywhere hits one."""
    picture = Image.new("1", SIZE, 1)
    draw = ImageDraw.Draw(picture)
    for row in range(60, 1700, 20):
        for column in range(60, 1180, 37):
            draw.line((column, row, column + row % 17 + 5, row + column % 11), fill=0, width=3)
    return picture


def tiff(compression: str) -> bytes:
    """The page in one strip."""
    made = io.BytesIO()
    page().save(made, "TIFF", compression=compression, dpi=(150, 150), tiffinfo={278: SIZE[1]})
    return made.getvalue()


def strip_of(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        start, length = picture.tag_v2[273][0], picture.tag_v2[279][0]
    return data[start : start + length]


def spoilt(data: bytes) -> bytes:
    """The same with sixty bytes in the middle of the picture replaced."""
    strip = strip_of(data)
    place = data.index(strip) + len(strip) // 2
    return data[:place] + bytes(range(7, 67)) + data[place + 60 :]


def pdf_of(coded: bytes, **how: object) -> bytes:
    pdf = pikepdf.new()
    image = pdf.make_stream(
        coded, Type=Name.XObject, Subtype=Name.Image, Width=SIZE[0], Height=SIZE[1], ColorSpace=Name.DeviceGray, **how
    )
    sheet = pdf.add_blank_page(page_size=(595.2, 841.92))
    sheet.obj.Resources = Dictionary(XObject=Dictionary(Im=image))
    sheet.obj.Contents = pdf.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Im Do Q")
    made = io.BytesIO()
    pdf.save(made, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return made.getvalue()


def group4(coded: bytes) -> bytes:
    parms = Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1])
    return pdf_of(coded, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=parms)


def opened(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.write_bytes(data)
    facts = inspect_scan(str(path), IncomingRules())
    with open_pictures(str(path), facts) as pictures:
        pictures.page(1)


def refusal(folder: Path, name: str, data: bytes) -> tuple[str, int | None]:
    with pytest.raises(Rejected) as caught:
        opened(folder, name, data)
    return caught.value.code, caught.value.page


@pytest.mark.parametrize("compression", ["group4", "group3", "tiff_ccitt"])
def test_a_fax_coding_that_contradicts_itself_is_refused(tmp_path: Path, compression: str) -> None:
    whole = tiff(compression)
    opened(tmp_path, "whole.tif", whole)
    assert refusal(tmp_path, "spoilt.tif", spoilt(whole)) == ("image-damaged", 1)


def test_so_is_one_in_a_pdf(tmp_path: Path) -> None:
    whole = tiff("group4")
    opened(tmp_path, "whole.pdf", group4(strip_of(whole)))
    assert refusal(tmp_path, "spoilt.pdf", group4(strip_of(spoilt(whole)))) == ("pdf-damaged", 1)


def fax_tiff(
    strips: list[bytes], compression: int, rows: int = SIZE[1], photometric: int = 0, order: int = 1, options: int = 0
) -> bytes:
    """A TIFF of these strips; each of them should hold so many rows, the last one the rest."""
    data, places = b"", []
    for strip in strips:
        places.append(8 + len(data))
        data += strip
    entries = [
        (256, 1, SIZE[0]), (257, 1, SIZE[1]), (258, 1, 1), (259, 1, compression), (262, 1, photometric),
        (266, 1, order), (273, len(strips), places[0]), (277, 1, 1), (278, 1, rows),
        (279, len(strips), len(strips[0])), (292 if compression == 3 else 293, 1, options),
    ]  # fmt: skip
    if len(strips) > 1:
        lists = 8 + len(data)
        data += struct.pack(f"<{len(strips)}I", *places) + struct.pack(f"<{len(strips)}I", *map(len, strips))
        entries[6] = (273, len(strips), lists)
        entries[9] = (279, len(strips), lists + 4 * len(strips))
    table = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(entries)) + table + bytes(4)


def fax_strip(picture: Image.Image, compression: str = "group4", **options: object) -> bytes:
    """The picture as one strip."""
    made = io.BytesIO()
    more = {int(tag.removeprefix("tag")): value for tag, value in options.items()}
    picture.save(made, "TIFF", compression=compression, tiffinfo={278: picture.height, **more})
    return strip_of(made.getvalue())


def without_end(strip: bytes) -> bytes:
    """The strip without the end of its coding, all rows there."""
    bits = "".join(f"{byte:08b}" for byte in strip).rstrip("0")
    assert bits.endswith("000000000001" * 2)
    bits = bits[:-24]
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


WHOLE = fax_strip(page())
CUTS = {
    "cut after a quarter": WHOLE[: len(WHOLE) // 4],
    "cut after a half": WHOLE[: len(WHOLE) // 2],
    "cut shortly before its end": WHOLE[:-60],
    "ended early": fax_strip(page().crop((0, 0, SIZE[0], 900))),
    "ended early behind the last stroke but one": fax_strip(page().crop((0, 0, SIZE[0], 1660))),
}


@pytest.mark.parametrize("kind", CUTS)
def test_a_fax_coding_with_fewer_rows_than_promised_is_refused(tmp_path: Path, kind: str) -> None:
    assert refusal(tmp_path, "short.tif", fax_tiff([CUTS[kind]], 4)) == ("image-damaged", 1)
    turned = CUTS[kind].translate(bytes(int(f"{value:08b}"[::-1], 2) for value in range(256)))
    assert refusal(tmp_path, "turned.tif", fax_tiff([turned], 4, order=2)) == ("image-damaged", 1)
    assert refusal(tmp_path, "negative.tif", fax_tiff([CUTS[kind]], 4, photometric=1)) == ("image-damaged", 1)
    assert refusal(tmp_path, "short.pdf", group4(CUTS[kind])) == ("pdf-damaged", 1)


def test_a_fax_coding_without_its_end_is_taken_where_all_rows_are_there(tmp_path: Path) -> None:
    strip = without_end(WHOLE)
    opened(tmp_path, "whole.tif", fax_tiff([strip], 4))
    opened(tmp_path, "whole.pdf", group4(strip))
    longer = fax_strip(page().resize((SIZE[0], SIZE[1] + 8)))
    opened(tmp_path, "longer.tif", fax_tiff([longer], 4))
    opened(tmp_path, "longer.pdf", group4(longer))


def test_each_tile_holds_its_rows(tmp_path: Path) -> None:
    side, across, down = 640, 2, 3
    whole = page().crop((0, 0, side * across, side * down))
    tiles = [
        fax_strip(whole.crop((x * side, y * side, (x + 1) * side, (y + 1) * side)))
        for y in range(down)
        for x in range(across)
    ]

    def tiled(parts: list[bytes]) -> bytes:
        data, places = b"", []
        for part in parts:
            places.append(8 + len(data))
            data += part
        lists = 8 + len(data)
        data += struct.pack(f"<{len(parts)}I", *places) + struct.pack(f"<{len(parts)}I", *map(len, parts))
        entries = [
            (256, 1, side * across), (257, 1, side * down), (258, 1, 1), (259, 1, 4), (262, 1, 0), (277, 1, 1),
            (322, 1, side), (323, 1, side), (324, len(parts), lists), (325, len(parts), lists + 4 * len(parts)),
        ]  # fmt: skip
        table = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, count, value in entries)
        return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(entries)) + table + bytes(4)

    opened(tmp_path, "whole.tif", tiled(tiles))
    short = [*tiles[:3], tiles[3][: len(tiles[3]) // 2], *tiles[4:]]
    assert refusal(tmp_path, "short.tif", tiled(short)) == ("image-damaged", 1)


@pytest.mark.parametrize("last", [3, 14, 64, 1000, 1237])
def test_a_coding_without_an_end_seldom_has_to_be_counted(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting a picture of 600 dpi that is all dots takes 20 seconds. The last word ends with zeros of its own."""
    rows = [[40, 5, SIZE[0] - 45]] * 60 + [[SIZE[0] - last - 3, 3, last]]
    strip = fax_writer.group4(rows, end="")
    with monkeypatch.context() as patch:
        patch.setattr(fax_pictures, "holds_rows", lambda *_how: pytest.fail("rows were counted"))
        assert fax_pictures.have_all_rows([(strip, len(rows))], FaxCoding(SIZE[0], "two"))
        assert fax_pictures.have_all_rows([(strip + bytes(3), len(rows))], FaxCoding(SIZE[0], "two"))
    assert not fax_pictures.have_all_rows([(strip, len(rows) + 1)], FaxCoding(SIZE[0], "two"))


@pytest.mark.parametrize("parms", [{}, {"Rows": 0}, {"Rows": SIZE[1], "BlackIs1": True}, {"EndOfBlock": False}])
def test_the_height_of_a_picture_tells_its_rows(tmp_path: Path, parms: dict[str, object]) -> None:
    def made(coded: bytes) -> bytes:
        how = Dictionary(K=-1, Columns=SIZE[0], **parms)
        return pdf_of(coded, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=how)

    opened(tmp_path, "whole.pdf", made(WHOLE))
    assert refusal(tmp_path, "short.pdf", made(WHOLE[: len(WHOLE) // 2])) == ("pdf-damaged", 1)


def test_each_strip_holds_its_rows(tmp_path: Path) -> None:
    bands = [fax_strip(page().crop((0, top, SIZE[0], min(top + 300, SIZE[1])))) for top in range(0, SIZE[1], 300)]
    opened(tmp_path, "whole.tif", fax_tiff(bands, 4, rows=300))
    for place in range(len(bands)):
        spoilt_bands = [*bands[:place], bands[place][: len(bands[place]) // 2], *bands[place + 1 :]]
        assert refusal(tmp_path, "short.tif", fax_tiff(spoilt_bands, 4, rows=300)) == ("image-damaged", 1)


def test_a_page_of_several_pictures_is_looked_at_too(tmp_path: Path) -> None:
    def made(lower: bytes) -> bytes:
        with pikepdf.open(io.BytesIO(group4(WHOLE))) as pdf:
            sheet = pdf.pages[0].obj
            parms = Dictionary(K=-1, Columns=SIZE[0])
            sheet.Resources.XObject.Lower = pdf.make_stream(
                lower, Type=Name.XObject, Subtype=Name.Image, Width=SIZE[0], Height=SIZE[1], BitsPerComponent=1,
                ColorSpace=Name.DeviceGray, Filter=Name.CCITTFaxDecode, DecodeParms=parms,
            )  # fmt: skip
            sheet.Contents = pdf.make_stream(
                b"q 595.2 0 0 420.96 0 420.96 cm /Im Do Q q 595.2 0 0 420.96 0 0 cm /Lower Do Q"
            )
            out = io.BytesIO()
            pdf.save(out, compress_streams=False)
            return out.getvalue()

    opened(tmp_path, "whole.pdf", made(WHOLE))
    assert refusal(tmp_path, "short.pdf", made(WHOLE[: len(WHOLE) // 2])) == ("pdf-damaged", 1)


def test_rows_that_begin_with_bytes_are_counted_too(tmp_path: Path) -> None:
    runs = [[row % 50 + 1, 3, 500, row % 7 + 1, SIZE[0] - 505 - row % 50 - row % 7] for row in range(SIZE[1])]
    strip = fax_writer.group4(runs, aligned=True)

    def made(coded: bytes) -> bytes:
        parms = Dictionary(K=-1, Columns=SIZE[0], EncodedByteAlign=True)
        return pdf_of(coded, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=parms)

    opened(tmp_path, "whole.pdf", made(strip))
    assert refusal(tmp_path, "short.pdf", made(strip[: len(strip) // 2])) == ("pdf-damaged", 1)


@pytest.mark.parametrize("twice_packed", [False, True])
def test_a_fax_coding_within_another_coding_is_looked_at(tmp_path: Path, twice_packed: bool) -> None:
    def made(coded: bytes) -> bytes:
        parms = Dictionary(K=-1, Columns=SIZE[0])
        filters = Array([Name.FlateDecode, Name.CCITTFaxDecode] if twice_packed else [Name.CCITTFaxDecode])
        listed = Array([None, parms] if twice_packed else [parms])
        data = zlib.compress(coded) if twice_packed else coded
        return pdf_of(data, BitsPerComponent=1, Filter=filters, DecodeParms=listed)

    opened(tmp_path, "whole.pdf", made(WHOLE))
    assert refusal(tmp_path, "short.pdf", made(WHOLE[: len(WHOLE) // 2])) == ("pdf-damaged", 1)


@pytest.mark.parametrize(
    ("name", "compression", "options"),
    [("group3", 3, 0), ("group3", 3, 1), ("group3", 3, 4), ("tiff_ccitt", 2, 0)],
    ids=["one dimension", "two dimensions", "filled", "no marks"],
)
def test_group_3_is_counted_as_well(tmp_path: Path, name: str, compression: int, options: int) -> None:
    strip = fax_strip(page(), name, **({"tag292": options} if compression == 3 else {}))
    opened(tmp_path, "whole.tif", fax_tiff([strip], compression, options=options))
    for share in (0.3, 0.9):
        short = fax_tiff([strip[: int(len(strip) * share)]], compression, options=options)
        assert refusal(tmp_path, "short.tif", short) == ("image-damaged", 1)

    def made(coded: bytes) -> bytes:
        parms = Dictionary(K=options & 1, Columns=SIZE[0], EncodedByteAlign=compression == 2)
        return pdf_of(coded, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=parms)

    opened(tmp_path, "whole.pdf", made(strip))
    assert refusal(tmp_path, "short.pdf", made(strip[: len(strip) // 2])) == ("pdf-damaged", 1)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_samples_that_break_off_are_refused(tmp_path: Path, share: float) -> None:
    samples = zlib.compress(np.asarray(page().convert("L")).tobytes())
    opened(tmp_path, "whole.pdf", pdf_of(samples, BitsPerComponent=8, Filter=Name.FlateDecode))
    short = samples[: int(len(samples) * share)]
    code, number = refusal(tmp_path, "short.pdf", pdf_of(short, BitsPerComponent=8, Filter=Name.FlateDecode))
    assert (code, number) == ("pdf-damaged", 1) or code in ("pdf-damaged", "content-bomb")


def test_predictors_and_palettes_are_reckoned_with(tmp_path: Path) -> None:
    rows = np.asarray(page().convert("L"))
    filtered = np.hstack([np.zeros((rows.shape[0], 1), np.uint8), rows]).tobytes()
    parms = Dictionary(Predictor=15, Colors=1, BitsPerComponent=8, Columns=SIZE[0])
    data = pdf_of(zlib.compress(filtered), BitsPerComponent=8, Filter=Name.FlateDecode, DecodeParms=parms)
    opened(tmp_path, "predicted.pdf", data)
    listed = Array([Name.FlateDecode])
    opened(tmp_path, "listed.pdf", pdf_of(zlib.compress(rows.tobytes()), BitsPerComponent=8, Filter=listed))


def odd_tiff(samples: np.ndarray, sample_format: int, photometric: int) -> bytes:
    """An uncompressed TIFF of one strip whose samples are of a kind that no scanner for documents makes."""
    height, width = samples.shape[:2]
    colours = samples.shape[2] if samples.ndim == 3 else 1
    data = samples.tobytes()
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, samples.dtype.itemsize * 8), (259, 3, 1, 1),
        (262, 3, 1, photometric), (273, 4, 1, 8), (277, 3, 1, colours), (278, 4, 1, height), (279, 4, 1, len(data)),
        (339, 3, 1, sample_format),
    ]  # fmt: skip
    if colours == 3:
        place = 8 + len(data)
        data += struct.pack("<HHH", 16, 16, 16)
        entries[2] = (258, 3, 3, place)
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(entries)) + table + bytes(4)


GRAY = np.asarray(page().convert("L").resize((620, 877)))


@pytest.mark.parametrize(
    ("samples", "sample_format", "photometric"),
    [
        ((GRAY / 255).astype("<f4"), 3, 1),
        (GRAY.astype("<u4") << 24, 1, 1),
        (GRAY.astype("<i2"), 2, 1),
        (GRAY.astype("<u2") << 8, 1, 0),
        (np.dstack([GRAY.astype("<u2") << 8] * 3), 1, 2),
    ],
    ids=["fractions", "32 bits", "signed", "16 bits of darkness", "16 bits of colours"],
)
def test_samples_that_could_not_be_kept_as_they_are_are_refused(
    tmp_path: Path, samples: np.ndarray, sample_format: int, photometric: int
) -> None:
    code, _ = refusal(tmp_path, "odd.tif", odd_tiff(samples, sample_format, photometric))
    assert code == "image-damaged"


def test_sixteen_bits_of_gray_are_kept(tmp_path: Path) -> None:
    opened(tmp_path, "gray.tif", odd_tiff(GRAY.astype("<u2") << 8, 1, 1))
