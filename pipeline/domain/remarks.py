"""What was done to a letter before it was printed: stable codes for the manifest, with a German sentence each."""

from __future__ import annotations

from collections.abc import Iterable

REMARKS: dict[str, str] = {
    "a5-centred": "Eine Seite im Format A5 steht in Originalgröße in der Mitte des Blattes.",
    "a5-scaled": "Eine Seite im Format A5 wurde auf A4 vergrößert.",
    "a5-top-left": "Eine Seite im Format A5 steht in Originalgröße oben links auf dem Blatt.",
    "action-removed": "Aktionen, die Programme starten oder Daten versenden, wurden entfernt.",
    "address-recognised": "Die Anschrift lag nicht als Text vor; sie wurde durch Texterkennung gelesen.",
    "annotation-not-shown": "Eine Anmerkung hat keine druckbare Darstellung und fehlt auf dem Papier.",
    "annotations-flattened": "Anmerkungen oder Formularfelder wurden als Druckbild übernommen.",
    "attachment-removed": "Eingebettete Dateien wurden entfernt; sie sind nicht gedruckt.",
    "field-drawn": "Der Wert eines Formularfelds wurde neu gesetzt, weil die Datei ihn nicht oder anders darstellt.",
    "font-embedded": "Eine nicht eingebettete Schrift wurde durch eine mit gleichen Zeichenbreiten ersetzt.",
    "content-shifted": "Der Inhalt aller Seiten wurde nach rechts gerückt, damit die Kuvertiermarken Platz haben.",
    "fold-marks-whitened": "Falt- oder Lochmarken des Briefbogens sind unter den Kuvertiermarken überdeckt.",
    "form-flattened": "Formularfelder wurden als Druckbild übernommen.",
    "landscape-turned": "Eine Seite im Querformat wurde hochkant gedreht.",
    "layers-settled": "Ausgeblendete Ebenen wurden entfernt.",
    "letter-centred": "Eine Seite im US-Format Letter steht in Originalgröße in der Mitte des Blattes.",
    "letter-scaled": "Eine Seite im US-Format Letter wurde auf A4 verkleinert.",
    "letter-top-left": "Eine Seite im US-Format Letter steht in Originalgröße oben links auf dem Blatt.",
    "multimedia-removed": "Ton, Film oder 3D-Inhalte wurden entfernt.",
    "script-removed": "Skripte wurden entfernt.",
    "signature-removed": "Die Datei war elektronisch signiert; das Papier zeigt nur den Text.",
    "special-delivery-ordered": "Der Vermerk über der Anschrift verlangt ein anderes Postprodukt als den Brief.",
    "window-not-looked-at": "Das Fenster zeigt mehr, als an diesem Brief geprüft wurde.",
    "window-shows-more": "Rutscht das Blatt im Umschlag, kann im Fenster neben der Anschrift anderes zu sehen sein.",
    "xfa-removed": "Ein XFA-Formular wurde entfernt; gedruckt ist die Darstellung im PDF.",
}


def join_remarks(codes: Iterable[str]) -> str:
    """Codes as the tables and the CSV have them: sorted, each once, with a blank between."""
    return " ".join(sorted(set(codes)))


def split_remarks(text: str) -> tuple[str, ...]:
    """The reverse of `join_remarks`."""
    return tuple(text.split())
