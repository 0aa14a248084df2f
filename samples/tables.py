"""Tables in letters: assessments, fees, positions of an invoice, with sums that are right."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table. Widths in mm; `aligns`: one letter a column, `l` or `r`; the last `sums` rows are set in bold."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths_mm: tuple[float, ...]
    aligns: str
    sums: int = 0
    total_cent: int = 0


def euro(cent: int) -> str:
    """An amount as it is written in Germany: `1.234,56 €`."""
    whole, rest = divmod(cent, 100)
    return f"{whole:,}".replace(",", ".") + f",{rest:02d} €"


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _property_tax(rng: random.Random, year: int) -> Table:
    base, rate = rng.randrange(2000, 18000), rng.choice((365, 400, 427, 438, 480, 550))
    year_cent = base * rate // 100 // 4 * 4
    rows = [("Grundsteuer B", _number(base / 100, 2) + " €", f"{rate} v. H.", euro(year_cent))]
    quarter = year_cent // 4
    rows += [(f"Rate zum {day}.{year}", "", "", euro(quarter)) for day in ("15.02", "15.05", "15.08", "15.11")]
    rows.append(("Jahresbetrag", "", "", euro(year_cent)))
    header = ("Bezeichnung", "Messbetrag", "Hebesatz", "Betrag")
    return Table(header, tuple(rows), (70, 32, 30, 33), "lrrr", 1, year_cent)


def _dog_tax(rng: random.Random, year: int) -> Table:
    rates = (4800, 7200, 9600)[: rng.randrange(1, 4)]
    rows = [(f"{number}. Hund", f"01.01.{year} – 31.12.{year}", euro(rate)) for number, rate in enumerate(rates, 1)]
    rows.append(("Summe", "", euro(sum(rates))))
    return Table(("Gegenstand", "Zeitraum", "Jahressteuer"), tuple(rows), (70, 60, 35), "llr", 1, sum(rates))


_BUILDING_FEES = (
    ("Bearbeitung nach Tarifstelle 2.1", 18450),
    ("Auslagen für Zustellung", 411),
    ("Prüfung der Standsicherheit", 74820),
    ("Prüfung des Brandschutzes", 31250),
    ("Abnahme vor Ort, je angefangene Stunde", 6400),
)
_CEMETERY_FEES = (
    ("Verlängerung um 5 Jahre", 26500),
    ("Verlängerung um 10 Jahre", 53000),
    ("Verlängerung um 20 Jahre", 106000),
    ("Friedhofsunterhaltung, je Jahr und Grabbreite", 2450),
    ("Einebnung durch den Bauhof", 18900),
)


def _fees(rng: random.Random, tariff: tuple[tuple[str, int], ...]) -> Table:
    items = rng.sample(tariff, 3)
    rows = [(str(number), text, euro(cent)) for number, (text, cent) in enumerate(items, 1)]
    return Table(("Nr.", "Tarif", "Gebühr"), tuple(rows), (15, 112, 38), "llr", 0, sum(cent for _, cent in items))


def _kindergarten(rng: random.Random, year: int) -> Table:
    days = rng.randrange(18, 22)
    prices = (("Frühstück", 145), ("Mittagessen", 415), ("Vesper und Getränke", 95))
    rows = [(text, str(days), euro(price), euro(price * days)) for text, price in prices]
    total = sum(price * days for _, price in prices)
    rows.append(("Monatlich zu zahlen", "", "", euro(total)))
    return Table(("Mahlzeit", "Tage", "je Tag", "Monat"), tuple(rows), (80, 20, 30, 35), "lrrr", 1, total)


def _waste(rng: random.Random, year: int) -> Table:
    bins = rng.sample(
        (
            ("Restabfall 80 l, 14-täglich", 9828),
            ("Restabfall 240 l", 26730),
            ("Bioabfall 120 l", 6540),
            ("Grundgebühr je Haushalt", 5412),
        ),
        3,
    )
    rows = [(text, f"SN-{rng.randrange(10**6):06d}", "12", euro(cent)) for text, cent in bins]
    total = sum(cent for _, cent in bins)
    rows.append(("Gesamt", "", "", euro(total)))
    return Table(("Behälter", "Nummer", "Monate", "Gebühr"), tuple(rows), (78, 34, 20, 33), "llrr", 1, total)


def _reminder(rng: random.Random, year: int) -> Table:
    kinds = ("Grundsteuer B, 2. Rate", "Hundesteuer", "Abfallgebühr", "Straßenreinigung", "Verpflegungsbeitrag")
    owed = [(kind, rng.randrange(1200, 24000)) for kind in rng.sample(kinds, rng.randrange(1, 4))]
    owed += [("Mahngebühr", 500), ("Säumniszuschläge", rng.randrange(0, 900))]
    rows = [(text, f"15.0{rng.randrange(2, 9)}.{year}", euro(cent)) for text, cent in owed]
    total = sum(cent for _, cent in owed)
    rows.append(("Gesamtbetrag", "", euro(total)))
    return Table(("Forderung", "fällig seit", "offen"), tuple(rows), (95, 35, 35), "llr", 1, total)


def _budget(rng: random.Random, year: int) -> Table:
    items = (
        ("Bühne und Technik", 148000),
        ("Hüpfburg", 32000),
        ("Plakate, Flyer", 18450),
        ("GEMA", 21137),
        ("Eigenanteil", -95000),
    )
    rows = [(text, euro(abs(cent)) if cent > 0 else "– " + euro(-cent)) for text, cent in items]
    total = sum(cent for _, cent in items)
    rows.append(("Fehlbedarf", euro(total)))
    return Table(("Posten", "Betrag"), tuple(rows), (110, 45), "lr", 1, total)


_GOODS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "invoice-office": (
        ("Kopierpapier A4, 80 g/m², weiß", "Karton", 2495),
        ("Ordner, 8 cm, Rücken grün", "Stück", 219),
        ("Briefumschläge C6/5 mit Fenster", "1.000", 2890),
        ("Tonerkassette schwarz, ca. 12.000 Seiten", "Stück", 13799),
        ("Trennstreifen, farbig sortiert", "Pack", 189),
        ("Bürostuhl, höhenverstellbar", "Stück", 24900),
    ),
    "invoice-garden": (
        ("Räumen und Streuen, Einsatz vor 6 Uhr", "Einsatz", 4850),
        ("Streugut (Splitt 2/5)", "t", 6230),
        ("Heckenschnitt, beidseitig", "lfd. m", 385),
        ("Laub sammeln und abfahren", "m³", 2140),
        ("Gehölzpflege, Facharbeiter", "Std.", 4675),
    ),
    "invoice-electric": (
        ("LED-Einbauleuchte 36 W, 4000 K", "Stück", 6890),
        ("Installationsleitung NYM-J 3 × 1,5 mm²", "m", 124),
        ("Fehlerstromschutzschalter 40 A/30 mA", "Stück", 4320),
        ("Monteurstunde", "Std.", 5450),
        ("Fahrtkostenpauschale Zone 2", "psch", 3500),
        ("Prüfung nach DGUV Vorschrift 3", "Stück", 395),
    ),
    "invoice-road": (
        ("Pflaster aufnehmen, lagern", "m²", 890),
        ("Tragschicht 0/32, 25 cm", "m³", 4310),
        ("Betonpflaster 20/10/8 verlegen", "m²", 3275),
        ("Hochbord 15/30 setzen", "m", 2860),
        ("Verkehrssicherung, je Woche", "psch", 48500),
    ),
}


def invoice(rng: random.Random, key: str, positions: int) -> Table:
    """Positions of an invoice with VAT of 19 per cent; `positions` from 1, goods repeat when there are more."""
    goods, rows, net = _GOODS[key], [], 0
    start = rng.randrange(len(goods))
    for number in range(1, positions + 1):
        text, unit, price = goods[(start + number) % len(goods)]
        amount = rng.randrange(1, 40)
        net += amount * price
        rows.append((str(number), text, f"{amount}", unit, _number(price / 100, 2), _number(amount * price / 100, 2)))
    tax = (net * 19 + 50) // 100
    rows.append(("", "Nettobetrag", "", "", "", _number(net / 100, 2)))
    rows.append(("", "zzgl. 19 % Umsatzsteuer", "", "", "", _number(tax / 100, 2)))
    rows.append(("", "Rechnungsbetrag in €", "", "", "", _number((net + tax) / 100, 2)))
    header = ("Pos.", "Bezeichnung", "Menge", "Einheit", "Einzel €", "Gesamt €")
    return Table(header, tuple(rows), (11, 76, 15, 18, 21, 24), "llrlrr", 1, net + tax)


def annex(rng: random.Random, rows: int) -> Table:
    """A long list of bookings, as annexes of notices have them."""
    kinds = ("Sollstellung", "Zahlungseingang", "Umbuchung", "Säumniszuschlag", "Mahngebühr", "Gutschrift")
    lines, total = [], 0
    for number in range(1, rows + 1):
        cent = rng.randrange(150, 90000)
        total += cent
        day = f"{rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.{rng.randrange(2022, 2026)}"
        lines.append((f"{number:03d}", day, rng.choice(kinds), f"{rng.randrange(10**8):08d}", euro(cent)))
    lines.append(("", "", "Summe", "", euro(total)))
    return Table(("Nr.", "Datum", "Vorgang", "Beleg", "Betrag"), tuple(lines), (14, 28, 52, 36, 35), "lllrr", 1, total)


BUILDERS: dict[str, Callable[[random.Random, int], Table]] = {
    "property-tax": _property_tax,
    "dog-tax": _dog_tax,
    "fees-building": lambda rng, year: _fees(rng, _BUILDING_FEES),
    "fees-cemetery": lambda rng, year: _fees(rng, _CEMETERY_FEES),
    "kindergarten": _kindergarten,
    "waste": _waste,
    "reminder": _reminder,
    "budget": _budget,
}
"""Tables by the key that a matter names; each takes a source of chance and a year."""


def build(key: str, rng: random.Random, year: int, positions: int = 6) -> Table:
    """The table for a matter's key; `positions`: how many an invoice has."""
    return invoice(rng, key, positions) if key.startswith("invoice-") else BUILDERS[key](rng, year)
