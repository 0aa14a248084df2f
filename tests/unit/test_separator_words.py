"""Pages that name themselves separators are known by their words; letters that write of separators are not."""

from __future__ import annotations

import pytest

from pipeline.adapters.incoming.separator_words import says_that_it_separates
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word

pytestmark = pytest.mark.unit

BOX = PixelBox(10, 10, 60, 30)


def page(text: str) -> RecognisedPage:
    words = tuple(Word(word, 90.0, BOX, (10.0, 30.0, 60.0, 30.0)) for word in text.split())
    blocks = (Block((Line(words, BOX, 20.0),), BOX),) if words else ()
    return RecognisedPage(1, 827, 1169, 100.0, 100.0, 0, 0.0, 1, 0.05, 90.0, blocks)


@pytest.mark.parametrize(
    "text",
    [
        "TRENNBLATT Patchcode T",
        "Trennseite",
        "Dokumenten-Trennblatt bitte nicht entfernen",
        "Document Separator Sheet",
        "PATCH-T",
        "Patch Code 2",
        "*PATCHT*",
        "Stapeltrennung zwischen zwei Briefen",
        "Barcode-Trennseite",
    ],
)
def test_a_sheet_that_says_what_it_is(text: str) -> None:
    assert says_that_it_separates(page(text), ("PATCHT",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mit freundlichen Grüßen Ihre Stadtverwaltung",
        "Die Trennung von Müll und der Patchwork-Familie",
        "Getrenntsammlung von Altpapier im Trennsystem",
        "Seite 2 von 2",
        "Wir bitten um Separation der Unterlagen",
    ],
)
def test_other_short_pages_are_letters(text: str) -> None:
    assert not says_that_it_separates(page(text), ("PATCHT", "T"))


def test_a_letter_that_writes_of_a_separator_is_a_letter() -> None:
    assert not says_that_it_separates(page("Das Trennblatt gehört vor den Brief. " * 12), ("PATCHT",))
