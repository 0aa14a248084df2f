"""Lines that are meant as an address, though they are none that can be read, and lines that are not."""

from __future__ import annotations

import pytest

from pipeline.domain.address_traces import seems_address

pytestmark = pytest.mark.unit

MEANT = [
    ["Frau", "Berta Zweite", "Weg 2", "00123 Schwerin"],
    ["Frau", "Berta Zweite", "Weg 2", "Schwerin"],
    ["Berta Zweite", "Weg 2 a", "Schwerin"],
    ["Frau Berta Zweite", "1905B Schwerin"],
    ["Firma", "Muster & Söhne"],
    ["Eheleute Anna und Bernd Muster", "Lange Straße 12"],
    ["Muster GmbH", "Postfach 11 10 11", "Schwerin"],
    ["Berta Zweite", "Weg 2", "1010 Wien", "Österreich"],
    ["z. Hd. Frau Schmidt", "Muster AG"],
    ["Berta Zweite", "c/o Anna Erste", "Schwerin"],
    ["Berta Zweite", "190 Schwerin"],
    ["Familie Muster", "Hauptstr. 1-3", "D-19053"],
]
OTHER = [
    [],
    ["Seite 2"],
    ["Seite 2 von 3", "Az. 12 C 3/26"],
    ["Bescheid vom 3.11.2026", "Seite 2"],
    ["Kassenzeichen 4711", "Blatt 2"],
    ["Begründung"],
    ["Frau Muster,", "Sie haben beantragt:"],
    ["Grundbetrag 12", "Zuschlag 3"],
    ["Grundbetrag 12,00 Euro", "Zuschlag 3,50 Euro", "Summe 15,50 Euro"],
    ["1. Anlage 1", "2. Anlage 2", "3. Anlage 3"],
    ["Anlage 1", "Anlage 2", "Merkblatt 3"],
    ["Frau Muster wird gebeten, den Betrag bis zum 3.12. zu zahlen."],
    ["Rechtsbehelfsbelehrung", "Gegen diesen Bescheid kann Widerspruch", "erhoben werden."],
    ["2025 Grundsteuer", "2026 Grundsteuer"],
    ["12345 Euro Gesamtbetrag", "17 Euro Gebühr"],
]


@pytest.mark.parametrize("lines", MEANT, ids=lambda lines: lines[-1])
def test_what_is_meant_as_an_address(lines: list[str]) -> None:
    assert seems_address(lines)


@pytest.mark.parametrize("lines", OTHER, ids=lambda lines: " ".join(lines)[:20])
def test_what_else_begins_a_page(lines: list[str]) -> None:
    assert not seems_address(lines)
