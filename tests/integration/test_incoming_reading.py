"""Reading as small as the type allows: dots kept, dark headings read, pages together, odd layouts upright."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.raster_words import RasterBlock
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Temporary
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import FONT, RULES, bilevel, encoded, skewed
from tests.needs import need

pytestmark = pytest.mark.integration

need("tesseract")

_DPI = 200
_LINES = (
    "Für die Überprüfung der Gebühren gemäß § 12 Abs. 3 der Satzung benötigen wir",
    "nähere Auskünfte über die Größe der Grundstücke, die Höhe der Erträge und die",
    "zugehörigen Schlüsselnummern. Über Änderungen während der Übergangsfrist sind",
    "die zuständigen Ämter bis zum 14.10.2026 schriftlich zu verständigen; für den",
    "Betrag von 1.248,37 Euro gilt § 117 entsprechend. Äußerungen genügen mündlich.",
)
_TURNS = (0, 90, 180, 270)


def _font(size_pt: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size_pt / 72 * _DPI)


def _blank(width_inch: float = 8.27, height_inch: float = 5.83) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (round(width_inch * _DPI), round(height_inch * _DPI)), 250)
    return image, ImageDraw.Draw(image)


def _letter(size_pt: float = 9, repeats: int = 3, width_inch: float = 8.27, height_inch: float = 5.83) -> Image.Image:
    image, draw = _blank(width_inch, height_inch)
    for number, line in enumerate(_LINES * repeats):
        draw.text((0.8 * _DPI, (0.6 + number * 1.5 * size_pt / 72) * _DPI), line, font=_font(size_pt), fill=20)
    return image


def _read(image: Image.Image, folder: Path, kind: str = "PNG", **options: object) -> RecognisedPage:
    folder.mkdir(exist_ok=True)
    source = folder / f"page.{kind.lower()}"
    source.write_bytes(encoded(image, kind, dpi=(_DPI, _DPI), **options))
    return recognise_pages(str(source), inspect_scan(str(source), RULES), 1, 1, str(folder / "pages"), RULES)[0]


def _signs(text: str, signs: str) -> int:
    return sum(text.count(sign) for sign in signs)


@pytest.mark.parametrize("size_pt", [6.5, 9])
def test_small_type_in_black_and_white_keeps_its_dots(size_pt: float, tmp_path: Path) -> None:
    page = _read(bilevel(_letter(size_pt)), tmp_path, "TIFF", compression="group4")
    wanted = "\n".join(_LINES * 3)
    assert _signs(page.text, "äöüÄÖÜß") == _signs(wanted, "äöüÄÖÜß")
    assert page.text.count("14.10.2026") == 3
    assert page.text.count("§") == 6
    assert page.passes == 1


def test_headings_in_light_type_are_read_at_once_and_lie_where_they_are(tmp_path: Path) -> None:
    image = _letter()
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 20, 1540, 80), fill=40)
    draw.text((150, 30), "Wirtschaftliche Verhältnisse", font=_font(13), fill=245)
    page = _read(image, tmp_path)
    assert page.passes == 1
    word = next(word for line in page.lines() for word in line.words if word.text == "Verhältnisse")
    left = 150 + _font(13).getlength("Wirtschaftliche ")
    assert abs(word.box.left - left) < 6
    assert 30 <= word.box.top <= word.box.bottom <= 80


def test_black_edges_and_empty_paper_are_cut_and_all_boxes_stay_true(tmp_path: Path) -> None:
    image, draw = _blank()
    draw.text((500, 400), "Akteneinsicht", font=_font(12), fill=20)
    draw.text((500, 460), "in der Sache 4711 bitte ich um Übersendung der Unterlagen", font=_font(12), fill=20)
    draw.rectangle((0, 0, 14, image.height), fill=25)
    draw.rectangle((0, image.height - 9, image.width, image.height), fill=25)
    page = _read(image, tmp_path)
    word = next(word for line in page.lines() for word in line.words if word.text == "Akteneinsicht")
    box = draw.textbbox((500, 400), "Akteneinsicht", font=_font(12))
    found = (word.box.left, word.box.top, word.box.right, word.box.bottom)
    assert max(abs(a - b) for a, b in zip(found, box, strict=True)) <= 4
    assert all(line.box.left > 400 for line in page.lines())


def _stack(folder: Path, count: int) -> Path:
    pages = [_letter(9 + number % 2, 1 + number % 3) for number in range(count)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:], dpi=(_DPI, _DPI), compression="tiff_lzw")
    path = folder / "stack.tif"
    path.write_bytes(buffer.getvalue())
    return path


def _pages(source: Path, out: Path, first: int, last: int) -> list[RecognisedPage]:
    return recognise_pages(str(source), inspect_scan(str(source), RULES), first, last, str(out), RULES)


def test_pages_read_together_are_what_each_is_alone(tmp_path: Path) -> None:
    source = _stack(tmp_path, 5)
    together = _pages(source, tmp_path / "all", 1, 5)
    alone = [page for number in range(1, 6) for page in _pages(source, tmp_path / f"page-{number}", number, number)]
    assert together == alone
    assert {file.suffix for file in (tmp_path / "all").iterdir()} == {".json"}


@pytest.mark.parametrize(
    "fault", [Temporary("recognition-failed", "Die Texterkennung brach ab."), tesseract_call.ReadingTimeout("late")]
)
def test_a_call_for_several_pages_that_fails_costs_none_of_them(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[int] = []
    read = tesseract_call.read_pictures

    def failing(
        pictures: Sequence[tesseract_call.Picture], base: Path, way: tesseract_call.Way
    ) -> list[tuple[RasterBlock, ...]]:
        calls.append(len(pictures))
        if len(pictures) > 1:
            raise fault
        return read(pictures, base, way)

    source = _stack(tmp_path, 3)
    wanted = _pages(source, tmp_path / "well", 1, 3)
    monkeypatch.setattr(tesseract_call, "read_pictures", failing)
    assert _pages(source, tmp_path / "ill", 1, 3) == wanted
    assert sorted(calls) == [1, 1, 1, 2]  # one of the pages has larger type than the others
    assert {file.suffix for file in (tmp_path / "ill").iterdir()} == {".json"}


def test_one_page_whose_time_is_up_among_others_is_the_only_one_with_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = tesseract_call.read_pictures

    def slow(
        pictures: Sequence[tesseract_call.Picture], base: Path, way: tesseract_call.Way
    ) -> list[tuple[RasterBlock, ...]]:
        if any("00002" in picture.path.name for picture in pictures):
            raise tesseract_call.ReadingTimeout("late")
        return read(pictures, base, way)

    source = _stack(tmp_path, 3)
    monkeypatch.setattr(tesseract_call, "read_pictures", slow)
    pages = _pages(source, tmp_path / "pages", 1, 3)
    assert [page.trouble for page in pages] == [None, "recognition-timeout", None]
    assert [page.words > 30 for page in pages] == [True, False, True]


def _upright_note(text: str, size_pt: float) -> Image.Image:
    """Type that runs up the page."""
    font = _font(size_pt)
    strip = Image.new("L", (round(font.getlength(text)) + 8, round(size_pt * 2 / 72 * _DPI)), 250)
    ImageDraw.Draw(strip).text((4, 4), text, font=font, fill=40)
    return strip.rotate(90, expand=True)


def _stamped() -> Image.Image:
    image = _letter(10, 5, 8.27, 11.69)
    image.paste(_upright_note("EINGEGANGEN 14. Okt. 2026", 15), (1500, 1500))
    return image


def _figures() -> Image.Image:
    image, draw = _blank(8.27, 11.69)
    for row in range(38):
        for column in range(6):
            figure = f"{(977 * row + 3331 * column) % 8999 + 1000},{(37 * row + 11 * column) % 90 + 10}"
            draw.text((160 + 235 * column, 160 + 52 * row), figure, font=_font(10), fill=20)
    return image


def _vertical_heads() -> Image.Image:
    image, draw = _blank(8.27, 11.69)
    draw.text((160, 120), "Übersicht der Prüfungsergebnisse", font=_font(14), fill=20)
    for column, head in enumerate(("Brandschutz", "Standsicherheit", "Schallschutz", "Barrierefreiheit")):
        image.paste(_upright_note(head, 10), (800 + 160 * column, 320))
    for row in range(24):
        name = ("Rathaus am Markt", "Grundschule am Wald", "Feuerwehrhaus", "Turnhalle")[row % 4]
        draw.text((160, 640 + 60 * row), f"{name} {row + 10}", font=_font(10), fill=20)
        for column in range(4):
            draw.text((800 + 160 * column, 640 + 60 * row), ("ja", "nein")[(row + column) % 2], font=_font(10), fill=20)
    return image


def _across() -> Image.Image:
    """A wide table on an upright sheet; it must be turned clockwise by 90 degrees."""
    image, draw = _blank(11.69, 8.27)
    draw.text((120, 90), "Haushaltsplan 2026, Ergebnishaushalt", font=_font(13), fill=20)
    for row in range(26):
        draw.text((120, 190 + 52 * row), f"{401000 + 100 * row} Verwaltungsgebühren", font=_font(9), fill=20)
        for column in range(7):
            figure = f"{(977 * row + 331 * column) % 899 + 100}.{(37 * row + 11 * column) % 900 + 100}"
            draw.text((700 + 215 * column, 190 + 52 * row), figure, font=_font(9), fill=20)
    return image.rotate(90, expand=True)


def _hardly_anything() -> Image.Image:
    image, draw = _blank(8.27, 11.69)
    draw.text((900, 420), "Süderholz, den 14. Oktober 2026", font=_font(12), fill=20)
    return image


_LAYOUTS: dict[str, tuple[Callable[[], Image.Image], int, tuple[str, ...]]] = {
    "stamp up the side": (_stamped, 0, ("Schlüsselnummern", "1.248,37")),
    "figures only": (_figures, 0, ("1000,10", "4331,21")),
    "vertical headings": (_vertical_heads, 0, ("Prüfungsergebnisse", "Feuerwehrhaus")),
    "wide table on an upright sheet": (_across, 90, ("Ergebnishaushalt", "401000", "100.100")),
    "hardly anything": (_hardly_anything, 0, ("Oktober",)),
}


@pytest.mark.parametrize("turn", _TURNS)
@pytest.mark.parametrize("name", _LAYOUTS)
def test_odd_layouts_are_read_upright_whichever_way_they_were_fed(name: str, turn: int, tmp_path: Path) -> None:
    draw, own_turn, words = _LAYOUTS[name]
    page = _read(skewed(draw(), 0.7).rotate(turn, expand=True), tmp_path)
    assert (page.rotation, page.trouble) == ((turn + own_turn) % 360, None)
    assert [word for word in words if word not in page.text.split() and word not in page.text] == []


def test_the_type_of_a_column_head_that_runs_up_is_found(tmp_path: Path) -> None:
    text = _read(_vertical_heads(), tmp_path).text
    assert sum(head in text for head in ("Brandschutz", "Standsicherheit", "Schallschutz", "Barrierefreiheit")) >= 3


def test_dithered_shades_bring_no_signs_of_their_own(tmp_path: Path) -> None:
    image = _letter(12, 2)
    shade = np.array(image)
    shade[shade > 200] = 244
    page = _read(Image.fromarray(shade).convert("1"), tmp_path)
    assert page.trouble is None
    assert abs(page.words - len(" ".join(_LINES * 2).split())) <= 2
