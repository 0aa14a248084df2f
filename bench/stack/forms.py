"""Filled-in forms: boxes with a small label above and what somebody wrote into them with a machine, boxes to tick."""

from __future__ import annotations

import random
from itertools import pairwise

from bench.stack import values
from samples.layout import COURIER, HELVETICA, Area, Page, Rule, width_mm
from samples.people import OFFICES, iban, person_name

_LEFT, _RIGHT = 22.0, 190.0
_TITLES = (
    "Antrag auf Wohngeld (Mietzuschuss)",
    "Anmeldung eines Hundes zur Hundesteuer",
    "Antrag auf Ermäßigung der Gebühren für die Kindertagesbetreuung",
    "Anzeige über die Aufnahme eines Gewerbes nach § 14 GewO",
    "Antrag auf Grundsteuererlass wegen wesentlicher Ertragsminderung",
)
_TICKS = (
    "Ich beziehe Leistungen nach dem SGB II oder SGB XII.",
    "Der Haushalt hat sich gegenüber dem letzten Antrag geändert.",
    "Eine Vollmacht liegt bei.",
    "Ich möchte Bescheide künftig elektronisch erhalten.",
    "Vermögen über 60.000 € ist vorhanden.",
    "Die Angaben zur Wohnfläche wurden geprüft.",
    "Unterlagen werden nachgereicht.",
    "Änderungen teile ich unverzüglich mit.",
)
_MADE = ("Nachgewiesen durch Beleg Nr.", "Größe der Wohnfläche in m²", "Zahl der Haushaltsmitglieder")


def _outline(page: Page, left: float, top: float, right: float, bottom: float, thickness: float = 0.25) -> None:
    page.items.append(Rule(left, top, right, top, thickness))
    page.items.append(Rule(left, bottom, right, bottom, thickness))
    page.items.append(Rule(left, top, left, bottom, thickness))
    page.items.append(Rule(right, top, right, bottom, thickness))


def _fields(rng: random.Random) -> list[list[tuple[str, str, float]]]:
    """Rows of boxes: label, entry, share of the width."""
    form, first, last = person_name(rng)
    drawn = values.fresh(rng)
    office = rng.choice(list(OFFICES.values()))
    town = f"{office.postcode} {office.town}"
    return [
        [("Familienname", last, 0.5), ("Vorname", first, 0.3), ("Anrede", form, 0.2)],
        [("Straße, Hausnummer", drawn["street"], 0.55), ("Postleitzahl, Ort", town, 0.45)],
        [("Geburtsdatum", values.day(rng), 0.3), ("Telefon (tagsüber)", f"0385 000-{rng.randrange(1000, 9999)}", 0.35),
         ("Staatsangehörigkeit", rng.choice(("deutsch", "dänisch", "polnisch", "österreichisch")), 0.35)],
        [("IBAN", iban(rng), 0.65), ("Kreditinstitut", "Musterbank Mecklenburg", 0.35)],
        [("Monatliches Einkommen", values.amount(rng), 0.34), ("Kosten der Unterkunft", values.amount(rng), 0.33),
         ("Unterhaltspflichten", values.amount(rng), 0.33)],
        [("Bezugszeitraum von", values.day(rng), 0.34), ("bis", values.day(rng), 0.33),
         ("Früheres Aktenzeichen", values.reference(rng), 0.33)],
        [(rng.choice(_MADE), str(rng.randrange(2, 140)), 0.4), ("Rechtsgrundlage", values.section(rng), 0.6)],
    ]  # fmt: skip


def form_page(rng: random.Random) -> Page:
    """One page of a form that somebody filled in."""
    page = Page()
    label, bold = HELVETICA.regular, HELVETICA.bold
    entry = rng.choice((COURIER.regular, HELVETICA.regular, COURIER.bold))
    office = rng.choice(list(OFFICES.values()))
    page.text(_LEFT, 20.0, f"{office.name} · {office.street} · {office.postcode} {office.town}", label, 8.0)
    page.text(_LEFT, 30.0, rng.choice(_TITLES), bold, 13.0)
    page.text(_LEFT, 38.0, "Bitte vollständig und gut leserlich ausfüllen; Zutreffendes ankreuzen.", label, 8.5)
    page.text(_LEFT, 46.0, "Aktenzeichen", label, 8.5)
    page.text(_LEFT + 28.0, 46.0, values.reference(rng), entry, 11.0)
    y = _boxes(page, rng, _fields(rng), 52.0, label, entry)
    y = _ticks(page, rng, y + 8.0, label, bold)
    y = _people(page, rng, y + 8.0, label, bold, entry)
    declared = "Ich versichere, dass meine Angaben richtig und vollständig sind."
    page.text(_LEFT, y + 10.0, declared, label, 9.0)
    page.text(_LEFT, y + 22.0, f"{office.town}, {values.day(rng)}", entry, 10.0)
    page.items.append(Rule(_LEFT, y + 24.0, _LEFT + 60.0, y + 24.0, 0.2))
    page.items.append(Rule(_LEFT + 80.0, y + 24.0, _RIGHT, y + 24.0, 0.2))
    page.text(_LEFT, y + 28.0, "Ort, Datum", label, 7.0)
    page.text(_LEFT + 80.0, y + 28.0, "Unterschrift der antragstellenden Person", label, 7.0)
    return page


def _boxes(
    page: Page, rng: random.Random, lines: list[list[tuple[str, str, float]]], top: float, label: str, entry: str
) -> float:
    shaded = rng.random() < 0.4
    for line in lines:
        left = _LEFT
        for name, value, share in line:
            wide = (_RIGHT - _LEFT) * share
            if shaded:
                page.items.append(Area(left, top, wide, 4.6, (0.9, 0.92, 0.95)))
            _outline(page, left, top, left + wide, top + 11.5)
            page.text(left + 1.5, top + 3.6, name, label, 7.0)
            size = 11.0
            while width_mm(value, entry, size) > wide - 3.0:
                size -= 0.5
            page.text(left + 2.0, top + 9.6, value, entry, size)
            left += wide
        top += 11.5
    return top


def _ticks(page: Page, rng: random.Random, y: float, label: str, bold: str) -> float:
    page.text(_LEFT, y, "Erklärungen", bold, 10.0)
    for text in rng.sample(_TICKS, rng.randrange(3, 6)):
        y += 6.2
        _outline(page, _LEFT, y - 3.4, _LEFT + 3.8, y + 0.4, 0.3)
        if rng.random() < 0.5:
            page.items.append(Rule(_LEFT + 0.5, y - 2.9, _LEFT + 3.3, y - 0.1, 0.4))
            page.items.append(Rule(_LEFT + 0.5, y - 0.1, _LEFT + 3.3, y - 2.9, 0.4))
        page.text(_LEFT + 7.0, y, text, label, 9.5)
    return y


def _people(page: Page, rng: random.Random, y: float, label: str, bold: str, entry: str) -> float:
    """A small table with lines between all cells."""
    page.text(_LEFT, y, "Weitere Personen im Haushalt", bold, 10.0)
    columns = ((_LEFT, "Name, Vorname"), (92.0, "geboren am"), (125.0, "eigenes Einkommen"), (162.0, "Kind"))
    edges = [left for left, _ in columns] + [_RIGHT]
    y += 3.0
    count = rng.randrange(2, 5)
    for number in range(count + 1):
        for left, right in pairwise(edges):
            _outline(page, left, y, right, y + 7.0)
        if number == 0:
            for left, name in columns:
                page.text(left + 1.5, y + 5.0, name, label, 8.0)
        else:
            _, first, last = person_name(rng)
            cells = (f"{last}, {first}", values.day(rng), values.amount(rng), rng.choice(("ja", "nein")))
            for (left, _), cell in zip(columns, cells, strict=True):
                page.text(left + 1.5, y + 5.0, cell, entry, 8.5)
        y += 7.0
    return y
