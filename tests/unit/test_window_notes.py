"""Which lines over an address belong there: a sender in its shapes, endorsements, numbers of the printer."""

from __future__ import annotations

import pytest

from pipeline.domain.window_notes import Note, belonging, is_sender

pytestmark = pytest.mark.unit

TYPE_MM = 4.1  # of the address below


def notes(*lines: str, size_mm: float = 2.9, apart_mm: float = 3.3, first_mm: float = 49.0) -> list[Note]:
    return [Note(line, size_mm, first_mm + apart_mm * down) for down, line in enumerate(lines)]


SENDERS = [
    ("Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin",),
    ("Amt Crivitz, Amtsstr. 5, 19089 Crivitz",),
    ("Stadt Schwerin | Der Oberbürgermeister | Postfach 11 10 42",),
    ("Landkreis Ludwigslust-Parchim", "Postfach 160220, 19092 Schwerin"),
    ("Stadt Schwerin", "Der Oberbürgermeister", "Am Packhof 2, 19053 Schwerin"),
    ("Stadt Schwerin",),
    ("Absender: Stadt Lübz",),
    ("Stadt Schwerin - Am Packhof 2 - 19053 Schwerin", "Nicht nachsenden!"),
    ("Nicht nachsenden!", "Persönlich"),
    ("Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin", "00012/0001 B1"),
    ("Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin", "*4711-26*"),
    ("Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin", "Amtliche Wahlbenachrichtigung"),
]


@pytest.mark.parametrize("lines", SENDERS, ids=lambda lines: lines[-1])
def test_senders_and_endorsements_belong_over_an_address(lines: tuple[str, ...]) -> None:
    assert belonging(notes(*lines), TYPE_MM) == [True] * len(lines)


def test_a_sender_in_the_addresss_own_size_belongs_there() -> None:
    assert belonging(notes("Stadt Schwerin · Am Packhof 2 · 19053 Schwerin", size_mm=TYPE_MM), TYPE_MM) == [True]


SENDER = "Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin"


@pytest.mark.parametrize("apart_mm", [3.3, 6.0])
@pytest.mark.parametrize("size_mm", [2.9, 3.3, 4.1])
@pytest.mark.parametrize(
    "line",
    [
        "Rückforderung Bürgergeld 4.711,00 EUR, Insolvenz",
        "Az. 4711",
        "Kassenzeichen 4711",
        "Vollstreckungssache Muster",
    ],
)
def test_text_of_the_letter_does_not(line: str, size_mm: float, apart_mm: float) -> None:
    both = [*notes(SENDER), Note(line, size_mm, 49.0 + apart_mm)]
    assert belonging(both, TYPE_MM) == [True, False]


def test_a_second_line_after_the_senders_town_does_not() -> None:
    lines = notes("Stadt Schwerin", "19053 Schwerin", "wegen häuslicher Gewalt")
    assert belonging(lines, TYPE_MM) == [True, True, False]


def test_what_a_sender_is() -> None:
    assert is_sender(SENDER) and is_sender("Amt Crivitz, Amtsstr. 5, 19089 Crivitz")
    assert not is_sender("19053 Schwerin") and not is_sender("Erika Muster")
