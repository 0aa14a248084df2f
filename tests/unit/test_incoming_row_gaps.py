"""A cell between the outer ones of its row goes into the row's line; columns, notes and addresses stay as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.row_gaps import with_gaps_filled

pytestmark = pytest.mark.unit

_SIZE = 28.0
_SIGN = 14
_PITCH = 45


def _line(*cells: tuple[int, str], base: float = 400, size: float = _SIZE) -> RasterLine:
    words = []
    for left, text in cells:
        for word in text.split():
            right = left + _SIGN * len(word)
            words.append(RasterWord(word, 95.0, left, round(base - 20), right, round(base)))
            left = right + _SIGN
    return RasterLine(tuple(words), base, size)


def _block(*lines: RasterLine) -> RasterBlock:
    return RasterBlock(lines)


def _texts(blocks: Sequence[RasterBlock]) -> list[list[str]]:
    return [[" ".join(word.text for word in line.words) for line in block.lines] for block in blocks]


def _row(number: int, amount: str, base: float) -> RasterLine:
    return _line((50, str(number)), (1200, amount), base=base)


ROWS = _block(_row(4, "8 231,20", 400), _row(5, "38 5.243,62", 400 + _PITCH))
CELLS = _block(
    _line((200, "Briefumschläge C6/5 mit Fenster und Aufdruck"), base=403),
    _line((200, "Tonerkassette schwarz, 12.000 Seiten"), base=401 + _PITCH),
)
WHOLE = [
    [
        "4 Briefumschläge C6/5 mit Fenster und Aufdruck 8 231,20",
        "5 Tonerkassette schwarz, 12.000 Seiten 38 5.243,62",
    ]
]


@pytest.mark.parametrize("blocks", [(ROWS, CELLS), (CELLS, ROWS)])
def test_cells_between_others_of_their_rows_belong_to_them(blocks: tuple[RasterBlock, ...]) -> None:
    assert _texts(with_gaps_filled(blocks)) == WHOLE


def test_two_cells_in_one_gap() -> None:
    row = _block(_line((50, "001"), (1200, "813,95 €")))
    cells = _block(_line((160, "28.12.2022"))), _block(_line((400, "Säumniszuschlag")))
    assert _texts(with_gaps_filled([cells[1], row, cells[0]])) == [["001 28.12.2022 Säumniszuschlag 813,95 €"]]


OTHERS = {
    "two columns of text": (
        _block(_line((50, "Das Bürgerbüro öffnet")), _line((50, "montags um 8:30 Uhr."), base=400 + _PITCH)),
        _block(_line((800, "Der Ausweis kostet")), _line((800, "37,00 Euro"), base=400 + _PITCH)),
    ),
    "three columns of text": (
        _block(_line((50, "Die Vertretung"))),
        _block(_line((500, "beschloss"))),
        _block(_line((950, "einstimmig"))),
    ),
    "note at the margin": (_block(_line((300, "Die Gemeinde räumt"))), _block(_line((20, "Pflichten")))),
    "line number between two texts": (
        _block(_line((50, "Die Gemeinde räumt"))),
        _block(_line((480, "5"))),
        _block(_line((560, "Der Antrag ist"))),
    ),
    "labels left, values right": (
        _block(_line((50, "Geburtsdatum")), _line((50, "Telefon"), base=400 + _PITCH)),
        _block(_line((700, "03.04.1961")), _line((700, "0385 1"), base=400 + _PITCH)),
    ),
    "address beside references": (
        _block(_line((50, "Frau")), _line((50, "Erika Muster"), base=400 + _PITCH)),
        _block(_line((900, "Kundennr. 4711")), _line((900, "Zimmer 214"), base=400 + _PITCH)),
    ),
    "foot of a letter": (
        _block(_line((50, "21335 Lüneburg"), size=20.0)),
        _block(_line((500, "HRB 0000"), size=20.0)),
        _block(_line((900, "Bank"), size=20.0)),
    ),
    "cell of two lines over one row": (
        _block(_line((50, "1"), (1200, "813,95 €"))),
        _block(_line((200, "Gehölzpflege,")), _line((200, "Facharbeiter"), base=400 + _PITCH)),
    ),
    "larger type": (_block(_line((50, "Stadt"), (900, "Lübz"))), _block(_line((300, "Amt"), size=60.0))),
    "half a line higher": (_block(_line((50, "1"), (1200, "813,95 €"))), _block(_line((200, "Umbuchung"), base=388))),
    "words that touch": (_block(_line((50, "1"), (200, "813,95 €"))), _block(_line((80, "Umbuchung")))),
    "type that runs up": (
        _block(_line((50, "1"), (1200, "813,95 €"))),
        _block(replace(_line((200, "Betrag")), runs="up")),
    ),
    "a line alone": (_block(_line((50, "Das Bürgerbüro öffnet"))),),
    "nothing": (),
}


@pytest.mark.parametrize("layout", OTHERS)
def test_what_stands_side_by_side_stays_as_it_is(layout: str) -> None:
    assert with_gaps_filled(OTHERS[layout]) == OTHERS[layout]


_ANY = st.builds(
    lambda cells, base: _block(_line(*cells, base=base)),
    st.lists(st.tuples(st.integers(0, 1500), st.text("abc123", min_size=1, max_size=8)), min_size=1, max_size=4).map(
        sorted
    ),
    st.integers(390, 420),
)


@given(st.lists(_ANY, max_size=12))
def test_no_word_is_lost_or_doubled_whatever_the_places(blocks: list[RasterBlock]) -> None:
    before = Counter(word for block in blocks for line in block.lines for word in line.words)
    found = with_gaps_filled(blocks)
    assert Counter(word for block in found for line in block.lines for word in line.words) == before
    assert all(line.words for block in found for line in block.lines)
