"""Lines over an address: what they are, and which of them order another product."""

from __future__ import annotations

import pytest

from pipeline.domain.endorsements import SPECIAL, SPECIAL_DE, endorsement_of, endorsements_told, special_product

pytestmark = pytest.mark.unit

LINES = {
    "registered": (
        *("Einschreiben", "EINSCHREIBEN EINWURF", "Einwurf-Einschreiben", "Übergabe-Einschreiben", "Einschr."),
        *("Persönlich / Einschreiben", "Eingeschrieben", "Recommandé", "als Einschreiben", "- Einschreiben -"),
    ),
    "return-receipt": ("Rückschein", "Mit Rückschein", "Avis de réception"),
    "formal-service": (
        *("Förmliche Zustellung", "Postzustellungsauftrag", "Mit Postzustellungsurkunde", "PZU", "PZA", "Gegen PZU"),
        *(
            "Gegen Empfangsbekenntnis",
            "gegen EB",
            "Empfangsbekenntnis",
            "Durch Gerichtsvollzieher",
            "per Gerichtsvollzieherin",
        ),
        *("Zustellung durch Postzustellungsurkunde", "Zustellungsurkunde", "Persönlich, förmliche Zustellung"),
    ),
    "personal-delivery": ("Eigenhändig", "Persönlich, eigenhändig"),
    "cash-on-delivery": ("Nachnahme", "Per Nachnahme"),
    "express": ("Eilsendung", "Eilbrief", "Durch Eilboten", "Express", "Exprès"),
    "courier": ("Per Boten", "Durch Boten", "Nur per E-Mail", "Per Telefax", "Hauspost", "Dienstpost"),
    "personal": ("Persönlich", "Vertraulich", "Persönlich/Vertraulich", "Verschlossen"),
    "forwarding": (
        *("Nicht nachsenden!", "Bitte nicht nachsenden", "Bei Umzug mit neuer Anschrift zurück!", "Zurück an Absender"),
        *("Wenn unzustellbar, zurück!", "Falls verzogen, bitte mit neuer Anschrift zurück", "PREMIUMADRESS REPORT"),
        *("Anschriftenberichtigungskarte", "Vorausverfügung"),
    ),
    "airmail": ("Mit Luftpost", "Par avion", "PRIORITAIRE", "Luftpost / Priority"),
    "franking": ("DV 03 0,95 Deutsche Post", "Deutsche Post", "Entgelt bezahlt", "Port payé"),
    "mail-class": (
        *("Amtliche Wahlbenachrichtigung", "Wahlunterlagen", "Dienstsache", "Behördenpost"),
        *("Infobrief", "Dialogpost", "Büchersendung", "Blindensendung", "Wahlbrief"),
    ),
    "urgent": ("Eilt", "EILT! Bitte sofort vorlegen", "Fristsache", "Sofort vorlegen"),
    "reference": (
        *("Az. 30.1-4711/26", "AZ: 30", "Aktenzeichen 7 K 12/26", "Unser Zeichen: 20-Mu", "Kassenzeichen 4711"),
        *("Betreff: Mahnung", "Betr.: Insolvenz", "Steuernummer 090/123/45678", "St.-Nr. 12", "geb. 01.02.1970"),
        *("Personalnummer 4711", "Kunden-Nr. 12", "Geschäftszeichen 5"),
    ),
    None: (
        *(
            "Gerichtsvollzieherin Erika Muster",
            "Obergerichtsvollzieher",
            "Ebert",
            "Wahlers",
            "Amtliche Werke GmbH",
            "Dienstmann",
        ),
        *("Erika Mustermann", "Frau", "zu Händen Frau Schmidt", "z. Hd. Herrn Voß", "Zustellstützpunkt", "Per Olsson"),
        *("Eilers", "Sören Eilmann", "Deutsche Post AG", "Express Reinigung e. K.", "Dialogpost Service GmbH"),
        *("Stadt Schwerin · Am Packhof 2 · 19053 Schwerin", "Privatklinik Seeblick", "Postfach 11 10 11", "AZUR Bad"),
        *("Bote & Sohn", "Boten GmbH", "Erika Muster geb. Schmidt", "19053 Schwerin", ""),
        *("Datumsgasse 4", "Betreuungsverein e. V.", "Gesche Hansen", "Infobüro Nord", "Retzow", "Kurierweg 3"),
    ),
}
CASES = [(line, kind) for kind, lines in LINES.items() for line in lines]


@pytest.mark.parametrize(("line", "kind"), CASES, ids=[line for line, _ in CASES])
def test_what_a_line_is(line: str, kind: str | None) -> None:
    assert endorsement_of(line) == kind
    assert endorsement_of(f"  {line} ") == kind


@pytest.mark.parametrize(
    ("lines", "product"),
    [
        (["Einschreiben"], "registered"),
        (["Übergabe-Einschreiben"], "registered"),
        (["Einwurf-Einschreiben"], "registered-mailbox"),
        (["Einschreiben Einwurf"], "registered-mailbox"),
        (["Persönlich / Einwurf-Einschreiben"], "registered-mailbox"),
        (["Einschreiben mit Rückschein"], "return-receipt"),
        (["Einschreiben", "Rückschein"], "return-receipt"),
        (["Stadt Parchim · Schuhmarkt 1 · 19370 Parchim", "Einschreiben"], "registered"),
        (["Einwurf-Einschreiben mit Rückschein"], None),
        (["Einschreiben eigenhändig"], None),
        (["Einschreiben", "Eigenhändig"], None),
        (["Einschreiben / Nachnahme"], None),
        (["Einschreiben Eilboten"], None),
        (["Förmliche Zustellung"], None),
        (["PZU"], None),
        (["Per Boten"], None),
        (["Persönlich"], None),
        ([], None),
    ],
)
def test_registered_mail_can_go_by_itself_and_nothing_else_is_taken_for_it(
    lines: list[str], product: str | None
) -> None:
    assert special_product(lines) == product


def test_every_special_product_has_a_german_name() -> None:
    assert set(SPECIAL_DE) == SPECIAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["Persönlich / Vertraulich"], ["PERSÖNLICH  / Vertraulich"]),
        (["Nicht nachsenden!", "Persönlich"], ["Persönlich", "Nicht nachsenden!"]),
        (["Az. 12-4", "Persönlich"], ["Az. 13-9", "Persönlich"]),
        (["DV 12 0,95 Deutsche Post"], ["DV 13 0,95 Deutsche Post"]),
        (["Az. 12-4 / Vertraulich"], ["Vertraulich"]),
        (["Stadt Parchim · Rathausmarkt 1 · 19370 Parchim"], []),
    ],
)
def test_letters_with_such_endorsements_may_lie_together(one: list[str], other: list[str]) -> None:
    assert endorsements_told(one) == endorsements_told(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["Persönlich / Vertraulich"], []),
        (["Nicht nachsenden!"], []),
        (["Nicht nachsenden!"], ["Bitte nachsenden"]),
        (["Bei Umzug mit neuer Anschrift zurück!"], ["Wenn unzustellbar, zurück!"]),
        (["Az. 12-4 / Vertraulich"], ["Az. 12-4"]),
        (["Infobrief"], []),
        (["Terminsache"], ["Persönlich"]),
    ],
)
def test_letters_with_such_endorsements_may_not(one: list[str], other: list[str]) -> None:
    assert endorsements_told(one) != endorsements_told(other)
