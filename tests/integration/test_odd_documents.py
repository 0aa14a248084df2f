"""The oddities of documents of others, made here: the right code, and what is printed looks like the original."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.domain.errors import Rejected
from tests.letter_sheets import RULES
from tests.odd_documents import ODD, Odd
from tests.printed_letters import MARK_ZONES, Printed, apart, on_sheet, printed, px, shown, with_address

pytestmark = pytest.mark.integration

_MILLIONTHS = 20


def attempt(folder: Path, odd: Odd) -> tuple[str | None, Printed | None]:
    rules = replace(RULES, pages=odd.rules)
    data = odd.data
    if odd.takes_address:
        data = with_address(data, rules, free_mark_zone=not odd.is_free, cover=True)
    try:
        made = printed(folder, data, rules)
    except Rejected as error:
        return error.code, None
    return made.reading.code, made


@pytest.mark.parametrize("name", ODD)
def test_the_right_code_or_the_same_picture(tmp_path: Path, name: str) -> None:
    odd = ODD[name]
    code, made = attempt(tmp_path, odd)
    assert code == odd.code
    if made is None or made.volume is None:
        return
    assert odd.remarks <= set(made.reading.remarks)
    for index in range(made.reading.range.pages - 1):
        wanted = on_sheet(shown(odd.data, index, odd.scale), odd.at_mm)
        assert apart(shown(made.volume, index + 1), wanted, MARK_ZONES) < _MILLIONTHS


def test_the_comparison_sees_small_things() -> None:
    """What the others rest on: a shift of half a millimetre, a missing stamp and another turn are all seen."""
    page = shown(ODD["annotations"].data, 0)
    sheet = on_sheet(page)
    assert apart(sheet, sheet) == 0
    assert apart(sheet, on_sheet(page, (0.7, 0.0))) > 100 * _MILLIONTHS
    without = sheet.copy()
    without[px(297 - 120) : px(297 - 105), px(105) : px(142)] = 255
    assert apart(sheet, without) > 100 * _MILLIONTHS
    assert apart(sheet, np.ascontiguousarray(np.rot90(sheet, 2))) > 100 * _MILLIONTHS
    dot = sheet.copy()
    dot[px(200) : px(201), px(150) : px(151)] = 0
    assert apart(sheet, dot) > _MILLIONTHS / 2
