"""Addresses as they stand in a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.address import (
    AddressProblem,
    PostalAddress,
    is_plausible_postcode,
    parse_address,
    tidy_lines,
)
from pipeline.domain.countries import LEADING, PREFIXES, TRAILING, country_code

pytestmark = pytest.mark.unit

RECIPIENTS = ("Frau\nErika Mustermann\nAm Packhof 2", "Stadtwerke GmbH\nc/o Hausverwaltung\nPostfach 11 10 11", "Ö AG")
TOWNS = ("Schwerin", "Boizenburg/Elbe", "Neustadt-Glewe", "Halle (Saale)", "Frankfurt a. M.", "Lübz", "Ludwigslust 1")
postcodes = st.integers(1001, 99998).map(lambda n: f"{n:05d}").filter(is_plausible_postcode)


def address(*lines: str) -> PostalAddress:
    found = parse_address(lines)
    assert isinstance(found, PostalAddress), found
    return found


def problem(*lines: str) -> str:
    found = parse_address(lines)
    assert isinstance(found, AddressProblem), found
    return found.code


@given(st.sampled_from(RECIPIENTS), postcodes, st.sampled_from(TOWNS), st.sampled_from(("", "D-", "DE-", "D ")))
def test_home_address_keeps_postcode_as_five_digits(recipient: str, postcode: str, town: str, prefix: str) -> None:
    found = address(*recipient.split("\n"), f"{prefix}{postcode} {town}")
    assert (found.postcode, found.town, found.country) == (postcode, town, "DE")
    assert found.lines[-1] == f"{prefix}{postcode} {town}"


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_lines_give_an_address_or_a_problem(lines: list[str]) -> None:
    found = parse_address(lines)
    if isinstance(found, PostalAddress):
        assert found.town and len(found.lines) >= 2
        assert (found.country == "DE") <= is_plausible_postcode(found.postcode)
    else:
        assert found.sentence.endswith(".")


@given(st.lists(st.text(st.characters(categories=("L", "Nd")), min_size=3, max_size=30), min_size=1, max_size=6))
def test_a_problem_never_repeats_the_address(lines: list[str]) -> None:
    found = parse_address(lines)
    if isinstance(found, AddressProblem):
        assert found.sentence in _all_sentences()


def _all_sentences() -> set[str]:
    tries = ([], ["Unsinn"], ["E", "00000 Ort"], ["19053 Schwerin"], ["E", "Weg 1", "NIRGENDWO"])
    found = (parse_address(lines) for lines in tries)
    return {p.sentence for p in found if isinstance(p, AddressProblem)}


@given(st.sampled_from(RECIPIENTS), postcodes)
def test_blanks_and_soft_hyphens_do_not_matter(recipient: str, postcode: str) -> None:
    lines = [*recipient.split("\n"), f"{postcode} Schwerin"]
    odd = [f"  {line.replace(' ', '  ')}\u00a0" for line in lines[:-1]] + ["", f"{postcode}\u00a0 Schwe\u00adrin"]
    assert address(*odd) == address(*lines)


def test_leading_zero_is_kept() -> None:
    assert address("Erika Mustermann", "01067 Dresden").postcode == "01067"


def test_large_recipient_needs_no_street() -> None:
    assert address("Deutscher Bundestag", "11011 Berlin").postcode == "11011"


def test_country_line_germany_is_home() -> None:
    assert address("E", "Weg 1", "19053 Schwerin", "DEUTSCHLAND").country == "DE"


@pytest.mark.parametrize("postcode", ["00000", "99999", "00123", "01000", "05123", "43210", "62000"])
def test_postcodes_that_do_not_exist(postcode: str) -> None:
    assert problem("Erika Mustermann", f"{postcode} Ort") == "postcode-implausible"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "no-lines"),
        (("", "  "), "no-lines"),
        (("19053 Schwerin",), "no-recipient"),
        (("123", "19053 Schwerin"), "no-recipient"),
        (("Erika Mustermann", "Am Packhof 2"), "no-town-line"),
        (("Erika Mustermann", "Schwerin"), "no-town-line"),
        (("Erika Mustermann", "1905 Schwerin"), "no-town-line"),
        (("Erika Mustermann", "190533 Schwerin"), "no-town-line"),
        (("Erika Mustermann", "19053"), "no-town-line"),
        (("Erika Mustermann", "Weg 1", "Schwerin", "DEUTSCHLAND"), "no-town-line"),
        (("Erika Mustermann", "Am Packhof 2", "SCHWERIN"), "country-unclear"),
        (("Erika Mustermann", "Am Packhof 2", "67000 STRASBOURG", "STRASBOURG"), "country-unclear"),
        (("SCHWEDEN",), "no-recipient"),
        (("Stockholm", "SCHWEDEN"), "no-recipient"),
    ],
)
def test_what_is_no_address(lines: tuple[str, ...], code: str) -> None:
    assert problem(*lines) == code


@pytest.mark.parametrize(
    ("lines", "postcode", "town", "country"),
    [
        (("X", "Ring 1", "A-1010 Wien"), "1010", "Wien", "AT"),
        (("X", "Ring 1", "1010 Wien", "ÖSTERREICH"), "1010", "Wien", "AT"),
        (("X", "Ring 1", "A-1010 Wien", "AUSTRIA"), "1010", "Wien", "AT"),
        (("X", "Dam 1", "1012 AB Amsterdam", "NIEDERLANDE"), "1012 AB", "Amsterdam", "NL"),
        (("X", "ul. Prosta 1", "00-950 Warszawa", "POLEN"), "00-950", "Warszawa", "PL"),
        (("X", "ul. Prosta 1", "PL-00-950 Warszawa", "POLSKA"), "00-950", "Warszawa", "PL"),
        (("X", "10 High Street", "LONDON SW1A 2AA", "GROSSBRITANNIEN"), "SW1A 2AA", "LONDON", "GB"),
        (("X", "10 High Street", "LONDON", "SW1A 2AA", "UNITED KINGDOM"), "SW1A 2AA", "LONDON", "GB"),
        (("X", "1 Main Street", "New York NY 10001", "USA"), "10001", "New York NY", "US"),
        (("X", "Rue 1", "75001 PARIS", "FRANCE"), "75001", "PARIS", "FR"),
        (("X", "Gatan 1", "111 22 Stockholm", "SCHWEDEN"), "111 22", "Stockholm", "SE"),
        (("X", "Gasse 1", "8001 Zürich", "Schweiz"), "8001", "Zürich", "CH"),
        (("X", "Rua 1", "1000-001 Lisboa", "PORTUGAL"), "1000-001", "Lisboa", "PT"),
        (("X", "Some Road", "Dublin 2", "IRELAND"), "", "Dublin 2", "IE"),
        (("X", "Weg 1", "1234 Foo", "WAKANDA"), "1234", "Foo", "ZZ"),
    ],
)
def test_abroad(lines: tuple[str, ...], postcode: str, town: str, country: str) -> None:
    found = address(*lines)
    assert (found.postcode, found.town, found.country) == (postcode, town, country)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("TÜRKEI", "TR"),
        ("Tuerkei", "TR"),
        ("GROSSBRITANNIEN", "GB"),
        ("Großbritannien", "GB"),
        ("ÉTATS-UNIS", "US"),
        ("U.S.A.", "US"),
        ("CÔTE D'IVOIRE", "CI"),
        ("ČESKÁ REPUBLIKA", "CZ"),
        ("SCHWERIN", None),
        ("", None),
    ],
)
def test_country_lines(line: str, code: str | None) -> None:
    assert country_code(line) == code


def test_tables_name_known_countries_only() -> None:
    assert all(len(code) == 2 and code.isupper() for code in (*LEADING, *TRAILING, *PREFIXES.values()))


def test_tidying_composes_characters() -> None:
    assert tidy_lines(["Mu\u0308ller "]) == ("Müller",)


def test_a_german_address_refuses_another_postcode() -> None:
    with pytest.raises(ValueError, match="five digits"):
        PostalAddress(("E", "1905 Schwerin"), "1905", "Schwerin")
