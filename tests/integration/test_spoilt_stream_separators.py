"""A separator page of a print stream whose code can't be read any more is a doubt, whatever kind of code it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from reportlab.graphics.barcode import code39, code128, eanbc, usps
from reportlab.graphics.shapes import Drawing
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.page_sights import PageSight
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import cut_by_sights
from tests.letter_sheets import A4_PT, LAYOUTS, MM, RULES, draw_address, draw_body, stack

pytestmark = pytest.mark.integration

Draw = Callable[[Canvas], None]
ANNA = ["Frau", "Anna Erste", "Weg 1", "19053 Schwerin"]
BERTA = ["Frau", "Berta Zweite", "Weg 2", "19055 Schwerin"]


def letter(lines: list[str], *more: Draw) -> Draw:
    def draw(canvas: Canvas) -> None:
        draw_address(canvas, lines, LAYOUTS["B"])
        draw_body(canvas, 105, 20)
        for each in more:
            each(canvas)

    return draw


def bars(kind: str, words: str = "PATCHT", top_mm: float = 95.0, width_mm: float = 0.4) -> Draw:
    def draw(canvas: Canvas) -> None:
        if kind == "Code39":
            code = code39.Standard39(words, barHeight=25 * MM, barWidth=width_mm * MM, checksum=0, stop=1)
        else:
            code = code128.Code128(words, barHeight=25 * MM, barWidth=width_mm * MM)
        code.drawOn(canvas, 40 * MM, A4_PT[1] - (top_mm + 25) * MM)

    return draw


def matrix(kind: zxingcpp.BarcodeFormat, words: str, left_mm: float = 40.0, top_mm: float = 95.0) -> Draw:
    picture = Image.fromarray(np.array(zxingcpp.create_barcode(words, kind).to_image(scale=8)))
    image = ImageReader(picture)
    return lambda canvas: canvas.drawImage(image, left_mm * MM, A4_PT[1] - (top_mm + 30) * MM, 30 * MM, 30 * MM)


def white(left: float, top: float, right: float, bottom: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(1)
        canvas.rect(left * MM, A4_PT[1] - bottom * MM, (right - left) * MM, (bottom - top) * MM, stroke=0, fill=1)
        canvas.setFillGray(0)

    return draw


def words(text: str = "TRENNBLATT", x_mm: float = 60.0, y_mm: float = 140.0, size: float = 20) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        canvas.drawString(x_mm * MM, A4_PT[1] - y_mm * MM, text)

    return draw


def sheet(*draws: Draw) -> Draw:
    return lambda canvas: [draw(canvas) for draw in draws] and None


def sights(folder: Path, pages: list[Draw], split: SplitRules | None = None) -> list[PageSight]:
    (folder / "stream.pdf").write_bytes(stack(pages))
    rules = replace(RULES, split=split or SplitRules("separator"))
    look_at_letters(str(folder / "stream.pdf"), 1, len(pages), rules, str(folder))
    return list(read_sights([folder]))


STRIP = white(52, 90, 55, 125)
SPOILT = {
    "Code 39, a white strip": sheet(bars("Code39"), words(), STRIP),
    "Code 128, a white strip": sheet(bars("Code128"), words(), white(52, 90, 55, 125)),
    "Code 39, the beginning gone": sheet(bars("Code39"), words(), white(38, 90, 50, 125)),
    "Code 39, fine bars": sheet(bars("Code39", width_mm=0.25), words(), white(48, 90, 51, 125)),
    "Code 128, without words": sheet(bars("Code128"), white(52, 90, 55, 125)),
    "QR, half gone": sheet(matrix(zxingcpp.BarcodeFormat.QRCode, "PATCHT"), words(), white(60, 90, 75, 130)),
}


@pytest.mark.parametrize("region", [None, Rect(20, 80, 150, 130)], ids=["the whole sheet", "a region"])
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_separator_stops_the_stack(tmp_path: Path, how: str, region: Rect | None) -> None:
    split = SplitRules("separator", region=region)
    good = sheet(bars("Code39"), words())
    found = sights(tmp_path, [letter(ANNA), good, letter(BERTA), SPOILT[how], letter(ANNA)], split)
    assert [each.page for each in found if each.separator] == [2]
    assert [each.page for each in found if each.doubt] == [4]
    with pytest.raises(Rejected) as refusal:
        cut_by_sights(found, split)
    assert (refusal.value.code, refusal.value.page) == ("split-doubt", 4)


def ean(canvas: Canvas) -> None:
    drawing = Drawing(60 * MM, 30 * MM)
    drawing.add(eanbc.Ean13BarcodeWidget("4012345678901"))
    drawing.drawOn(canvas, 40 * MM, 100 * MM)


def table(canvas: Canvas) -> None:
    for row in range(12):
        for column in range(6):
            canvas.rect((25 + 25 * column) * MM, (150 + 6 * row) * MM, 25 * MM, 6 * MM)
    words("Summe 4.711,00", 30, 130, 10)(canvas)


def chart(canvas: Canvas) -> None:
    for bar in range(14):
        canvas.rect((30 + 10 * bar) * MM, 120 * MM, 6 * MM, (10 + 5 * (bar % 5)) * MM, fill=1, stroke=0)


OWN = {
    "a letter": letter(ANNA),
    "a payment code": letter(ANNA, matrix(zxingcpp.BarcodeFormat.QRCode, "BCD 002 1 SCT Stadt Schwerin", 150, 240)),
    "a file's code": letter(ANNA, bars("Code128", "AZ-4711-26", 250)),
    "a page with a payment code alone": sheet(
        matrix(zxingcpp.BarcodeFormat.QRCode, "BCD 002 1 SCT Schwerin"), words("Zahlen", 60)
    ),
    "a page with an EAN alone": sheet(ean, words("Muster", 60, 60)),
    "a page with a code of the post's alone": sheet(
        lambda canvas: usps.FIM("A").drawOn(canvas, 150 * MM, 260 * MM), words("Rückantwort", 30, 100)
    ),
    "an Aztec code": sheet(matrix(zxingcpp.BarcodeFormat.Aztec, "Fahrschein 4711")),
    "a PDF417": sheet(matrix(zxingcpp.BarcodeFormat.PDF417, "Vorgang 4711 vom 3.11.2026")),
    "a table": sheet(table),
    "a chart": sheet(chart),
    "a black block": sheet(
        lambda canvas: canvas.rect(40 * MM, 150 * MM, 60 * MM, 30 * MM, fill=1), words("Anlage", 60)
    ),
    "a heading": sheet(words("Anlage 1", 60)),
    "a spoilt code of the letter's own": letter(ANNA, bars("Code128", "AZ-4711-26", 250), white(52, 245, 55, 280)),
}


@pytest.mark.parametrize("how", OWN)
def test_what_letters_have_of_their_own_is_no_separator(tmp_path: Path, how: str) -> None:
    good = sheet(bars("Code39"), words())
    found = sights(tmp_path, [letter(ANNA), good, OWN[how], letter(BERTA)])
    assert [each.doubt for each in found] == [None] * 4
    assert [each.page for each in found if each.separator] == [2]
