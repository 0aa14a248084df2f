"""Pages that name themselves separators are known by their words; letters that write of separators are not."""

from __future__ import annotations

import pytest

from pipeline.adapters.incoming.separator_words import says_that_it_separates
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word

pytestmark = pytest.mark.unit

BOX = PixelBox(10, 10, 60, 30)


def page(text: str) -> RecognisedPage:
    """A page with these lines; ` / ` ends one."""
    lines = tuple(
        Line(tuple(Word(word, 90.0, BOX, (10.0, 30.0, 60.0, 30.0)) for word in line.split()), BOX, 20.0)
        for line in text.split(" / ")
        if line.split()
    )
    blocks = (Block(lines, BOX),) if lines else ()
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
        "Barcodeblatt / Stadt Musterstadt",
        "Stapeltrenner",
        "Dokumenttrenner / Poststelle",
        "T R E N N B L A T T",
        "Trennb1att / Zimmer 12",
        "TRENNSE1TE",
        "Tremnblatt",
        "DECKBLATT / Bitte vor jeden neuen Vorgang legen",
        "DECKBLATT / Stadt Musterstadt, Poststelle / Telefon 0385 123, Telefax 0385 124",
        "D E C K B L A T T",
        "Vorblatt / Poststelle",
        "Neuer Vorgang",
        "Hier beginnt ein neues Dokument",
        "Bitte nicht scannen!",
        "Separator",
        "Patch",
        "New document",
        "Dokumentanfang / Bitte dieses Blatt vor die erste Seite legen",
        "Scan-Deckblatt",
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
        "Fax-Deckblatt / An: Stadt Parchim / Seiten: 3",
        "Telefax / Deckblatt / An: Stadt Parchim / Von: Meier",
        "FAXDECKBLATT",
        "Sehr geehrte Frau Meier, / das Deckblatt zum Antrag / füge ich bei. / Mit freundlichen Grüßen",
        "Das unterschriebene Deckblatt finden Sie beiliegend im Umschlag",
        "Bitte reichen Sie bis Freitag für Ihren Antrag ein neues Dokument ein",
        "Mit freundlichen Grüßen / Neuer Antrag anbei",
        "Der neue Brief von gestern liegt dem Amt nun seit Freitag vor",
        "Patchwork / Trennung / Separate Abrechnung",
    ],
)
def test_other_short_pages_are_letters(text: str) -> None:
    assert not says_that_it_separates(page(text), ("PATCHT", "T"))


def test_a_letter_that_writes_of_a_separator_is_a_letter() -> None:
    assert not says_that_it_separates(page("Das Trennblatt gehört vor den Brief. " * 12), ("PATCHT",))


INSTRUCTIONS = "Bitte dieses Blatt mit der bedruckten Seite nach oben vor den Stapel legen und ordentlich ausrichten. "


@pytest.mark.parametrize("heading", ["TRENNBLATT", "DECKBLATT Posteingang", "Document Separator"])
def test_a_sheet_with_long_instructions_is_known_by_its_heading(heading: str) -> None:
    text = " / ".join([heading, *[INSTRUCTIONS] * 6])
    assert 60 < page(text).words <= 120
    assert says_that_it_separates(page(text), ("PATCHT",))
    assert not says_that_it_separates(page(" / ".join([heading, *[INSTRUCTIONS] * 10])), ("PATCHT",))
