"""What a clerk reads where PDF/A is not reached: German, a sentence for each kind of finding, no validator's words."""

from __future__ import annotations

import re

import pytest

from pipeline.adapters.incoming.pdfa_sentences import pdfa_sentences

pytestmark = pytest.mark.unit

SEEN = {
    "pikepdf:colour-space: /Separation colour spaces are not supported": "Sonderfarbe",
    "pikepdf:schema-Annot: annotation type not supported": "Anmerkung",
    "ISO_19005_2:6.3.1-1: annotation type not permitted": "Anmerkung",
    "ISO_19005_2:6.2.11.4.1-1: Type 1 font has no /FontDescriptor": "nicht eingebettet",
    "pikepdf:optional-content: optional content (BDC /OC) is not supported": "Ebenen",
    "pikepdf:schema-Catalog: optional content (/OCProperties) is not supported": "Ebenen",
    "pikepdf:schema-Catalog: interactive forms (/AcroForm) are not supported": "Formularfelder",
    "ISO_19005_2:6.3.3-1: 'AP' is a required property": "keine festgelegte Darstellung",
    "ISO_19005_2:6.2.11.5-1: widths of codes 65, 66 differ from the font program": "Zeichenbreiten",
    "ISO_19005_2:6.2.11.8-1: codes select the .notdef glyph": "fehlen Zeichen",
    "pikepdf:font-type3: Type 3 fonts are not supported": "eingebettete Schrift ist fehlerhaft",
    "ISO_19005_2:6.2.4.3-3: DeviceCMYK is used without a DefaultCMYK": "Die Farben",
    "pikepdf:shading: shadings (sh) are not supported": "Farbverlauf",
    "ISO_19005_2:6.5.1-1: action type not permitted or not supported": "Aktionen",
    "pikepdf:schema-Catalog: /OpenAction is not supported": "Aktionen",
    "ISO_19005_2:6.2.8-3: /Interpolate shall be false": "Ein Bild",
    "ISO_19005_2:6.2.8.3-1: the number of colour channels is 2": "Ein Bild",
    "ISO_19005_2:6.1.13-8: q/Q nested more than 28 levels": "Grenze",
    "pikepdf:associated-files: associated files (/AF) are not supported": "eingebettet",
    "ISO_19005_2:6.6.2.3.1-1: property is not in a predefined schema": "Metadaten",
}


@pytest.mark.parametrize(("reason", "word"), SEEN.items())
def test_each_kind_of_finding_has_a_german_sentence_without_the_validators_words(reason: str, word: str) -> None:
    told = pdfa_sentences([reason])
    assert word in told
    assert told.endswith(".")
    assert not re.search(r"pikepdf|ISO_|not supported|shall|(?<!PDF)/[A-Z]", told)


@pytest.mark.parametrize("clause", ["6.1.2", "6.1.7.1", "6.2.2", "6.2.5", "6.2.9", "6.2.10", "6.3.2", "6.4.1", "6.11"])
def test_each_clause_that_can_fail_is_told_by_itself(clause: str) -> None:
    told = pdfa_sentences([f"ISO_19005_2:{clause}-1: x"])
    assert "(" not in told or "x" not in told.split("(")[1].split()
    assert "ISO_" not in told


def test_the_same_sentence_is_said_once() -> None:
    reasons = [f"ISO_19005_2:6.2.11.4.1-1: font {name} is not embedded" for name in ("A", "B")]
    assert pdfa_sentences(reasons) == pdfa_sentences(reasons[:1])


def test_what_is_not_known_is_told_in_general_with_its_wording_in_brackets() -> None:
    told = pdfa_sentences(["pikepdf:internal: KeyError"])
    assert told.startswith("Die Datei enthält etwas, das in PDF/A nicht erlaubt oder nicht zu prüfen ist (pikepdf:")
    assert len(pdfa_sentences(["pikepdf:internal: " + "x" * 900])) < 250


def test_german_reasons_stay_and_those_of_a_second_try_are_not_repeated() -> None:
    plain = "Ghostscript ist nicht installiert (apt-get install ghostscript)."
    again = (
        "Ghostscript 10.00.0 erreichte es auch nicht: pikepdf:colour-space: /DeviceN colour spaces are not supported"
    )
    assert pdfa_sentences([plain]) == plain
    assert pdfa_sentences([again]) == "Auch neu geschrieben durch Ghostscript 10.00.0 erreicht sie es nicht."
