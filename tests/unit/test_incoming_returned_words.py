"""Words read by themselves go back into the line in which they stand; what stands beside it by itself stays there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.returned_words import with_returned

pytestmark = pytest.mark.unit

_SIZE = 29.0
_SIGN = 13
_BASE = 522
_SURE = 70.0


def _word(text: str, left: int, base: int = _BASE, sure: float = 93.0, tall: int = 22) -> RasterWord:
    return RasterWord(text, sure, left, base - tall, left + _SIGN * len(text), base + 1)


def _line(*words: RasterWord, base: float = _BASE, size: float = _SIZE) -> RasterLine:
    return RasterLine(words, base, size)


def _text(text: str, left: int, base: int = _BASE, size: float = _SIZE, tall: int = 22) -> RasterLine:
    words = []
    for part in text.split():
        words.append(_word(part, left, base, tall=tall))
        left = words[-1].right + _SIGN
    return _line(*words, base=base, size=size)


def _is_unsure(word: RasterWord) -> bool:
    return word.confidence < _SURE


def _returned(lines: Sequence[RasterLine], more: Sequence[RasterLine]) -> tuple[list[str], list[str]]:
    """Each block is a line; the texts of the lines, and of those that are left."""
    blocks, rest = with_returned([RasterBlock((line,)) for line in lines], [RasterBlock(tuple(more))], _is_unsure)
    kept, left = (
        [" ".join(word.text for word in line.words) for block in each for line in block.lines]
        for each in (blocks, rest)
    )
    return kept, left


def test_words_read_anew_take_the_place_of_unsure_ones() -> None:
    line = _line(
        *(_word("Wir", 543), _word("kachten", 610, sure=63.0), _word("uns", 751), _word("hln_", 836, sure=24.0)),
        _word("dort.", 966),
    )
    anew = _line(_word("kauerten", 608), _word("hin", 838), base=535, size=78.0)  # torn out of context, sizes go wrong
    assert _returned([line], [anew]) == (["Wir kauerten uns hin dort."], [])


def test_one_word_for_two_and_two_for_one() -> None:
    line = _line(_word("Steu", 100, sure=40.0), _word("eramt", 156, sure=50.0), _word("Sdieuns", 300, sure=20.0))
    anew = _line(_word("Steueramt", 100), _word("Sie", 300), _word("uns", 352))
    assert _returned([line], [anew]) == (["Steueramt Sie uns"], [])


def test_a_word_that_was_left_out_goes_into_the_gap() -> None:
    line = _line(_word("Die", 100), _word("wird", 300), _word("gezahlt.", 370))
    above, below = _text("Bescheid vom 3. Mai.", 100, _BASE - 38), _text("Bis dahin ruht sie.", 100, _BASE + 38)
    kept, left = _returned([above, line, below], [_line(_word("Gebühr", 160))])
    assert kept == ["Bescheid vom 3. Mai.", "Die Gebühr wird gezahlt.", "Bis dahin ruht sie."]
    assert left == []


def test_words_of_two_gaps_go_each_into_its_own() -> None:
    line = _line(_word("Die", 100), _word("wird", 300), _word("gezahlt.", 480))
    assert _returned([line], [_line(_word("Gebühr", 160), _word("sofort", 370))]) == (
        ["Die Gebühr wird sofort gezahlt."],
        [],
    )


@pytest.mark.parametrize(("left", "text"), [(48, "Die Gebühr wird"), (251, "Gebühr wird Die")])
def test_a_word_close_to_an_end_belongs_to_the_line(left: int, text: str) -> None:
    line = _line(_word("Gebühr", 100), _word("wird", 190))
    assert _returned([line], [_line(_word("Die", left))]) == ([text], [])


def test_unsure_words_that_a_rule_spoilt_give_way_without_a_mixture_of_lines() -> None:
    """A word as high as three lines says nothing of the line in which it was read."""
    tall = RasterWord("TfE", 12.0, 100, _BASE - 90, 190, _BASE)
    kept, left = _returned([_line(tall, _word("Summe", 210))], [_text("Netto", 100, _BASE - 45)])
    assert (kept, left) == (["Summe"], ["Netto"])


TEXT = "Die Gemeindevertretung hat in ihrer Sitzung"
END = 100 + _SIGN * len(TEXT)

ALONE = {
    "next column of text": ([_text(TEXT, 100), _text("Gebühren werden", 900, _BASE + 38)], _text("beschlossen", 900)),
    "narrow gutter between columns": ([_text(TEXT, 100)], _text("nach", END + 30)),
    "between two columns": ([_text("Die Gemeinde", 100), _text("Der Antrag", 700)], _text("12", 480)),
    "note at the right margin": ([_text(TEXT, 100)], _text("Winterdienst", END + 60)),
    "note at the left margin": ([_text(TEXT, 300)], _text("Pflichten", 120)),
    "line number": ([_text(TEXT, 100)], _text("5", 40)),
    "value beside a label": ([_text("Geburtsdatum", 100)], _text("03.04.1961", 420)),
    "label before a value": ([_text("03.04.1961", 420)], _text("Geburtsdatum", 100)),
    "address beside references": ([_text("Am Rathaus 1", 100)], _text("Kundennr. 4711", 700)),
    "foot of a letter": (
        [_text("21335 Lüneburg", 100, size=20.0, tall=15), _text("HRB 0000", 800, size=20.0, tall=15)],
        _text("Schwerin", 500, tall=15),
    ),
    "line above": ([_text("Die", 100), _text("wird gezahlt.", 300)], _text("Gebühr", 160, _BASE - 38)),
    "within the space of a line, but a line lower": (
        [_line(_word("Die", 100), _word("wird", 300))],
        _text("Gebühr", 160, _BASE + 25),
    ),
    "raised sign": ([_line(_word("Grundsteuer", 100), _word("gilt", 300))], _text("2)", 250, _BASE - 14, tall=10)),
    "large type": ([_line(_word("Stadt", 100), _word("Lübz", 500))], _text("Amt", 200, tall=60)),
    "words that touch others": ([_line(_word("Die", 100), _word("wird", 160))], _text("Gebühr", 130)),
    "turned line": (
        [RasterLine((_word("Betrag", 100), _word("Euro", 300)), _BASE, _SIZE, "up")],
        _text("in", 200),
    ),
}


@pytest.mark.parametrize("layout", ALONE)
def test_what_stands_by_itself_stays_there(layout: str) -> None:
    lines, stray = ALONE[layout]
    told = [" ".join(word.text for word in line.words) for line in lines]
    assert _returned(lines, [stray]) == (told, [" ".join(word.text for word in stray.words)])


_ANY = st.builds(
    lambda text, left, base, sure: _word(text, left, base, sure),
    st.text("abc123", min_size=1, max_size=8),
    st.integers(0, 600),
    st.integers(40, 200),
    st.floats(0, 99),
)
_LINES = st.lists(st.lists(_ANY, min_size=1, max_size=6).map(lambda words: _line(*words)), max_size=8)


@given(_LINES, _LINES)
def test_no_sure_word_is_lost_and_none_doubled(lines: list[RasterLine], more: list[RasterLine]) -> None:
    found = [RasterBlock((line,)) for line in more]
    blocks, rest = with_returned([RasterBlock((line,)) for line in lines], found, _is_unsure)

    def words(of: Sequence[RasterBlock]) -> Counter[RasterWord]:
        return Counter(word for block in of for line in block.lines for word in line.words)

    before = words([RasterBlock((line,)) for line in lines])
    after = words(blocks) + words(rest)
    assert not after - (before + words(found))
    assert all(_is_unsure(word) for word in before + words(found) - after if word not in words(found))
    assert all(after[word] >= count for word, count in words(found).items())
    assert all(line.words for block in (*blocks, *rest) for line in block.lines)
