"""TIFF pages that ask to be turned or mirrored (tag 274): shown upright, told right, each word at its place.

The upright letter is the measure: a page that was stored in another orientation must look like it in the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.page_pictures import open_pictures
from pipeline.adapters.incoming.page_prints import draw_pages, print_name
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import LINES, RULES, WORDS, bilevel, sheet
from tests.integration.test_text_places import furthest, words_shown
from tests.kind_files import write_old_jpeg

pytestmark = pytest.mark.integration

_DPI = 211
_SIZE = (1748, 1240)
_ALIKE = 2.0  # shades of 255 on average between two pictures of the same page
_STORED = {  # how an upright page lies in a file that asks for this orientation (TIFF 6.0, section 8)
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_TURNS = {1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
_CODINGS = {
    "group 4": "group4",
    "PackBits": "packbits",
    "Deflate": "tiff_adobe_deflate",
    "LZW": "tiff_lzw",
    "plain": "raw",
    "JPEG": "jpeg",
    "JPEG (old)": None,
}
_READ = [("group 4", orientation) for orientation in _STORED] + [
    (coding, orientation) for coding in _CODINGS if coding != "group 4" for orientation in (6, 7)
]


def _write(path: Path, coding: str, orientation: int) -> Path:
    how = _STORED[orientation]
    image = sheet(LINES) if how is None else sheet(LINES).transpose(how)
    compression = _CODINGS[coding]
    if compression is None:
        return write_old_jpeg(path, image, _DPI, orientation)
    image = bilevel(image) if coding == "group 4" else image
    image.save(path, compression=compression, dpi=(_DPI, _DPI), tiffinfo={274: orientation})
    return path


def _shown(pdf: Path) -> NDArray[np.int16]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.asarray(document[0].render(scale=1.5, grayscale=True).to_pil()).astype(np.int16)
    finally:
        document.close()


def _unlike(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The mean difference of two pictures, without that of edges by half a pixel; 255 where their sizes differ."""
    if any(abs(a - b) > 1 for a, b in zip(one.shape, other.shape, strict=True)):
        return 255.0
    high, wide = (min(a, b) for a, b in zip(one.shape, other.shape, strict=True))
    near, far = (cv2.blur(each[:high, :wide].astype(np.float32), (9, 9)) for each in (one, other))
    return float(np.abs(near - far).mean())


@dataclass(frozen=True)
class Upright:
    """A file that asks for nothing: its archive page, how that looks, and how a person sees the page."""

    pdf: Path
    look: NDArray[np.int16]
    sight: NDArray[np.int16]


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Upright]:
    """The measure by the mode of the picture: black and white, or gray."""
    made = {}
    for image in (sheet(LINES), bilevel(sheet(LINES))):
        folder = tmp_path_factory.mktemp("upright")
        source = folder / "scan.tif"
        image.save(source, compression="tiff_adobe_deflate", dpi=(_DPI, _DPI))
        facts = inspect_scan(str(source), RULES)
        pages = recognise_pages(str(source), facts, 1, 1, str(folder / "pages"), RULES)
        build_archive_pdf(str(source), facts, pages, str(folder / "document.pdf"))
        draw_pages(str(source), facts, [1], str(folder), 108, {})
        made[image.mode] = Upright(folder / "document.pdf", _shown(folder / "document.pdf"), _drawn(folder))
    return made


def _drawn(folder: Path) -> NDArray[np.int16]:
    with Image.open(folder / print_name(1)) as drawn:
        return np.asarray(drawn.convert("L")).astype(np.int16)


def test_the_measure_tells_an_upright_page_from_all_others(upright: dict[str, Upright]) -> None:
    for each in upright.values():
        assert _unlike(each.look, each.sight) < _ALIKE
        for other in (each.look[::-1], each.look[:, ::-1], each.look[::-1, ::-1], each.look.T):
            assert _unlike(each.look, other) > 4 * _ALIKE


@pytest.mark.parametrize("orientation", _STORED)
@pytest.mark.parametrize("coding", _CODINGS)
def test_a_page_is_turned_once_as_its_file_asks(
    tmp_path: Path, upright: dict[str, Upright], coding: str, orientation: int
) -> None:
    source = _write(tmp_path / "scan.tif", coding, orientation)
    facts = inspect_scan(str(source), RULES)
    with open_pictures(str(source), facts) as pictures:
        page, glance, colours = pictures.page(1), pictures.glance(1), pictures.colours(1)
    stored = _SIZE if orientation < 5 else _SIZE[::-1]
    assert (page.hint, page.width_px, page.height_px) == (_TURNS[orientation], *stored)
    turned = np.rot90(page.gray, -page.hint // 90).astype(np.int16)
    paper = bilevel(sheet(LINES)).convert("L") if coding == "group 4" else sheet(LINES)
    assert _unlike(turned, np.asarray(paper).astype(np.int16)) < _ALIKE
    measure = upright["1" if coding == "group 4" else "L"]
    assert (glance.gray.shape[0] > glance.gray.shape[1]) == (orientation > 4)
    assert (colours is not None) == (coding == "JPEG (old)")
    assert colours is None or (colours.shape[0] > colours.shape[1]) == (orientation > 4)
    told = RecognisedPage(1, *stored, page.dpi_x, page.dpi_y, page.hint, 0.0, 1, 0.0, 0.0, ())
    build_archive_pdf(str(source), facts, [told], str(tmp_path / "document.pdf"))
    assert _unlike(_shown(tmp_path / "document.pdf"), measure.look) < _ALIKE
    draw_pages(str(source), facts, [1, 1], str(tmp_path), 108, {})
    assert _unlike(_drawn(tmp_path), measure.sight) < _ALIKE


@pytest.mark.parametrize(("coding", "orientation"), _READ)
def test_the_words_of_a_turned_page_lie_at_their_places(
    tmp_path: Path, upright: dict[str, Upright], coding: str, orientation: int
) -> None:
    source = _write(tmp_path / "scan.tif", coding, orientation)
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, 1, str(tmp_path / "pages"), RULES)
    assert (pages[0].rotation, pages[0].trouble) == (_TURNS[orientation], None)
    built = build_archive_pdf(str(source), facts, pages, str(tmp_path / "document.pdf"))
    assert check_archive_pdf(str(tmp_path / "document.pdf"), pages, built) == []
    places = furthest(words_shown(upright["L"].pdf)[0], words_shown(tmp_path / "document.pdf")[0])
    near = [word for off, word in places if off < 2.0]
    assert len(near) >= 0.95 * len(WORDS)
    mirrored = [remark for remark in built.remarks if "mirrored left to right" in remark]
    assert bool(mirrored) == (orientation in (2, 4, 5, 7))
