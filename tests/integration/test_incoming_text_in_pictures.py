"""A picture with words on a page that a program made: somebody has to know that they can't be searched for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import RecognisedPage
from tests import kind_pages as pages
from tests.incoming_sheets import FONT, RULES, speckled
from tests.needs import need
from tests.package_requests import recognised_request

pytestmark = pytest.mark.integration

need("tesseract")

MM = 72 / 25.4
IMPRINT = "Eingang 22.11.2026 Poststelle Nr. 000123"
Draw = Callable[[Canvas], None]


def _made(path: Path, draw: Draw) -> Path:
    """A page of A4 with one line of its own type, and what is drawn beside it."""
    pdfmetrics.registerFont(TTFont("Vera", str(FONT)))
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=1, initialFontName="Vera", initialFontSize=9)
    draw(canvas)
    canvas.drawString(20 * MM, 285 * MM, IMPRINT)
    canvas.showPage()
    canvas.save()
    return path


def _read(source: Path, folder: Path) -> RecognisedPage:
    return recognise_pages(str(source), inspect_scan(str(source), RULES), 1, 1, str(folder), RULES)[0]


def _receipt() -> Image.Image:
    return pages.printed(pages.letter(), 200)


def _placed(image: Image.Image, wide_mm: float = 148, high_mm: float = 105) -> Draw:
    return lambda canvas: canvas.drawImage(ImageReader(image), 31 * MM, 120 * MM, wide_mm * MM, high_mm * MM)


def _in_a_form(canvas: Canvas) -> None:
    """Small in the form, and the form drawn large."""
    canvas.beginForm("receipt", 0, 0, 200, 200)
    canvas.drawImage(ImageReader(_receipt()), 0, 0, 14.8, 10.5)
    canvas.endForm()
    canvas.saveState()
    canvas.translate(31 * MM, 120 * MM)
    canvas.scale(10 * MM, 10 * MM)
    canvas.doForm("receipt")
    canvas.restoreState()


WITH_WORDS: dict[str, Draw] = {
    "upright": _placed(_receipt()),
    "on its head": _placed(_receipt().rotate(180)),
    "on its side": _placed(_receipt().rotate(90, expand=True), 105, 148),
    "in a form": _in_a_form,
}


@pytest.mark.parametrize("how", WITH_WORDS)
def test_a_picture_with_words_is_for_a_person(tmp_path: Path, how: str) -> None:
    page = _read(_made(tmp_path / "receipt.pdf", WITH_WORDS[how]), tmp_path)
    assert (page.own_text, page.trouble) == (True, "picture-with-text")
    assert page.text == IMPRINT + "\n"
    assert page.passes > 0


def test_the_document_waits_and_is_archived_as_it_is_when_accepted(tmp_path: Path) -> None:
    request = recognised_request(_made(tmp_path / "receipt.pdf", _placed(_receipt())), tmp_path)
    waits = build_package(request, str(tmp_path))
    assert waits.review == ("picture-with-text",)
    assert waits.detail == "Seite 1: In einem Bild auf der Seite steht Text, den die Suche nicht findet."
    accepted = dataclasses.replace(
        request, accepted_by="M. Schulz", accepted_reason="Beleg genügt", accepted_codes=frozenset(waits.review)
    )
    (tmp_path / "out").mkdir()
    result = build_package(accepted, str(tmp_path / "out"))
    assert (result.review, result.pdfa) == ((), "2b")
    bag = tmp_path / "out" / "bag"
    assert verify_thoroughly(bag) == []
    assert (bag / "data" / "document.txt").read_text("utf-8").strip() == IMPRINT
    note = json.loads((bag / "data" / "transfer-note.json").read_text("utf-8"))
    assert waits.detail in note["deviations"]
    assert note["quality"]["pages_with_trouble"] == {"1": "picture-with-text"}
    assert note["quality"]["result"] == "accepted"


def _photograph() -> Image.Image:
    """Soft shapes and grain, as of a meadow."""
    noise = np.random.default_rng(3).integers(0, 256, (827, 1166), dtype=np.uint8)
    soft = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(9))
    shapes = (np.asarray(soft).astype(np.int16) - 127) * 8 + 127
    return Image.fromarray(np.clip(shapes + noise / 8, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("image", [_photograph(), speckled(), Image.new("L", (1166, 827), 90)])
def test_a_picture_without_words_is_nobodys_work(tmp_path: Path, image: Image.Image) -> None:
    page = _read(_made(tmp_path / "photo.pdf", _placed(image)), tmp_path)
    assert (page.own_text, page.trouble) == (True, None)
    assert page.passes > 0


def test_a_logo_is_not_read(tmp_path: Path) -> None:
    page = _read(_made(tmp_path / "logo.pdf", _placed(_receipt(), 40, 30)), tmp_path)
    assert (page.own_text, page.trouble, page.passes) == (True, None, 0)


def test_words_that_the_page_itself_tells_are_known(tmp_path: Path) -> None:
    """A program that read the picture has put its words under it."""

    def searchable(canvas: Canvas) -> None:
        _placed(_receipt())(canvas)
        canvas.saveState()
        text = canvas.beginText(40 * MM, 210 * MM)
        text.setTextRenderMode(3)
        text.textLines(pages.LETTER)
        canvas.drawText(text)
        canvas.restoreState()

    page = _read(_made(tmp_path / "searchable.pdf", searchable), tmp_path)
    assert (page.own_text, page.trouble) == (True, None)
    assert "Mühlenweg" in page.text
