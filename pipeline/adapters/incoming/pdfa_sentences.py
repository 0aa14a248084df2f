"""Why a document does not reach PDF/A, in German sentences for a clerk, from what the validator says of it.

The validator names a clause of ISO 19005-2 (`ISO_19005_2:6.2.11.4.1-1`) or a rule of its own (`pikepdf:colour-space`)
and words it in English for programmers; that wording stays in the package's files (`reasons`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TECHNICAL = re.compile(r"(?:ISO_19005_\d:|pikepdf:)\S+: ")
_REMADE = re.compile(r"(Ghostscript \S+) erreichte es auch nicht: ")
_MOST_IN_BRACKETS = 120  # characters

_GENERAL = "Die Datei enthält etwas, das in PDF/A nicht erlaubt oder nicht zu prüfen ist"

# The first that fits a finding says it; words of the message go before its clause, which may be about much.
_FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"optional content|OCProperties|:6\.9-|optional-content",
            "Die Datei hat Ebenen, die sich ein- und ausblenden lassen; was die Seite zeigt, steht damit nicht fest.",
        ),
        (
            r"embedded.file|associated.files|file specification|:6\.8-|schema-EmbeddedFiles",
            "In die Datei sind andere Dateien eingebettet.",
        ),
        (
            r"/AcroForm|interactive form|:6\.4\.[12]-",
            "Die Datei enthält Formularfelder, deren Darstellung nicht feststeht.",
        ),
        (r"/Perms|permissions|:6\.4\.3-|:6\.1\.12-", "Die Datei ist elektronisch signiert oder schränkt Rechte ein."),
        (r":6\.1\.3-2|encrypted", "Die Datei ist verschlüsselt."),
        (
            r"OpenAction|additional actions|JavaScript|schema-\w*Action|action type|named action|:6\.5\.",
            "Die Datei enthält Aktionen, etwa Skripte oder Verweise, die ein Programm starten.",
        ),
        (
            r":6\.3\.3-|AppearanceDict|appearance",
            "Eine Anmerkung oder ein Formularfeld hat keine festgelegte Darstellung.",
        ),
        (r":6\.3\.2-", "Eine Anmerkung ist so eingestellt, dass sie nicht gedruckt oder nicht angezeigt wird."),
        (
            r":6\.3\.|schema-\w*Annot|annotation",
            "Die Seite enthält eine Anmerkung (Kommentar, Stempel, Anlage) oder ein Formularfeld, die in PDF/A nicht "
            "erlaubt oder nicht zu prüfen sind.",
        ),
        (
            r"Separation|DeviceN|:6\.2\.4\.4-|colourant",
            "Die Seite verwendet eine Sonderfarbe (Separation), die sich nicht auf PDF/A prüfen lässt.",
        ),
        (
            r"shading|pattern",
            "Die Seite verwendet einen Farbverlauf oder ein Füllmuster, die sich nicht auf PDF/A prüfen lassen.",
        ),
        (
            r"blend mode|soft mask|transparency|:6\.2\.10-|SoftMask|TransparencyGroup",
            "Die Seite verwendet Durchsichtigkeit auf eine Art, die in PDF/A nicht erlaubt oder nicht zu prüfen ist.",
        ),
        (
            r"halftone|transfer function|overprint|/TR|/HT|:6\.2\.5-|:6\.2\.4\.2-2|schema-ExtGState",
            "Die Seite enthält Anweisungen für die Druckmaschine (Raster, Überdrucken), die PDF/A nicht zulässt.",
        ),
        (
            r":6\.2\.8|image|Image|JPEG",
            "Ein Bild der Seite ist auf eine Art gespeichert, die in PDF/A nicht erlaubt oder nicht zu prüfen ist.",
        ),
        (
            r":6\.2\.3-|:6\.2\.4\.|:6\.2\.6-|colour|pikepdf:icc|output-intent|ICC|OutputIntent|ColorSpace",
            "Die Farben der Seite sind nicht so festgelegt, dass sie auf Dauer gleich aussehen.",
        ),
        (
            r":6\.2\.11\.4\.1-1|not embedded|no /FontDescriptor|no embedded",
            "Eine Schrift ist nicht eingebettet; die Seite kann auf einem anderen Rechner anders aussehen.",
        ),
        (
            r":6\.2\.11\.4\.1-2|:6\.2\.11\.8-|notdef",
            "Der Seite fehlen Zeichen: Eine eingebettete Schrift enthält nicht alle, die verwendet werden.",
        ),
        (r":6\.2\.11\.5-", "Die Zeichenbreiten einer eingebetteten Schrift stimmen nicht mit den Angaben der Datei."),
        (
            r":6\.2\.11\.|pikepdf:font|[Ff]ont|cmap|CMap|CID|pikepdf:d0-d1",
            "Eine eingebettete Schrift ist fehlerhaft, oder ihre Art lässt sich nicht auf PDF/A prüfen.",
        ),
        (
            r":6\.6\.|xmp|metadata|Metadata",
            "Die Angaben über das Dokument (Metadaten) entsprechen nicht der Form, die PDF/A verlangt.",
        ),
        (
            r":6\.1\.7|:6\.1\.10-|pikepdf:filter",
            "Inhalte der Datei sind auf eine Art gepackt, die PDF/A nicht erlaubt.",
        ),
        (
            r":6\.1\.13-|structure-size|content-budget|depth",
            "Die Datei überschreitet eine Grenze von PDF/A (zu viele, zu lange oder zu tief verschachtelte Angaben).",
        ),
        (
            r":6\.2\.[29]-|pikepdf:content|resource-missing|text-no-font|form-cycle|XObject",
            "Der Inhalt einer Seite ist nicht so aufgebaut, wie PDF/A es verlangt.",
        ),
        (r":6\.1\.", "Der Aufbau der Datei entspricht nicht der Form, die PDF/A verlangt."),
        (r":6\.1[01]-|Presentation", "Die Datei enthält Anweisungen für eine Vorführung am Bildschirm."),
    )
)


def pdfa_sentences(reasons: Sequence[str]) -> str:
    """What reasons that PDF/A was not reached mean, each sentence once, one behind the other.

    `reasons`: as `ArchivePdfFacts` has them; German ones are taken as they are. One of a kind that is not known here is
    told in general, with the validator's wording in brackets.
    """
    told: dict[str, None] = {}
    for reason in reasons:
        remade = _REMADE.match(reason)
        if remade:
            told[f"Auch neu geschrieben durch {remade[1]} erreicht sie es nicht."] = None
        else:
            told[_sentence(reason) if _TECHNICAL.match(reason) else reason] = None
    return " ".join(told)


def _sentence(reason: str) -> str:
    for family, sentence in _FAMILIES:
        if family.search(reason):
            return sentence
    wording = reason if len(reason) <= _MOST_IN_BRACKETS else f"{reason[: _MOST_IN_BRACKETS - 1]}…"
    return f"{_GENERAL} ({wording})."
