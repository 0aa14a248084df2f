"""Pages as pictures for a person, and pages that go back: of PDF and of picture files, upright, the right ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.incoming.page_prints import copy_pages, draw_pages, print_name
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from tests.stack_examples import stack_pdf

pytestmark = pytest.mark.integration


def picture(page: int, mode: str = "RGB") -> Image.Image:
    """A page of 600 by 800 pixels with a black block at its top left, lower on each page."""
    raster = np.full((800, 600), 255, np.uint8)
    raster[20 : 20 + 40 * page, 20:200] = 0
    return Image.fromarray(raster).convert(mode)


def tiff(path: Path, modes: list[str], **more: object) -> SourceFacts:
    pages = [picture(number, mode) for number, mode in enumerate(modes, 1)]
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(200, 200), **more)
    return SourceFacts("tiff", len(modes))


def ink_rows(path: Path) -> int:
    """How many rows of a picture have much ink."""
    with Image.open(path) as found:
        return int((np.asarray(found.convert("L")) < 128).any(axis=1).sum())


def test_asked_for_pages_of_a_pdf_are_drawn_at_their_size(tmp_path: Path) -> None:
    stack_pdf(tmp_path / "s.pdf", 5)
    run_confined(
        Limits(60, 4000), draw_pages, str(tmp_path / "s.pdf"), SourceFacts("pdf", 5), (2, 4), str(tmp_path), 100, {}
    )
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["page-00002.png", "page-00004.png"]
    with Image.open(tmp_path / print_name(2)) as found:
        assert (abs(found.width - 827) <= 1, abs(found.height - 1169) <= 1, found.mode) == (True, True, "RGB")
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK", "I;16", "RGBA", "P"])
def test_every_kind_of_picture_is_shown_black_on_white(tmp_path: Path, mode: str) -> None:
    source = tmp_path / "s.tif"
    if mode == "I;16":
        Image.fromarray(np.asarray(picture(2)).astype(np.uint16)[:, :, 0] * 257).save(source, dpi=(200, 200))
        facts = SourceFacts("tiff", 1)
    else:
        facts = tiff(source, [mode, mode])
    draw_pages(str(source), facts, [facts.pages], str(tmp_path), 100, {})
    with Image.open(tmp_path / print_name(facts.pages)) as found:
        gray = np.asarray(found.convert("L"))
    assert gray.shape == (400, 300)
    assert (gray[15:45, 15:95] < 60).all()
    assert (gray[100:, :] > 200).all()


def test_the_right_page_of_many_is_drawn_in_any_order(tmp_path: Path) -> None:
    facts = tiff(tmp_path / "s.tif", ["L"] * 5)
    draw_pages(str(tmp_path / "s.tif"), facts, [5, 1, 3], str(tmp_path), 200, {})
    assert [ink_rows(tmp_path / print_name(page)) for page in (1, 3, 5)] == [40, 120, 200]


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))])
@pytest.mark.parametrize("kind", ["tiff", "pdf"])
def test_a_page_is_turned_as_it_was_recognised(tmp_path: Path, kind: str, turn: int, corner: tuple[int, int]) -> None:
    facts = tiff(tmp_path / "s.tif", ["L"])
    source = tmp_path / "s.tif"
    if kind == "pdf":
        copy_pages(str(source), facts, [1], str(tmp_path / "s.pdf"))
        source, facts = tmp_path / "s.pdf", SourceFacts("pdf", 1)
    draw_pages(str(source), facts, [1], str(tmp_path), 100, {1: turn})  # type: ignore[dict-item]
    with Image.open(tmp_path / print_name(1)) as found:
        gray = np.asarray(found.convert("L"))
    height, width = gray.shape
    assert (width > height) == (turn in (90, 270))
    rows, columns = np.nonzero(gray < 128)
    assert (round(rows.mean() / height), round(columns.mean() / width)) == corner


def test_a_huge_page_is_drawn_small(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_400, 14_400))
        pdf.save(tmp_path / "s.pdf")
    draw_pages(str(tmp_path / "s.pdf"), SourceFacts("pdf", 1), [1], str(tmp_path), 100, {})
    with Image.open(tmp_path / print_name(1)) as found:
        assert 5_000_000 < found.width * found.height < 6_100_000


def test_a_damaged_page_is_refused_and_leaves_no_half_picture(tmp_path: Path) -> None:
    facts = tiff(tmp_path / "s.tif", ["L", "L"], compression="tiff_lzw")
    data = bytearray((tmp_path / "s.tif").read_bytes())
    with Image.open(tmp_path / "s.tif") as found:
        found.seek(1)
        start = found.tag_v2[273][0]
    data[start : start + 60] = b"\xff" * 60
    (tmp_path / "s.tif").write_bytes(data)
    with pytest.raises(Rejected) as error:
        draw_pages(str(tmp_path / "s.tif"), facts, [1, 2], str(tmp_path), 100, {})
    assert (error.value.code, error.value.page) == ("image-damaged", 2)
    assert [path.name for path in tmp_path.glob("page-*")] == ["page-00001.png"]


def test_pages_that_go_back_keep_the_scanners_bytes(tmp_path: Path) -> None:
    facts = tiff(tmp_path / "s.tif", ["1"] * 4, compression="group4")
    copy_pages(str(tmp_path / "s.tif"), facts, [2, 3], str(tmp_path / "back.pdf"))
    scanned = (tmp_path / "s.tif").read_bytes()
    with pikepdf.open(tmp_path / "back.pdf") as back:
        assert len(back.pages) == 2
        for page in back.pages:
            for image in page.images.values():
                assert image.read_raw_bytes() in scanned


def test_pages_of_a_pdf_that_is_none_any_more_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(Rejected, match="herauslösen") as error:
        copy_pages(str(tmp_path / "s.pdf"), SourceFacts("pdf", 3), [1], str(tmp_path / "back.pdf"))
    assert error.value.code == "pdf-damaged"
