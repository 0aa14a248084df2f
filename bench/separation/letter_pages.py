"""Letter pages that are no separators: letters, invoices, tables, forms, ruled paper, charts, codes of other people.

Every page is another one. Most carry a code or a drawing that could be taken for a separator's; all are scanned,
askew, worn, some on their side or upside down, some black and white.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from samples.letters import Letter, lay_out, write_pdf
from samples.paper import Picture, any_paper, bilevel, printed, scan
from samples.people import OFFICES, Office, addressee, iban
from samples.texts import OUTGOING
from samples.texts_incoming import INVOICES, POST
from samples.writing import from_citizen, invoice, notice

Gray = npt.NDArray[np.uint8]
_Draw = Callable[[random.Random, Picture, float], None]
_INK = (40, 35, 30)


def letter_pages(count: int, seed: int) -> Iterator[tuple[str, Gray, int]]:
    """`count` pages: what is drawn on it, the picture, its dpi."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        dpi = rng.choice((100, 150, 150, 200, 200, 200, 300))
        for sheet in printed(write_pdf(lay_out(_letter(rng))), dpi)[:3]:
            if made == count:
                return
            name = rng.choice(tuple(DRAWINGS))
            page = sheet.copy()
            DRAWINGS[name](rng, page, dpi / 25.4)
            yield name, _scanned(rng, page, dpi), dpi
            made += 1


def _letter(rng: random.Random) -> Letter:
    office = OFFICES[rng.choice(sorted(OFFICES))]
    while True:
        try:
            return _any_letter(rng, office)
        except ValueError:  # a text that came out longer than the pages asked for
            continue


def _any_letter(rng: random.Random, office: Office) -> Letter:
    pages = rng.choice((1, 1, 2, 3))
    kind = rng.randrange(3)
    if kind == 0:
        return notice(rng, office, rng.choice(OUTGOING), rng.choice("AB"), addressee(rng, office), pages)
    if kind == 1:
        return from_citizen(rng, office, rng.choice(POST), pages)
    return invoice(rng, office, rng.choice(INVOICES), pages)


def _scanned(rng: random.Random, page: Picture, dpi: int) -> Gray:
    bare = rng.random() < 0.2
    paper = replace(any_paper(rng, rng.choice((0, 0, 0, 90, 180, 270)), bare), dpi=dpi)
    picture = scan(page, replace(paper, skew_degrees=round(rng.uniform(-5, 5), 2)))
    if rng.random() < 0.3:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(15, 60)])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return bilevel(picture) if bare else picture


# --- what stands on letters


def _nothing(rng: random.Random, page: Picture, mm: float) -> None:
    """The letter as it is."""


def _code(
    rng: random.Random, page: Picture, mm: float, text: str, kind: zxingcpp.BarcodeFormat, wide_mm: float
) -> None:
    """A code somewhere in the lower half, dark on light; some are too small or torn, so that they can't be read."""
    image = np.asarray(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), add_quiet_zones=True))
    if kind in (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.ITF):
        image = np.repeat(image[image.shape[0] // 2 : image.shape[0] // 2 + 1], max(8, image.shape[1] // 6), axis=0)
    wide = round(wide_mm * mm)
    high = max(1, round(wide * image.shape[0] / image.shape[1]))
    code = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.3:
        cv2.line(code, (0, rng.randrange(high)), (wide, rng.randrange(high)), 0, round(1.2 * mm))
    top = rng.randrange(page.shape[0] // 2, page.shape[0] - high - 1)
    left = rng.randrange(round(8 * mm), max(round(8 * mm) + 1, page.shape[1] - wide - round(5 * mm)))
    page[top : top + high, left : left + wide] = code[: page.shape[0] - top, : page.shape[1] - left, None]


def _giro_code(rng: random.Random, page: Picture, mm: float) -> None:
    amount = f"{rng.randrange(1, 900)}.{rng.randrange(100):02d}"
    text = f"BCD\n002\n1\nSCT\n\nStadtkasse\n{iban(rng)}\nEUR{amount}\n\n\nRechnung"
    _code(rng, page, mm, text, zxingcpp.BarcodeFormat.QRCode, rng.uniform(14, 35))


def _franking(rng: random.Random, page: Picture, mm: float) -> None:
    text = f"DEA5{rng.randrange(10**18):018d}A2B7"
    _code(rng, page, mm, text, zxingcpp.BarcodeFormat.DataMatrix, rng.uniform(8, 20))


def _insertion_code(rng: random.Random, page: Picture, mm: float) -> None:
    text = f"10000042{rng.randrange(1, 999999):06d}001001000G"
    _code(rng, page, mm, text, zxingcpp.BarcodeFormat.DataMatrix, rng.uniform(8, 14))


def _linear(rng: random.Random, page: Picture, mm: float) -> None:
    for _ in range(rng.choice((1, 1, 3))):
        kind = rng.choice((zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.ITF))
        text = f"{rng.randrange(10**12):012d}" if kind == zxingcpp.BarcodeFormat.ITF else f"PATCH{rng.randrange(10**6)}"
        _code(rng, page, mm, text, kind, rng.uniform(40, 120))


def _box(page: Picture, mm: float, left: float, top: float, wide: float, high: float, tone: int) -> None:
    cv2.rectangle(
        page,
        (round(left * mm), round(top * mm)),
        (round((left + wide) * mm), round((top + high) * mm)),
        (tone,) * 3,
        -1,
    )


def _zebra(rng: random.Random, page: Picture, mm: float) -> None:
    """A table with shaded rows."""
    high, tone = rng.uniform(3.5, 7), rng.randrange(30, 225)
    for row in range(rng.randrange(4, 14)):
        if row % 2 == 0:
            _box(page, mm, 25, 150 + row * high, 160, high, tone)


def _headings(rng: random.Random, page: Picture, mm: float) -> None:
    """A form with black headings over its fields."""
    top = 120.0
    for _ in range(rng.randrange(3, 7)):
        _box(page, mm, 20, top, 170, rng.uniform(3, 7), rng.randrange(0, 90))
        top += rng.uniform(8, 25)


def _bars(rng: random.Random, page: Picture, mm: float, widths: list[float], gaps: list[float]) -> None:
    left = 40.0
    for width, gap in zip(widths, gaps, strict=True):
        high = rng.uniform(20, 60)
        _box(page, mm, left, 240 - high, width, high, rng.randrange(20, 120))
        left += width + gap


def _chart(rng: random.Random, page: Picture, mm: float) -> None:
    """A bar chart: bars of one width, spaces of one width, as chance will have them."""
    count = rng.randrange(3, 12)
    _bars(rng, page, mm, [rng.uniform(1.5, 8)] * count, [rng.uniform(1, 6)] * count)


def _rules(rng: random.Random, page: Picture, mm: float) -> None:
    """Rules of any thickness, as designers set them at the head and the foot of a page."""
    top = rng.choice((5.0, 270.0))
    for _ in range(rng.randrange(2, 5)):
        high = rng.choice((0.5, 1.0, 2.0, 3.0, 5.0))
        _box(page, mm, 10, top, 190, high, rng.randrange(0, 140))
        top += high + rng.choice((1.0, 2.0, 4.0))


def _ruled(rng: random.Random, page: Picture, mm: float) -> None:
    """Ruled or squared paper."""
    step, tone = rng.choice((5.0, 8.0, 10.0)), rng.randrange(120, 215)
    for at in np.arange(10, 290, step):
        cv2.line(page, (0, round(at * mm)), (page.shape[1], round(at * mm)), (tone,) * 3, max(1, round(0.2 * mm)))
        if step == 5.0:
            cv2.line(page, (round(at * mm), 0), (round(at * mm), page.shape[0]), (tone,) * 3, max(1, round(0.2 * mm)))


def _form(rng: random.Random, page: Picture, mm: float) -> None:
    """Boxes for single letters, and boxes to tick."""
    for row in range(rng.randrange(3, 10)):
        top = 110 + row * 11
        for at in range(rng.randrange(8, 24)):
            low = round((25 + at * 6) * mm), round(top * mm)
            high = round((30.5 + at * 6) * mm), round((top + 7) * mm)
            cv2.rectangle(page, low, high, _INK, max(1, round(0.35 * mm)))


def _picture(rng: random.Random, page: Picture, mm: float) -> None:
    """A photograph: soft shapes of every tone."""
    high, wide = round(rng.uniform(40, 110) * mm), round(rng.uniform(60, 160) * mm)
    coarse = np.random.default_rng(rng.randrange(2**31)).integers(0, 255, (9, 12)).astype(np.uint8)
    top = round(130 * mm)
    page[top : top + high, round(25 * mm) : round(25 * mm) + wide] = cv2.resize(
        coarse, (wide, high), interpolation=cv2.INTER_CUBIC
    )[: page.shape[0] - top, : page.shape[1] - round(25 * mm), None]


DRAWINGS: dict[str, _Draw] = {
    "letter": _nothing,
    "GiroCode": _giro_code,
    "franking": _franking,
    "insertion code": _insertion_code,
    "linear codes": _linear,
    "shaded table": _zebra,
    "black headings": _headings,
    "bar chart": _chart,
    "rules": _rules,
    "ruled paper": _ruled,
    "form": _form,
    "photograph": _picture,
}
