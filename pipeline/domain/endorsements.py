"""What stands over an address besides the sender: endorsements (Vermerke), and which of them order another product.

Zusatz- und Vermerkzone of DIN 5008:2020, 9.3. Special products must leave the bulk stream (Einschreiben, Eilboten);
a Postzustellungsauftrag has covers and forms of its own (ZustVV); Eigenhändig and Nachnahme ended in 2025.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from pipeline.domain.postal_products import SpecialProduct

Endorsement = Literal[
    "registered",
    "return-receipt",
    "formal-service",
    "personal-delivery",
    "cash-on-delivery",
    "express",
    "courier",
    "personal",
    "forwarding",
    "airmail",
    "franking",
    "mail-class",
    "urgent",
    "reference",
]

# The first that fits counts, so what orders a product comes first. Every pattern begins at a line's beginning or after
# a sign that parts endorsements on one line.
_BEGIN = r"(?:^|[/|·•,;+&–-]|\bund|\bmit|\bals|\bper|\bgegen)\s*"
_PATTERNS: tuple[tuple[Endorsement, str], ...] = (
    (
        "formal-service",
        rf"{_BEGIN}(?:förmliche\w*\s+zustellung|postzustellungs|zustellungsurkunde|zustellungsauftrag|pzu\b|pza\b|"
        r"empfangsbekenntnis|(?:durch|per)\s+(?:den\s+|die\s+)?(?:ober)?gerichtsvollzieher)|"
        r"^zustellung\s+(?:durch|gegen|mit|per)\b|^gegen\s+eb\b",
    ),
    (
        "registered",
        rf"{_BEGIN}(?:(?:einwurf|übergabe)?[\s-]*einschreiben|einschr\.|eingeschrieben|r-brief|recommandé|registered|"
        r"einwurf\b)",
    ),
    ("return-receipt", rf"{_BEGIN}(?:rückschein|avis de réception)"),
    ("personal-delivery", rf"{_BEGIN}eigenhändig"),
    ("cash-on-delivery", rf"{_BEGIN}nachnahme"),
    ("express", rf"{_BEGIN}(?:eilsendung|eilbrief|express|(?:durch\s+)?eilboten|exprès)"),
    (
        "courier",
        r"^(?:nur\s+)?(?:per|durch|mit)\s+(?:boten?\b|kurier|e-?mail|(?:tele)?fax|hauspost)|"
        r"^(?:hauspost|dienstpost)\b",
    ),
    ("personal", r"^(?:persönlich|vertraulich|streng vertraulich|privat\b|nur von |verschlossen)"),
    (
        "forwarding",
        r"^(?:(?:bitte )?nicht nachsenden|bitte nachsenden|nachsend|bei umzug|wenn (?:unzustellbar|empfänger)|"
        r"falls (?:unzustellbar|empfänger|verzogen)|wenn verzogen|wenn nicht zustellbar|zurück|retour|vorausverfügung|"
        r"premiumadress|anschriftenberichtigung|bei unzustellbarkeit)",
    ),
    ("airmail", r"^(?:mit luftpost|luftpost|prioritaire|priority|par avion|by airmail)"),
    ("franking", r"^(?:dv [0-9]|port payé|p\.p\.\s|deutsche post\b|entgelt bezahlt|gebühr bezahlt|frankier)"),
    ("mail-class", r"^(?:infobrief|infopost|dialogpost|büchersendung|büwa|warensendung|blindensendung|drucksache|"
        r"(?:amtliche\s+)?(?:wahl|abstimmungs)(?:brief|unterlagen|benachrichtigung|sache)|dienstsache|behördenpost)"),
    ("urgent", r"^(?:eilt\b|sofort vorlegen|fristsache|terminsache|bitte sofort)"),
    (
        "reference",
        r"^(?:az\b|akten-?zeichen|gesch(?:äfts|\.)?-?\s?(?:zeichen|z\b)|(?:unser|ihr|mein)e? (?:zeichen|nachricht)|"
        r"kassen-?zeichen|buchungs-?zeichen|betr(?:eff|\.)|steuer-?(?:nummer|nr)|st\.?-?nr|(?:personal|kunden|versicherungs|"
        r"bescheid|vorgangs)-?(?:nummer|nr)|geb(?:urtsdatum|\.\s*(?:am\s*)?[0-9])|datum\b)",
    ),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
# One of these is in every endorsement; most lines of most letters have none, and patterns are slow.
_PARTS = (
    *("einschr", "einwurf", "eingeschr", "r-brief", "recomm", "registered", "schein", "avis", "zustell", "pzu", "pza"),
    *("händig", "nachnahme", "eil", "expr", "bote", "kurier", "mail", "fax", "post", "persönlich", "vertraulich"),
    *(
        "privat",
        "nur von",
        "verschlossen",
        "nachsend",
        "umzug",
        "empfänger",
        "verzogen",
        "zurück",
        "retour",
        "verfügung",
    ),
    *("premium", "berichtigung", "prior", "avion", "dv ", "port pay", "p.p.", "bezahlt", "frankier", "info", "dialog"),
    *(
        "sendung",
        "büwa",
        "drucksache",
        "sofort",
        "sache",
        "az",
        "zeichen",
        "nachricht",
        "gesch",
        "betr",
        "nummer",
        "nr",
    ),
    *("geb", "datum", "bekenntnis", "gegen eb", "vollzieher", "wahl", "stimmung"),
)
# A line with a legal form is a company, whatever its name begins with (Deutsche Post AG, Express Reinigung GmbH).
_COMPANY = re.compile(r"\b(?:g?G?mbH|mbB|AG|KG|KGaA|OHG|GbR|UG|SE|eG)\b|\be\.\s?(?:V|K|G)\.")

SPECIAL: frozenset[Endorsement] = frozenset(
    {
        "registered",
        "return-receipt",
        "formal-service",
        "personal-delivery",
        "cash-on-delivery",
        "express",
        "courier",
    }
)
_OF_ONE_LETTER: frozenset[Endorsement | None] = frozenset({"reference", "franking"})
_PARTED = re.compile(r"\s*[/|·•;]\s*|,\s+|\s+[–-]\s+|\s{2,}")
_REGISTERED: frozenset[Endorsement | None] = frozenset({"registered", "return-receipt"})
_MORE_THAN_REGISTERED = re.compile(r"händig|nachnahme|\beil|expr|bote|kurier|zustell|pz[au]\b|\bwert")
SPECIAL_DE: dict[Endorsement, str] = {
    "registered": "Einschreiben",
    "return-receipt": "Rückschein",
    "formal-service": "förmliche Zustellung",
    "personal-delivery": "Eigenhändig",
    "cash-on-delivery": "Nachnahme",
    "express": "Eilzustellung",
    "courier": "ein anderer Weg als die Briefpost",
}


def special_product(lines: Iterable[str]) -> SpecialProduct | None:
    """The product that endorsements order, of those that can go through a pool of their own; None for any other.

    Registered mail to the letter box has no return receipt: lines that want both want what there is not.
    """
    told = [line.lower() for line in lines if endorsement_of(line) in SPECIAL]
    kinds = {endorsement_of(line) for line in told}
    words = " ".join(told)
    if not kinds or kinds - _REGISTERED or _MORE_THAN_REGISTERED.search(words):
        return None
    mailbox, receipt = "einwurf" in words, "rückschein" in words or "avis de réception" in words
    if mailbox and receipt:
        return None
    return "return-receipt" if receipt else "registered-mailbox" if mailbox else "registered"


def endorsements_told(lines: Iterable[str]) -> str:
    """What endorsements say, in one text: the same for letters that may lie in one envelope.

    Which way a letter goes and who may open it stands there; a file reference and the printer's franking number differ
    from letter to letter, and say neither. Case, blanks and order do not count.
    """
    told: set[str] = set()
    for line in lines:
        if endorsement_of(line) in _OF_ONE_LETTER:  # something else may stand on the same line
            told |= {part for part in _PARTED.split(line) if endorsement_of(part) not in (None, *_OF_ONE_LETTER)}
        elif endorsement_of(line) is not None:
            told.add(line)
    return "\n".join(sorted({" ".join(line.lower().split()) for line in told}))


def endorsement_of(line: str) -> Endorsement | None:
    """Which endorsement a line is, None for a line that is none: a sender, a name, a street.

    `reference`: a file reference or subject, which has no business in a window.
    """
    lower = line.lower()
    if not any(part in lower for part in _PARTS):
        return None
    return _endorsement(line)


@lru_cache(maxsize=1024)
def _endorsement(line: str) -> Endorsement | None:
    text = " ".join(line.split()).lstrip("*!-–·• ")
    if _COMPANY.search(text):
        return None
    return next((kind for kind, pattern in _COMPILED if pattern.search(text)), None)
