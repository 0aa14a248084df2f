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

from pipeline.adapters.incoming.page_pictures import open_pictures
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import IncomingRules

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
    made = io.BytesIO()
    page().save(made, "TIFF", compression=compression, dpi=(150, 150))
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
