"""When two addresses are one person's, and when one is the sender's own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.domain.address import PostalAddress, parse_address
from pipeline.domain.recipients import asks_for_address, is_same_recipient, is_senders

pytestmark = pytest.mark.unit

SENDER = "Stadt Parchim · Rathausmarkt 1 · 19370 Parchim"
ABROAD = ("Carla Dritte", "Gasse 3", "1010 Wien", "ÖSTERREICH")
MAX = ("Herrn", "Dr. Max Muster", "Lange Straße 3", "19370 Parchim")


def address(lines: Sequence[str]) -> PostalAddress:
    found = parse_address(lines)
    assert isinstance(found, PostalAddress), found
    return found


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (MAX, MAX),
        (MAX, ("Max Muster", "Lange Str. 3", "19370 Parchim")),
        (MAX, ("HERRN MAX MUSTER", "LANGE STRASSE 3", "D-19370 PARCHIM")),
        (MAX, (*MAX, "DEUTSCHLAND")),
        (("Max Muster", "c/o Erika Beispiel", *MAX[2:]), ("Max Muster", *MAX[2:])),
        (("Firma", "Alpha GmbH", "Frau Meier", *MAX[2:]), ("Alpha GmbH", *MAX[2:])),
        (ABROAD, ("Frau Carla Dritte", *ABROAD[1:])),
    ],
)
def test_one_person_written_in_two_ways(first: Sequence[str], later: Sequence[str]) -> None:
    assert is_same_recipient(address(first), address(later))


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (MAX, ("Erika Muster", *MAX[2:])),
        (MAX, ("Max Muster", "Lange Straße 4", MAX[3])),
        (MAX, ("Max Muster", "Lange Straße 3", "19053 Schwerin")),
        (MAX, ("Max Muster GmbH", *MAX[2:])),
        (("Max Muster GmbH", *MAX[2:]), ("Max Muster", *MAX[2:])),
        (("Herrn", "A. Muster", *MAX[2:]), ("Frau", "A. Muster", *MAX[2:])),
        (("Familie Muster", *MAX[2:]), ("Frau Muster", *MAX[2:])),
        (("Eheleute", "Max Muster", "Erika Muster", *MAX[2:]), ("Erika Muster", *MAX[2:])),
        (("Max Muster", *MAX[2:]), ("Max Muster", "c/o Erika Beispiel", *MAX[2:])),
        (("Max Groß", *MAX[2:]), ("Max Gross", *MAX[2:])),
        (MAX, ("Max Muster", "Lange Gasse 3", "1010 Wien", "ÖSTERREICH")),
    ],
)
def test_what_is_another_recipient(first: Sequence[str], later: Sequence[str]) -> None:
    assert not is_same_recipient(address(first), address(later))


def test_the_senders_own_address_has_his_street_and_town() -> None:
    assert is_senders(address(("Stadt Parchim", "Steueramt", "Rathausmarkt 1", "19370 Parchim")), SENDER)
    assert not is_senders(address(("Anna Albers", "Rathausmarkt 11", "19370 Parchim")), SENDER)
    assert not is_senders(address(("Anna Albers", "Markt 1", "19370 Parchim")), SENDER)
    assert not is_senders(address(("Anna Albers", "Rathausmarkt 1", "19053 Schwerin")), SENDER)
    assert not is_senders(address(("Stadt Parchim", "Rathausmarkt 1", "19370 Parchim")), "")
    assert is_senders(address(("Stadt Parchim", "Stadtkasse", "Postfach 1554", "19365 Parchim")), SENDER)
    assert is_senders(address(("Ordnungsamt", "Rathausmarkt 1", "19370 Parchim")), SENDER)
    assert not is_senders(address(("Anna Albers", "Postfach 1554", "19365 Parchim")), SENDER)


def test_somebody_else_who_lives_in_the_senders_house_is_another_recipient() -> None:
    assert not is_senders(address(("Berta Behrens", "Rathausmarkt 1", "19370 Parchim")), SENDER)


@pytest.mark.parametrize(
    "lines",
    [
        ("Lage des Grundstücks:", "Lange Straße 1", "19370 Parchim"),
        ("Name: ____________", "Straße: ____________", "19370 Parchim"),
        ("Name: Albers", "Straße: Weg 1", "19370 Parchim"),
    ],
)
def test_a_question_for_an_address_is_no_persons(lines: Sequence[str]) -> None:
    assert asks_for_address(address(lines))
    assert not asks_for_address(address(MAX))
