"""What states and reasons are called in German, and what a person does about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.refusals import REFUSALS
from pipeline.domain.states import Kind

_WAITS = "wartet auf eine Entscheidung"

STATE_WORDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.INTAKE: {
        "received": "eingegangen",
        "planned": "in Arbeit",
        "waiting": _WAITS,
        "done": "erledigt",
        "rejected": "zurückgewiesen",
    },
    Kind.SLICE: {"planned": "in Arbeit", "waiting": _WAITS, "done": "erledigt", "dropped": "verworfen"},
    Kind.DOCUMENT: {
        "planned": "in Arbeit",
        "review": "in Sichtprüfung",
        "accepted": "angenommen, wird gepackt",
        "waiting": _WAITS,
        "delivered": "an das Archiv übergeben",
        "acknowledged": "vom Archiv bestätigt",
        "rejected": "zurückgewiesen",
        "replaced": "ersetzt, weil neu aufgeteilt",
    },
    Kind.PIECE: {
        "pooled": "im Sammelkorb",
        "joined": "mit anderen in einem Umschlag",
        "dissolved": "Umschlag aufgelöst, die Briefe liegen wieder im Sammelkorb",
        "held": "angehalten",
        "batched": "im Druckauftrag",
        "printed": "gedruckt",
        "reprint": "wird nachgedruckt",
        "posted": "zur Post gegeben",
        "pulled": "herausgenommen",
        "returned": "zurückgegeben",
    },
    Kind.BATCH: {
        "planned": "wird erzeugt",
        "waiting": _WAITS,
        "verified": "geprüft, wartet auf Freigabe",
        "held": "angehalten",
        "released": "freigegeben zum Druck",
        "printed": "gedruckt",
        "closed": "abgeschlossen",
        "cancelled": "storniert",
    },
    Kind.VOLUME: {
        "planned": "wird geschrieben",
        "written": "wird zurückgelesen",
        "verified": "geprüft",
        "waiting": _WAITS,
        "dropped": "verworfen",
    },
}

KIND_WORDS: Mapping[Kind, str] = {
    Kind.INTAKE: "Vorgang",
    Kind.SLICE: "Abschnitt",
    Kind.DOCUMENT: "Dokument",
    Kind.PIECE: "Sendung",
    Kind.BATCH: "Druckauftrag",
    Kind.VOLUME: "Teilband",
}


@dataclass(frozen=True)
class Explanation:
    """What a reason is called, and what to do; both German, `remedy` may be empty."""

    title: str
    remedy: str = ""


_ACCEPT = "Bild ansehen, dann annehmen (poststrasse documents accept) oder zurückgeben (poststrasse documents reject)."
_CUT = "Seiten ansehen, dann annehmen, trennen, zusammenfügen oder zurückgeben (poststrasse documents show sagt, wie)."
_RETRY = "Ursache beheben, dann noch einmal versuchen."
_REPORT = "Bitte der Betreuung melden; es ist nichts verloren."
_INSTALL = "Das Genannte installieren, mit „poststrasse check“ prüfen, dann noch einmal versuchen."

_EXPLANATIONS: Mapping[str, Explanation] = {
    # documents in review
    "low-confidence": Explanation("Die Texterkennung ist sich zu unsicher", _ACCEPT),
    "inked-without-text": Explanation("Auf einer bedruckten Seite wurde kein Text erkannt", _ACCEPT),
    "way-up-unknown": Explanation("Es ist unsicher, wie herum eine Seite steht", _ACCEPT),
    "picture-with-text": Explanation("In einem Bild auf einer Seite steht Text, den die Suche nicht findet", _ACCEPT),
    "recognition-timeout": Explanation("Die Texterkennung einer Seite wurde nicht rechtzeitig fertig", _ACCEPT),
    "text-differs": Explanation("Der Text der Archivdatei liest sich anders als der erkannte", _ACCEPT),
    "pdfa-not-reached": Explanation("Das Dokument erfüllt PDF/A nicht", _ACCEPT),
    "attached-data": Explanation("Der Datei sind andere Dateien angehängt, die nicht mit archiviert werden", _ACCEPT),
    "separator-doubt": Explanation("Bei einer Seite ist unsicher, ob sie ein Trennblatt ist", _CUT),
    "separator-foreign": Explanation("Im Stapel liegt ein Deckblatt, das woandershin gehört", _CUT),
    "sheet-count": Explanation("Die Zahl der Blätter stimmt nicht mit dem Deckblatt überein", _CUT),
    "sides-shifted": Explanation("Im beidseitig gescannten Stapel fehlt eine Seite, oder es ist eine zu viel", _CUT),
    "rejoined": Explanation("Von Hand wieder zusammengefügt", _CUT),
    # what failed and waits
    "child-timeout": Explanation("Die Verarbeitung wurde nicht rechtzeitig fertig", _RETRY),
    "child-memory": Explanation("Die Verarbeitung brauchte zu viel Arbeitsspeicher", _RETRY),
    "child-crash": Explanation("Die Verarbeitung ist abgestürzt", _RETRY),
    "lost-too-often": Explanation("Der Rechner fiel bei dieser Arbeit mehrmals aus", _RETRY),
    "readback-failed": Explanation(
        "Die Rücklesung fand ein falsches Blatt",
        "Nicht drucken. Noch einmal schreiben lassen (poststrasse batches retry); bleibt es dabei, stornieren.",
    ),
    "volume-changed": Explanation(
        "Eine Druckdatei wurde nach dem Schreiben verändert",
        "Nicht drucken. Datenträger prüfen, dann neu schreiben lassen (poststrasse batches retry).",
    ),
    "batch-changed": Explanation(
        "Eine Datei des Druckauftrags fehlt oder wurde nach der Rücklesung verändert",
        "Nicht drucken. poststrasse batches verify nennt die Blätter. Die richtige Datei zurücklegen und fortsetzen "
        "(poststrasse batches resume), oder auflösen (poststrasse batches cancel).",
    ),
    "volume-incomplete": Explanation("Eine Druckdatei ist unvollständig", _RETRY),
    "totals-disagree": Explanation("Die Summen stimmen nicht überein", f"Nicht drucken. {_REPORT}"),
    "pages-do-not-add-up": Explanation("Die Seitenzahlen gehen nicht auf", _REPORT),
    "package-invalid": Explanation("Das Archivpaket hält der Prüfung nicht stand", _RETRY),
    "archive-pdf-wrong": Explanation("Die Archivdatei hält der Prüfung nicht stand", _RETRY),
    "page-missing": Explanation("Eine Arbeitsdatei hat zu wenige Seiten", _REPORT),
    "pages-missing": Explanation("Erkannte Seiten fehlen", _REPORT),
    "page-not-normalised": Explanation("Eine Briefseite ist nicht vorbereitet", _REPORT),
    "slice-damaged": Explanation("Eine Arbeitsdatei ist beschädigt", _RETRY),
    "sheet-code-wrong": Explanation("Ein Blattcode ließ sich nicht bilden", _REPORT),
    "reading-incomplete": Explanation("Ein Brief wurde unvollständig gelesen", _REPORT),
    "batch-not-verified": Explanation("Ein Teilband ist nicht geprüft", _RETRY),
    "claim-lost": Explanation("Die übernommene Datei ist nicht mehr da", _REPORT),
    "claim-unreadable": Explanation("Die übernommene Datei ist nicht lesbar", _RETRY),
    "disk-full": Explanation("Der Speicher ist voll", "Platz schaffen, dann noch einmal versuchen."),
    "no-permission": Explanation("Rechte an einem Ordner fehlen", "Rechte geben, dann noch einmal versuchen."),
    "recognition-failed": Explanation("Die Texterkennung ist gescheitert", _RETRY),
    "fonts-missing": Explanation("Schriften für Briefe ohne eigene Schrift sind nicht installiert", _INSTALL),
    "tesseract-missing": Explanation("Die Texterkennung ist nicht installiert", _INSTALL),
    "tesseract-language": Explanation("Das Sprachmodell der Texterkennung fehlt", _INSTALL),
    "postage-table-expired": Explanation(
        "Die Portotabelle hat für diesen Tag keine Preise",
        "profiles/postage.toml ergänzen, dann noch einmal versuchen.",
    ),
    "stock-expired": Explanation(
        "Papier, Umschlag oder Beilage ist für diesen Tag nicht hinterlegt",
        "Den Eintrag in profiles/ verlängern oder ersetzen, dann noch einmal versuchen.",
    ),
    "piece-does-not-fit": Explanation(
        "Ein Brief lässt sich mit den geänderten Profilen nicht mehr so fertigen, wie er angenommen wurde",
        "Profile zurückändern, oder die Datei zurückgeben und neu annehmen.",
    ),
    "letterhead-unfit": Explanation(
        "Der Briefbogen ist nicht zu gebrauchen",
        "Briefbogen ändern und mit »poststrasse profiles check« prüfen, dann noch einmal versuchen.",
    ),
    "letters-joined": Explanation("Mit anderen Briefen an denselben Empfänger in einem Umschlag"),
    "time-zone-missing": Explanation(
        "Die Zeitzone des Kalenders ist auf diesem Rechner nicht bekannt", "Installieren: apt-get install tzdata."
    ),
    "profile-missing": Explanation("Ein Profil, das gebraucht wird, gibt es nicht mehr", "Profil wiederherstellen."),
    "profile-direction": Explanation("Das Auftragsprofil wurde umgestellt", "Profil wiederherstellen."),
    "share-unavailable": Explanation(
        "Eine Freigabe ist nicht erreichbar", "Freigabe einhängen, dann noch einmal versuchen."
    ),
    "internal-error": Explanation("Unerwarteter Fehler", _REPORT),
    # what people decided
    "retried-by-operator": Explanation("Wird auf Wunsch noch einmal versucht"),
    "accepted-by-operator": Explanation("Nach Sichtprüfung angenommen"),
    "split-by-operator": Explanation("Von Hand getrennt"),
    "merged-by-operator": Explanation("Von Hand zusammengefügt"),
    "page-kept-by-operator": Explanation("Weggelassene Seite von Hand zurückgenommen"),
    "page-left-out-by-operator": Explanation("Seite von Hand weggelassen"),
    "separated": Explanation("In Dokumente aufgeteilt"),
    "split": Explanation("In Briefe geteilt"),
    # what the archive said, and what followed
    "acknowledged-by-file": Explanation("Das Archiv hat die Übernahme bestätigt (Datei .ack)"),
    "acknowledged-by-api": Explanation("Das Archiv hat die Übernahme bestätigt (Schnittstelle)"),
    "acknowledgement-refused": Explanation(
        "Das Archiv hat bestätigt, aber das Paket ist nicht mehr das übergebene",
        "Nichts vernichten. Paket im Archivordner prüfen (poststrasse archive verify) und aus der Sicherung "
        "wiederherstellen; dann wird die Bestätigung von selbst angenommen.",
    ),
    "retired": Explanation("Die Aufbewahrungsfrist ist um, die Arbeitskopien sind gelöscht"),
    "hold-by-operator": Explanation("Von Hand angehalten"),
    "geometry-changed": Explanation(
        "Maschine, Umschlag oder Auftrag wurden geändert, seit der Brief geprüft wurde",
        "Profile zurückändern und den Brief freigeben (pieces free), oder ihn herausnehmen (pieces pull) und neu "
        "annehmen.",
    ),
    "looked-at-again": Explanation("Mit den geänderten Profilen noch einmal geprüft und für gut befunden"),
    "letters-moved": Explanation("Briefe wurden bewegt, während sie geprüft wurden", _RETRY),
    "held-by-ticket": Explanation("Auf Wunsch der Begleitdatei angehalten (hold)"),
    "freed-by-operator": Explanation("Von Hand freigegeben, wieder im Sammelkorb"),
    "cut-off-time": Explanation("Annahmeschluss: der Sammelkorb wurde geschlossen"),
    "cut-off-count": Explanation("Genug Briefe: der Sammelkorb wurde geschlossen"),
    "cut-off-age": Explanation("Der älteste Brief lag lange genug: der Sammelkorb wurde geschlossen"),
    "cut-off-due": Explanation("Eine Frist drängt: der Sammelkorb wurde vorzeitig geschlossen"),
    "cut-off-hand": Explanation("Der Sammelkorb wurde von Hand geschlossen"),
    "resume-by-operator": Explanation("Anhalten aufgehoben"),
    "release-by-operator": Explanation("Zum Druck freigegeben"),
    "cancelled-by-operator": Explanation("Storniert; die Briefe liegen wieder im Sammelkorb"),
    "duplicate": Explanation("Derselbe Inhalt wurde schon einmal abgelegt"),
    "intake-rejected": Explanation("Die Datei ging zurück"),
}


def explain(code: str | None, *, waits: bool = False) -> Explanation:
    """What a reason is called and what to do. `waits`: it is why something waits, so there is always a remedy."""
    if not code:
        return Explanation("")
    refusal = REFUSALS.get(code)
    found = _EXPLANATIONS.get(code) or (Explanation(refusal.title, refusal.remedy) if refusal else Explanation(code))
    return Explanation(found.title, _RETRY) if waits and not found.remedy else found


def state_word(kind: Kind, state: str) -> str:
    """What a state is called."""
    return STATE_WORDS[kind].get(state, state)


DONE_TO_BATCHES: Mapping[str, str] = {
    "hold": "angehalten",
    "resume": "fortgesetzt",
    "release": "freigegeben",
    "cancel": "storniert",
}


def refused(kind: Kind, id: str, state: str, done: str) -> str:
    """The beginning of a sentence that tells why something can't be done to a unit now. `done`: German participle."""
    return f"{KIND_WORDS[kind]} {id} ist »{state_word(kind, state)}« und kann nicht {done} werden"


_PARTS = {"archive": "Archiv", "retention": "Aufbewahrung"}


def who_word(who: str) -> str:
    """A worker's long name in short, a person's name as it is."""
    if who in _PARTS:
        return _PARTS[who]
    parts = who.removeprefix("door ").split("/")
    return f"{parts[0]}, Prozess {parts[2]}" if len(parts) == 4 else who
