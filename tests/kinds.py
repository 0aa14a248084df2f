"""Every kind of page that the scan room may meet, as a source file with what must come out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image

from tests import kind_files as files
from tests import kind_pages as pages
from tests.kind_pages import Drawn, printed, worn

A6_PT = (419.53, 297.64)
A5_PT = (595.28, 419.53)


@dataclass(frozen=True)
class Kind:
    """A source and the truth about it, page by page.

    `least`: the share of words that must be found, 0 to 1; `keys` must be right to the character. `remarks`: of the
    source. `recoded`: no picture stream need be the source's own bytes. `review`: why a person has to look.
    """

    make: Callable[[Path], Path]
    words: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...] = ()
    least: float = 0.97
    rotation: tuple[int, ...] = (0,)
    sizes_pt: tuple[tuple[float, float], ...] = (A6_PT,)
    remarks: tuple[str, ...] = ()
    recoded: bool = False
    review: tuple[str, ...] = ()


def _image(page: Drawn, name: str, dpi: int = 200, mode: str = "L", **options: object) -> Callable[[Path], Path]:
    """An image file of the page; its type by the name's end."""

    def make(folder: Path) -> Path:
        image = printed(page, dpi, "L" if mode in ("P", "I;16") else "RGB" if mode == "CMYK" else mode)
        return save(image.quantize(16) if mode == "P" else image.convert(mode), folder / name, dpi, **options)

    return make


def save(image: Image.Image, path: Path, dpi: float | tuple[float, float], **options: object) -> Path:
    """The picture as an image file that tells its resolution."""
    image.save(path, dpi=dpi if isinstance(dpi, tuple) else (dpi, dpi), **options)
    return path


def _pdf(sheets: Callable[[], Sequence[files.Sheet]]) -> Callable[[Path], Path]:
    return lambda folder: files.write_pdf(folder / "scan.pdf", *sheets())


def _coded(code: Callable[[Image.Image], files.Coded], mode: str = "L") -> Callable[[Path], Path]:
    """A PDF of the letter in one coding."""
    return _pdf(lambda: [files.whole(code(printed(LETTER, 200, mode)), 200)])


LETTER = pages.letter()
_SAME = (LETTER.words,)
_RED = pages.stamped(0.8, 0.05, 0.1, round_=True, degrees=18, over_text=True)
_BLUE = pages.stamped(0.1, 0.1, 0.7, round_=False, degrees=6, over_text=False)
_STRAIGHT = pages.stamped(0.1, 0.1, 0.7, round_=False, degrees=0, over_text=False)
_BLACK = pages.stamped(0.25, 0.25, 0.25, round_=True, degrees=-12, over_text=True)
_STAMP = tuple(" ".join(pages.STAMP).split())


def _letter_pdf(lines: tuple[str, ...] = pages.LETTER) -> bytes:
    return pages.typeset(pages.letter(lines))


def _turned(rotate: int) -> Sequence[files.Sheet]:
    """A page whose picture lies in the file as it went through the scanner; the viewer turns it."""
    image = printed(LETTER).rotate(rotate, expand=True)
    sheet = files.whole(files.jpeg(image), 200)
    return [files.Sheet(sheet.size_pt, sheet.pictures, rotate=rotate)]


def _in_user_units() -> Sequence[files.Sheet]:
    """A page in units of 1/36 inch."""
    coded = files.jpeg(printed(LETTER))
    size = (coded.size[0] * 72 / 400, coded.size[1] * 72 / 400)
    return [files.Sheet(size, [(coded, (size[0], 0, 0, size[1], 0, 0))], user_unit=2.0)]


def _mixed_sizes() -> Sequence[files.Sheet]:
    """A5 on its side, A6 upright, A6 on its side, at different resolutions and in different codings."""
    upright = pages.letter(_HALVES, (105.0, 148.0))
    return [
        files.whole(files.jpeg(printed(pages.letter(size_mm=pages.A5_MM), 150)), 150),
        files.whole(files.group4(printed(upright, 200, "1")), 200),
        files.whole(files.jpeg(printed(LETTER, 200, "RGB")), 200),
    ]


_HALVES = tuple(half for line in pages.LETTER[2:6] for half in (line[:22].strip(), line[22:].strip()) if half)


def _with_program_made_page(folder: Path) -> Path:
    """Scan, letter from a program, scan."""
    scan = files.write_pdf(folder / "scans.pdf", *([files.whole(files.jpeg(printed(LETTER)), 200)] * 2))
    (folder / "letter.pdf").write_bytes(_letter_pdf())
    with pikepdf.open(scan) as pdf, pikepdf.open(folder / "letter.pdf") as letter:
        pdf.pages.insert(1, letter.pages[0])
        pdf.save(folder / "scan.pdf", deterministic_id=True)
    return folder / "scan.pdf"


def _with_hidden_text() -> Sequence[files.Sheet]:
    """A scan over which somebody's software has laid other words."""
    sheet = files.whole(files.jpeg(printed(LETTER)), 200)
    hidden = "BT 3 Tr /F0 11 Tf 34 240 Td (Aktenzeichen 99.9-000/1999 Muehlenvveg) Tj ET"
    return [files.Sheet(sheet.size_pt, sheet.pictures, more=hidden, fonts={"/F0": "/Helvetica"})]


def _gray_16(folder: Path, name: str) -> Path:
    """Sixteen bits a sample, with a fine slope that eight bits could not hold."""
    fine = np.asarray(printed(LETTER)).astype(np.uint16) * 256
    fine[:] = fine // 2 + 30000 + np.arange(fine.shape[1], dtype=np.uint16)
    return save(Image.fromarray(fine), folder / name, 200)


def _tiff_from(write: Callable[[Path, Image.Image, int], Path], mode: str) -> Callable[[Path], Path]:
    return lambda folder: write(folder / "scan.tif", printed(LETTER, 200, mode), 200)


def _fax(across: int, down: int, compression: str) -> Callable[[Path], Path]:
    """A fax server's file: pixels that are higher than wide."""

    def make(folder: Path) -> Path:
        image = printed(LETTER, 204).resize(
            (round(148 / 25.4 * across), round(105 / 25.4 * down)), Image.Resampling.BOX
        )
        black = image.point(lambda value: 255 * (value > 150)).convert("1", dither=Image.Dither.NONE)
        return save(black, folder / "fax.tif", (across, down), compression=compression)

    return make


LAYOUTS: dict[str, Kind] = {
    "table": Kind(_image(pages.table(), "scan.png"), (pages.table().words,), ("11.060,35", "745,50", "3.081,60")),
    "table upright across": Kind(
        _image(pages.wide_table(), "scan.png"), (pages.wide_table().words,), ("424,5", "21/1"), sizes_pt=(A5_PT,)
    ),
    "red round stamp over the text": Kind(
        _image(_RED, "scan.jpg", mode="RGB"), (_RED.words,), ("1.284,50", "31.03.2026"), 0.7
    ),
    "blue framed stamp, turned": Kind(_image(_BLUE, "scan.jpg", mode="RGB"), (_BLUE.words,), pages.KEYS),
    "blue framed stamp, straight": Kind(
        _image(_STRAIGHT, "scan.jpg", mode="RGB"), ((*_STRAIGHT.words, *_STAMP),), (*pages.KEYS, "EINGEGANGEN"), 0.95
    ),
    "black round stamp over the text, black and white": Kind(
        _image(_BLACK, "scan.tif", mode="1", compression="group4"), (_BLACK.words,), ("31.03.2026",), 0.7
    ),
    "two columns": Kind(
        _image(pages.two_columns(), "scan.png"), (pages.two_columns().words,), ("37,00", "22,80", "8:30"), 0.96
    ),
    "small print, 7 points": Kind(
        _image(pages.small_print(7), "scan.png", 300), (pages.small_print(7).words,), ("5.0118.004711.8,",)
    ),
    "small print, 6 points": Kind(
        _image(pages.small_print(6), "scan.png", 300), (pages.small_print(6).words,), ("15.05.2026.",), 0.9
    ),
    "small print, 6 points, 200 dpi": Kind(
        _image(pages.small_print(6), "scan.png", 200), (pages.small_print(6).words,), (), 0.9
    ),
    "typewriter": Kind(
        lambda folder: save(worn(printed(pages.typewriter())), folder / "scan.jpg", 200), _SAME, pages.KEYS
    ),
    "inverted headings": Kind(
        _image(pages.inverted(), "scan.png"), (pages.inverted().words,), ("Antragsteller", "Bankverbindung"), 1.0
    ),
    "colour": Kind(_image(pages.colourful(), "scan.jpg", mode="RGB"), (pages.colourful().words,), ("93,17",)),
    "grain": Kind(lambda folder: save(worn(printed(LETTER), 0.9, 18), folder / "scan.jpg", 200), _SAME, pages.KEYS),
    "1 bit, 600 dpi": Kind(_image(LETTER, "scan.tif", 600, "1", compression="group4"), _SAME, pages.KEYS),
    "fax, 204 by 98": Kind(_fax(204, 98, "group3"), _SAME, (), 0.7),
    "fax, 204 by 196": Kind(_fax(204, 196, "group4"), _SAME, pages.KEYS, 0.95),
    "gray, 75 dpi": Kind(_image(LETTER, "scan.jpg", 75), _SAME, (), 0.9),
    "1 bit, 75 dpi": Kind(_image(pages.letter(), "scan.png", 75, "1"), _SAME, (), 0.3),
    "A3": Kind(
        _image(pages.letter(size_mm=pages.A3_MM), "scan.png", 150), _SAME, pages.KEYS, sizes_pt=((1190.55, 841.89),)
    ),
    "A5": Kind(_image(pages.letter(size_mm=pages.A5_MM), "scan.png"), _SAME, pages.KEYS, sizes_pt=(A5_PT,)),
}
CODINGS: dict[str, Kind] = {
    "JPEG in PDF": Kind(_coded(files.jpeg), _SAME, pages.KEYS),
    "Flate in PDF": Kind(_coded(files.flate), _SAME, pages.KEYS),
    "LZW in PDF": Kind(_coded(files.lzw), _SAME, pages.KEYS, recoded=True),
    "Group 4 in PDF": Kind(_coded(files.group4, "1"), _SAME, pages.KEYS),
    "JBIG2, generic": Kind(_coded(files.jbig2, "1"), _SAME, pages.KEYS),
    "JBIG2, generic, MMR": Kind(_coded(lambda image: files.jbig2(image, fax=True), "1"), _SAME, pages.KEYS),
    "JBIG2, symbols": Kind(_coded(files.jbig2_symbols, "1"), _SAME, pages.KEYS, remarks=("symbol-coded",)),
    "JPEG 2000, gray": Kind(_coded(files.jpeg2000), _SAME, pages.KEYS),
    "JPEG 2000, colour": Kind(_coded(lambda image: files.jpeg2000(image, told=False), "RGB"), _SAME, pages.KEYS),
    "JPEG 2000, bare code stream": Kind(
        _coded(lambda image: files.jpeg2000(image, no_jp2=True)), _SAME, pages.KEYS, recoded=True
    ),
    "JPEG 2000, gray and alpha": Kind(
        _coded(lambda image: files.jpeg2000(_see_through(image))), _SAME, pages.KEYS, recoded=True
    ),
    "CMYK JPEG in PDF": Kind(
        _pdf(lambda: [files.whole(files.jpeg(printed(LETTER).convert("CMYK")), 200)]), _SAME, pages.KEYS
    ),
    "layers of a copier": Kind(
        _pdf(lambda: [files.layered(printed(pages.colourful(), 300, "RGB"), 300)]),
        (pages.colourful().words,),
        ("93,17",),
    ),
    "picture in bands": Kind(_pdf(lambda: [files.in_pieces(printed(LETTER), 200, 96)]), _SAME, pages.KEYS),
    "turned by 90": Kind(_pdf(lambda: _turned(90)), _SAME, pages.KEYS, rotation=(90,), sizes_pt=(A6_PT[::-1],)),
    "turned by 180": Kind(_pdf(lambda: _turned(180)), _SAME, pages.KEYS, rotation=(180,)),
    "turned by 270": Kind(_pdf(lambda: _turned(270)), _SAME, pages.KEYS, rotation=(270,), sizes_pt=(A6_PT[::-1],)),
    "user units": Kind(
        _pdf(_in_user_units), _SAME, pages.KEYS, sizes_pt=((A6_PT[0] / 2, A6_PT[1] / 2),), remarks=("user-units",)
    ),
    "mixed sizes": Kind(
        _pdf(_mixed_sizes),
        (LETTER.words, tuple(" ".join(_HALVES).split()), LETTER.words),
        rotation=(0, 0, 0),
        sizes_pt=(A5_PT, A6_PT[::-1], A6_PT),
    ),
    "program-made page between scans": Kind(
        _with_program_made_page, (LETTER.words,) * 3, pages.KEYS, 0.97, (0, 0, 0), (A6_PT,) * 3, ("has-text",)
    ),
    "hidden text of others": Kind(_pdf(_with_hidden_text), _SAME, pages.KEYS, remarks=("has-text",)),
    "TIFF, many strips": Kind(
        _image(LETTER, "scan.tif", mode="1", compression="group4", tiffinfo={278: 64}), _SAME, pages.KEYS
    ),
    "TIFF, tiles": Kind(_tiff_from(files.write_tiles, "L"), _SAME, pages.KEYS, recoded=True),
    "TIFF, planes": Kind(_tiff_from(files.write_planes, "RGB"), _SAME, pages.KEYS, recoded=True),
    "TIFF, LZW": Kind(_image(LETTER, "scan.tif", compression="tiff_lzw"), _SAME, pages.KEYS, recoded=True),
    "TIFF, palette": Kind(_image(LETTER, "scan.tif", mode="P"), _SAME, pages.KEYS, recoded=True),
    "TIFF, CMYK": Kind(_image(LETTER, "scan.tif", mode="CMYK"), _SAME, pages.KEYS, recoded=True),
    "TIFF, 16 bit gray": Kind(lambda folder: _gray_16(folder, "scan.tif"), _SAME, pages.KEYS, recoded=True),
    "PNG, 16 bit gray": Kind(lambda folder: _gray_16(folder, "scan.png"), _SAME, pages.KEYS),
    "PNG, palette": Kind(_image(LETTER, "scan.png", mode="P"), _SAME, pages.KEYS),
    "JPEG, CMYK": Kind(_image(LETTER, "scan.jpg", mode="CMYK"), _SAME, pages.KEYS),
}


def _see_through(image: Image.Image) -> Image.Image:
    """The picture with a channel that says how much of it covers the paper: all."""
    layered = image.convert("LA")
    layered.putalpha(255)
    return layered
