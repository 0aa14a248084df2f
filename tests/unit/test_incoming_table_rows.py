"""Tables that a recogniser gave cell by cell are read row by row; columns of text are not mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.table_rows import in_rows

pytestmark = pytest.mark.unit

_SIZE = 28.0
_PITCH = 45
_SIGN = 14


def _line(text: str, left: int, base: float, size: float = _SIZE) -> RasterLine:
    words = []
    for word in text.split():
        right = left + _SIGN * len(word)
        words.append(RasterWord(word, 95.0, left, round(base - 20), right, round(base)))
        left = right + _SIGN
    return RasterLine(tuple(words), base, size)


def _block(texts: Sequence[str], left: int, top: int, pitch: float = _PITCH, step: float = 0.0) -> RasterBlock:
    """Lines below each other from the baseline `top` on; each next one `step` further to the right."""
    lines = (_line(text, round(left + step * n), top + pitch * n) for n, text in enumerate(texts))
    return RasterBlock(tuple(lines))


def _texts(blocks: Sequence[RasterBlock]) -> list[list[str]]:
    return [[" ".join(word.text for word in line.words) for line in block.lines] for block in blocks]


NUMBERS = ("001", "002", "003", "004")
DATES = ("28.12.2022", "06.07.2023", "02.02.2025", "03.12.2024")
WHAT = ("Umbuchung", "Mahngebühr", "Säumniszuschlag zur Grundsteuer", "Umbuchung")
AMOUNTS = ("813,95 €", "576,11 €", "764,27 €", "158,77 €")


def _table() -> list[RasterBlock]:
    places = (NUMBERS, 50), (DATES, 160), (WHAT, 380), (AMOUNTS, 1200)
    return [_block(texts, left, 350) for texts, left in places]


def test_columns_become_rows() -> None:
    rows = [" ".join(cells) for cells in zip(NUMBERS, DATES, WHAT, AMOUNTS, strict=True)]
    head, foot = _block(["Anlage: Aufstellung der Buchungen"], 50, 200), _block(["Seite 2 von 5"], 1200, 1900)
    assert _texts(in_rows([head, *_table(), foot])) == [
        ["Anlage: Aufstellung der Buchungen"],
        rows,
        ["Seite 2 von 5"],
    ]


def test_single_cells_become_rows() -> None:
    cells = [RasterBlock((line,)) for column in _table() for line in column.lines]
    rows = [line for block in in_rows(_table()) for line in block.lines]
    assert [line for block in in_rows(cells) for line in block.lines] == rows


def test_what_stands_within_a_table_belongs_to_it() -> None:
    number, date, what, amount = _table()
    torn = _block(["764,27 €"], 1200, 350 + 2 * _PITCH + 9)  # a rule below was read with it
    rest = RasterBlock((*amount.lines[:2], amount.lines[3]))
    rows = _texts(in_rows([number, date, what, rest, torn]))[0]
    assert rows[2:4] == ["003 02.02.2025 Säumniszuschlag zur Grundsteuer", "764,27 €"]
    assert len(rows) == 5


def test_rows_of_two_halves_become_whole() -> None:
    """A number and an amount are two words, though the sign of money stands by itself."""
    left = _block([" ".join(cells) for cells in zip(NUMBERS, DATES, ["Umbuchung"] * 4, strict=True)], 50, 350)
    right = _block([f"9078296{n} {amount}" for n, amount in enumerate(AMOUNTS)], 1100, 350)
    rows = [
        f"{n} {d} Umbuchung 9078296{i} {a}" for i, (n, d, a) in enumerate(zip(NUMBERS, DATES, AMOUNTS, strict=True))
    ]
    assert _texts(in_rows([left, right])) == [rows]


def test_heads_that_run_up_the_page_stay_lines_of_their_own() -> None:
    heads = [replace(_line("Betrag", 1200, 400), runs="up"), replace(_line("Datum", 160, 400), runs="up")]
    blocks = [RasterBlock((head,)) for head in heads]
    assert set(blocks) <= set(in_rows([*blocks, *_table()]))


def test_each_word_keeps_its_box() -> None:
    table = _table()
    before = Counter(word for block in table for line in block.lines for word in line.words)
    assert Counter(word for block in in_rows(table) for line in block.lines for word in line.words) == before


LEFT = ("Das Bürgerbüro öffnet", "montags um 8:30 Uhr.", "Termine vergibt die", "Zentrale täglich.")
RIGHT = ("Der Ausweis kostet", "37,00 Euro, für Personen", "unter 24 Jahren nur", "22,80 Euro.")


TEXT = (
    "Die Gemeindevertretung hat in ihrer Sitzung",
    "am 14. November die nachstehende Satzung",
    "beschlossen. Sie gilt für alle Grundstücke,",
    "die an die öffentliche Straße grenzen. Der",
    "Eigentümer hat den Gehweg bis sieben Uhr zu",
    "räumen und bei Glätte zu streuen, auch dort.",
)
MORE = (
    "Gebühren werden nach der Fläche berechnet",
    "und jährlich zum ersten Juli fällig. Auf",
    "Antrag kann die Zahlung in vier Raten er-",
    "folgen. Der Antrag ist schriftlich an das",
    "Steueramt zu stellen und zu begründen, es",
    "prüft ihn in vier Wochen.",
)


@pytest.mark.parametrize(
    "blocks",
    [
        [
            _block(["Öffnungszeiten"], 30, 60),
            _block(LEFT, 30, 127),
            _block(["Gebühren"], 434, 58),
            _block(RIGHT, 434, 127),
        ],
        [_block(TEXT, 50, 300), _block(MORE, 800, 300)],
        [
            _block(TEXT[:3], 50, 300),
            _block(["Winterdienst"], 50, 300 + 3 * _PITCH),
            _block(TEXT[3:], 50, 300 + 4 * _PITCH),
            _block((*MORE, *MORE), 800, 300),
        ],
        [_block(TEXT, 50, 300), _block(["(2) entfällt."], 800, 300 + 2 * _PITCH), _block(MORE, 800, 300 + 3 * _PITCH)],
        [
            _block(["Beschluss", "Pflichten", "Gebühren"], 20, 300, 2 * _PITCH),
            _block(TEXT, 250, 300),
            _block(MORE, 950, 300),
        ],
        [_block(["5", "10"], 20, 300 + _PITCH, 4 * _PITCH), _block(TEXT, 100, 300), _block(MORE, 850, 300)],
        [_block(TEXT, 50, 300), _block(["Auskunft", "Herr Krüger", "Zimmer 214", "03871 123-45"], 850, 300)],
        [
            _block(["Frau", "Erika Muster", "Am Rathaus 1", "19258 Boizenburg/Elbe"], 240, 549),
            _block(["Rechnungsnr.", "Kundennr.", "Lieferdatum", "Zimmer"], 1029, 549),
        ],
        [
            _block(["Garten- und Landschaftsbau Kälberbruch e. K.", "Torfmoorweg 56", "21335 Lüneburg"], 240, 2197, 24),
            _block(["Geschäftsführung: S. Techentin", "Amtsgericht Schwerin HRB 0000", "USt-IdNr. DE0"], 689, 2197, 24),
        ],
        [
            _block(["Antragsteller", "Name"], 50, 300),
            _block(["Meier", "Vorname", "Hans", "Geboren", "03.04.1961"], 50, 300 + 2 * _PITCH),
            _block(["Ehegatte", "Name", "Schulze", "Vorname", "Ute", "Geboren", "17.09.1963"], 800, 300),
        ],
        [
            _block(["Familienname: Müller", "Vorname: Sabine", "geboren: 04.05.1981", "Telefon: 0385 1"], 50, 300),
            _block(["Familienname: Krüger", "Vorname: Torsten", "geboren: 17.11.1979", "Telefon: 0385 2"], 800, 300),
        ],
        [
            _block(["Die Stadtvertretung", "beschloss am Montag", "einstimmig das", "Klimaschutzkonzept"], 50, 300),
            _block(["Bauarbeiten an der", "Landstraße verzögern", "sich voraussichtlich", "bis Jahresende"], 500, 300),
            _block(["Förderverein und", "Elternvertretung", "übergaben gestern", "Klettergerüste"], 950, 300),
        ],
        [
            _block(["Frau", "B. Aebischer", "Seeweg 41", "CH-8001 Zürich"], 240, 549),
            _block(["Zeichen: 32-104", "Auskunft: Huber", "Telefon: 545-19", "Telefax: 545-20"], 1029, 549),
        ],
        [
            _block(["Steuer-", "gegenstand", "und Steuer-", "pflicht"], 20, 300),
            _block(["(1) Steuerpflichtig ist:"], 300, 300),
        ],
        [_block(["Nr.", "Datum"], 50, 300), _block(["Datum", "Nr."], 60, 700)],
    ],
    ids=[
        "columns of text with headings",
        "columns of text on one grid",
        "heading within a column of text",
        "paragraph of one line beside a text",
        "notes at the margin of two texts",
        "line numbers of two texts",
        "contacts beside a text",
        "address beside references on one grid",
        "foot of a letter",
        "form for two persons",
        "form for two persons, answers beside the questions",
        "three narrow columns of text",
        "address abroad beside references",
        "note at the margin beside a short line",
        "below each other",
    ],
)
def test_other_columns_stay_as_they_are(blocks: list[RasterBlock]) -> None:
    assert in_rows(blocks) == tuple(blocks)


@pytest.mark.parametrize("count", [0, 1])
def test_a_page_with_hardly_anything_stays_as_it_is(count: int) -> None:
    assert in_rows(_table()[:count]) == tuple(_table()[:count])


_CELL = st.builds(
    lambda text, left, base: RasterBlock((_line(text, left, base),)),
    st.text("abc123", min_size=1, max_size=8),
    st.integers(0, 1500),
    st.integers(40, 2000),
)


@given(st.lists(_CELL, max_size=25))
def test_no_word_is_lost_or_doubled_whatever_the_places(blocks: list[RasterBlock]) -> None:
    before = Counter(word for block in blocks for line in block.lines for word in line.words)
    found = in_rows(blocks)
    assert Counter(word for block in found for line in block.lines for word in line.words) == before
    assert all(line.words for block in found for line in block.lines)
