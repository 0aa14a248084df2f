"""Address blocks of every kind, set on paper in both forms and read back from the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.reading import read_letters
from pipeline.domain.pages import LetterRange
from pipeline.domain.profiles import AddressForm
from samples.layout import register_fonts
from tests.address_blocks import BLOCKS, Block
from tests.letter_sheets import LAYOUTS, RULES, draw_address, draw_body, stack

pytestmark = pytest.mark.integration


def page(block: Block, form: AddressForm) -> bytes:
    register_fonts()
    notes = tuple(block.notes.split("|")) if block.notes else ()
    layout = replace(LAYOUTS[form], font="Vera", sender=block.sender, endorsements=notes, address_size=9.0)

    def draw(canvas: Canvas) -> None:
        draw_address(canvas, block.address, layout)
        draw_body(canvas, layout.body_mm)

    return stack([draw])


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize("block", BLOCKS, ids=[f"{n}-{block.lines[:24]}" for n, block in enumerate(BLOCKS)])
def test_what_is_read_from_a_block(tmp_path: Path, block: Block, form: AddressForm) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(page(block, form))
    (reading,) = read_letters(str(source), [LetterRange(1, 1, 1)], RULES, {}, "simplex", str(tmp_path / "out.pdf"))
    if block.code:
        assert (reading.code, reading.address) == (block.code, None), reading.detail
        assert not any(word in str(reading.detail) for word in ("Mustermann", "Packhof", "Schwerin", "Huber"))
        return
    assert reading.code is None, reading.detail
    assert reading.address is not None
    assert reading.address.lines == tuple(line for line in block.address if line)
    assert (reading.address.postcode, reading.address.country) == (block.postcode, block.country)
    assert reading.form == form


def test_there_are_enough_of_them() -> None:
    assert len(BLOCKS) >= 60
