"""Why a file or a letter goes back: stable codes with a title and a remedy in German for clerks.

The code, not the text, is the contract (`reason.json`, CONTRACTS.md 2). A code is never renamed or reused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One reason. `title` and `remedy` are German, `title_en` is English."""

    code: str
    title: str
    remedy: str
    title_en: str


_NEW_EXPORT = "Bitte erzeugen oder scannen Sie die Datei neu und legen Sie sie noch einmal ab."

_ALL = (
    Refusal(
        "pulled-by-operator",
        "Der Brief wurde vor dem Druck herausgenommen",
        "Nichts zu tun, wenn das so gewünscht war. Soll er doch noch zur Post, legen Sie ihn bitte noch einmal ab.",
        "The letter was taken out before it was printed",
    ),
    Refusal("empty-file", "Die Datei ist leer", _NEW_EXPORT, "The file is empty"),
    Refusal(
        "not-a-document",
        "Die Datei ist kein Dokument, das hier verarbeitet wird",
        "Angenommen werden PDF, TIFF, JPEG und PNG zum Einlesen, PDF zum Drucken. Bitte speichern Sie das Dokument in "
        "einem dieser Formate. Die Endung des Dateinamens allein genügt nicht.",
        "The file is not a document that is accepted here",
    ),
    Refusal(
        "pdf-damaged",
        "Die PDF-Datei ist beschädigt oder unvollständig",
        _NEW_EXPORT + " Häufige Ursache: Das Kopieren wurde unterbrochen.",
        "The PDF file is damaged or incomplete",
    ),
    Refusal(
        "image-damaged",
        "Die Bilddatei ist beschädigt oder unvollständig",
        "Bitte scannen Sie die Vorlage noch einmal oder kopieren Sie die Datei neu.",
        "The image file is damaged or incomplete",
    ),
    Refusal(
        "pdf-encrypted",
        "Die PDF-Datei ist verschlüsselt",
        "Bitte speichern Sie die Datei ohne Kennwort und ohne Berechtigungsschutz und legen Sie sie noch einmal ab.",
        "The PDF file is encrypted",
    ),
    Refusal(
        "xfa-form",
        "Die PDF-Datei ist ein dynamisches Formular (XFA)",
        "Bitte drucken Sie das Formular in eine neue PDF-Datei und legen Sie diese ab.",
        "The PDF file is a dynamic form (XFA)",
    ),
    Refusal(
        "pdf-script",
        "Die PDF-Datei enthält ein Skript",
        "Bitte drucken Sie das Dokument in eine neue PDF-Datei und legen Sie diese ab.",
        "The PDF file holds a script",
    ),
    Refusal(
        "pdf-action",
        "Die PDF-Datei will ein Programm starten oder Daten versenden",
        "Bitte drucken Sie das Dokument in eine neue PDF-Datei und legen Sie diese ab. Kommt die Datei von außen, "
        "wenden Sie sich an die Informationssicherheit.",
        "The PDF file wants to start a program or to send data",
    ),
    Refusal(
        "pdf-attachment",
        "In die PDF-Datei sind andere Dateien eingebettet",
        "Bitte legen Sie jede Datei, die gedruckt werden soll, einzeln ab, ohne eingebettete Dateien.",
        "Other files are embedded in the PDF file",
    ),
    Refusal(
        "pdf-multimedia",
        "Die PDF-Datei enthält Ton, Film oder 3D",
        "Bitte drucken Sie das Dokument in eine neue PDF-Datei und legen Sie diese ab.",
        "The PDF file holds sound, film or 3D",
    ),
    Refusal(
        "pdf-signed",
        "Die PDF-Datei ist elektronisch signiert",
        "Auf Papier geht die Signatur verloren. Bitte versenden Sie die Datei elektronisch oder legen Sie eine Fassung "
        "ohne Signatur ab.",
        "The PDF file is signed",
    ),
    Refusal(
        "pdf-form",
        "Die PDF-Datei enthält Formularfelder",
        "Bitte drucken Sie das ausgefüllte Formular in eine neue PDF-Datei und legen Sie diese ab.",
        "The PDF file holds form fields",
    ),
    Refusal("no-pages", "Die Datei enthält keine Seite", _NEW_EXPORT, "The file has no page"),
    Refusal(
        "only-separators",
        "Die Datei besteht nur aus Trennblättern und leeren Seiten",
        "Bitte prüfen Sie, ob die Schriftstücke mit der bedruckten Seite nach oben eingelegt waren, und scannen Sie "
        "den Stapel noch einmal.",
        "The file holds nothing but separators and blank pages",
    ),
    Refusal(
        "too-many-pages",
        "Die Datei hat mehr Seiten, als dieser Ordner annimmt",
        "Bitte teilen Sie die Datei auf oder fragen Sie das Druckzentrum nach einem Ordner für große Stapel.",
        "The file has more pages than this folder accepts",
    ),
    Refusal(
        "file-too-large",
        "Die Datei ist größer, als dieser Ordner annimmt",
        "Bitte teilen Sie die Datei auf oder scannen Sie mit geringerer Auflösung (300 dpi genügen).",
        "The file is larger than this folder accepts",
    ),
    Refusal(
        "page-too-large",
        "Eine Seite ist größer, als hier verarbeitet wird",
        "Bitte scannen Sie die Vorlage mit geringerer Auflösung (300 dpi genügen) oder in kleinerem Format.",
        "A page is larger than can be processed here",
    ),
    Refusal(
        "content-bomb",
        "Der Inhalt der Datei entpackt sich auf ein unzulässiges Vielfaches",
        _NEW_EXPORT + " Kommt die Datei von außen, wenden Sie sich an die Informationssicherheit.",
        "The content of the file unpacks to an inadmissible multiple",
    ),
    Refusal(
        "processing-failed",
        "Die Datei ließ sich nicht verarbeiten",
        "Bitte erzeugen oder scannen Sie die Datei neu. Bleibt es dabei, fragen Sie das Druckzentrum und nennen Sie "
        "die Vorgangsnummer.",
        "The file could not be processed",
    ),
    Refusal(
        "unknown-municipality",
        "Der Ordner gehört zu keiner eingerichteten Kommune",
        "Bitte legen Sie die Datei in den Ordner Ihrer Kommune. Fehlt er, fragen Sie das Druckzentrum.",
        "The folder belongs to no known municipality",
    ),
    Refusal(
        "unknown-profile",
        "Der Ordner gehört zu keinem eingerichteten Auftrag",
        "Bitte legen Sie die Datei in einen der Auftragsordner Ihrer Kommune, nicht daneben.",
        "The folder belongs to no known job profile",
    ),
    Refusal(
        "not-a-regular-file",
        "Der Eintrag ist keine gewöhnliche Datei",
        "Bitte legen Sie die Datei selbst ab, keine Verknüpfung und keinen Ordner.",
        "The entry is not a regular file",
    ),
    Refusal(
        "ticket-invalid",
        "Der Auftragszettel (.ticket) neben der Datei ist fehlerhaft",
        "Bitte berichtigen Sie den Auftragszettel und legen Sie beide Dateien noch einmal ab.",
        "The ticket beside the file is not valid",
    ),
    Refusal(
        "symbol-coded",
        "Die Seitenbilder sind mit Symbolersetzung (JBIG2) komprimiert",
        "Bitte schalten Sie am Scanner die Komprimierung JBIG2 ab und scannen Sie die Vorlage noch einmal.",
        "The page images are JBIG2 symbol coded",
    ),
    Refusal(
        "address-not-found",
        "Im Anschriftfeld wurde keine vollständige Anschrift gefunden",
        "Bitte prüfen Sie, ob Empfänger, Straße, Postleitzahl und Ort im Fenster nach DIN 5008 (Form A oder B) stehen.",
        "No complete address was found in the window",
    ),
    Refusal(
        "address-incomplete",
        "Die Anschrift ist unvollständig",
        "Die letzte Zeile muss Postleitzahl und Ort enthalten, im Ausland das Land in Großbuchstaben; darüber muss der "
        "Empfänger stehen. Bitte ergänzen Sie die Anschrift.",
        "The address is incomplete",
    ),
    Refusal(
        "address-too-many-lines",
        "Die Anschrift hat mehr als sechs Zeilen",
        "Bitte kürzen Sie die Anschrift auf höchstens sechs Zeilen; mehr hat im Fenster keinen Platz.",
        "The address has more than six lines",
    ),
    Refusal(
        "address-unreadable",
        "Die Anschrift lässt sich nicht sicher lesen",
        "Bitte erzeugen Sie die Datei so, dass die Anschrift als Text mit eingebetteter Schrift darin steht, nicht als "
        "Bild und nicht in Kurven umgewandelt.",
        "The address can't be read with certainty",
    ),
    Refusal(
        "address-ambiguous",
        "Im Anschriftfeld stehen zwei verschiedene Anschriften",
        "Bitte setzen Sie nur die Anschrift des Empfängers in das Anschriftfeld, nach Form A oder nach Form B.",
        "There are two different addresses in the window",
    ),
    Refusal(
        "address-outside-window",
        "Die Anschrift ist im Fenster nicht in jeder Lage ganz zu sehen",
        "Bitte setzen Sie die Anschrift an ihren Platz nach DIN 5008 (Form A ab 44,7 mm, Form B ab 62,7 mm vom oberen "
        "Rand, 25 mm vom linken) und kürzen Sie überlange Zeilen. Ungefalzt in C4 sind höchstens fünf Zeilen in jeder "
        "Lage zu sehen; sechs Zeilen gehen nur gefalzt.",
        "The address does not show in the window wherever the sheet lies",
    ),
    Refusal(
        "postcode-unknown",
        "Die Postleitzahl gibt es nicht",
        "Bitte berichtigen Sie die Postleitzahl. Führende Nullen gehören dazu (01067 Dresden).",
        "The postcode does not exist",
    ),
    Refusal(
        "special-delivery",
        "Der Brief soll mit einem besonderen Postprodukt gehen",
        "Einschreiben, förmliche Zustellung, Eilsendung und Boten laufen nicht über die Kuvertierstraße. Bitte geben "
        "Sie diesen Brief selbst auf, oder entfernen Sie den Vermerk, wenn er als gewöhnlicher Brief gehen soll.",
        "The letter asks for a special postal product",
    ),
    Refusal(
        "window-occupied",
        "Im Fenster wäre mehr als die Anschrift zu sehen",
        "Bitte halten Sie den Bereich rings um das Anschriftfeld frei: kein Betreff, kein Aktenzeichen, kein Logo. "
        "Über der Anschrift dürfen nur Absender und Postvermerke stehen.",
        "More than the address would show in the window",
    ),
    Refusal(
        "mark-zone-occupied",
        "Der Platz für die Kuvertiermarken ist bedruckt",
        "Bitte halten Sie den linken Rand (bis 22 mm) auf allen Vorderseiten frei von Text, Linien und Logos.",
        "The zone of the insertion marks is not free",
    ),
    Refusal(
        "field-not-shown",
        "Ein ausgefülltes Formularfeld lässt sich nicht darstellen",
        "Bitte drucken Sie das ausgefüllte Formular in eine neue PDF-Datei und legen Sie diese ab.",
        "A filled form field cannot be shown",
    ),
    Refusal(
        "comment-not-shown",
        "Eine Anmerkung ist am Bildschirm zu sehen und würde auf dem Papier fehlen",
        "Bitte löschen Sie die Anmerkung, oder drucken Sie die Datei mit ihren Anmerkungen in eine neue PDF-Datei und "
        "legen Sie diese ab.",
        "An annotation without a picture would be missing on paper",
    ),
    Refusal(
        "font-not-embedded",
        "Eine Schrift ist nicht in die PDF-Datei eingebettet",
        "Bitte betten Sie beim Export alle Schriften ein.",
        "A font is not embedded in the PDF file",
    ),
    Refusal(
        "mark-reverse-occupied",
        "Die Rückseite hinter den Kuvertiermarken ist bedruckt",
        "Bitte halten Sie auf den Rückseiten den rechten Rand (bis 21 mm) frei, oder lassen Sie den Brief einseitig "
        "drucken: Die Maschine sieht durch das Papier hindurch.",
        "The back of the sheet is printed behind the insertion marks",
    ),
    Refusal(
        "page-size",
        "Eine Seite hat ein Format, das dieser Ordner nicht druckt",
        "Bitte erzeugen Sie den Brief im Format A4.",
        "A page has a size that this folder does not print",
    ),
    Refusal(
        "letter-count",
        "Die Seitenzahl geht nicht in ganzen Briefen auf",
        "Bitte prüfen Sie, ob die Datei vollständig ist und in den richtigen Ordner gelegt wurde.",
        "The number of pages is not a whole number of letters",
    ),
    Refusal(
        "count-mismatch",
        "Die Datei hat nicht so viele Briefe oder Seiten, wie angekündigt sind",
        "Bitte prüfen Sie, ob die Datei vollständig ist und ob der Auftragszettel zu ihr gehört.",
        "The number of letters or pages is not the one that was announced",
    ),
    Refusal(
        "split-doubt",
        "Es ist nicht sicher, wo in der Datei ein Brief endet und der nächste beginnt",
        "Bitte prüfen Sie die genannte Seite und die Seite davor. Geben Sie aus Ihrem Fachverfahren neu aus und legen "
        "Sie noch einmal ab, was zurückkam: die ganze Datei oder nur diesen Brief. Gedruckt wurde davon nichts.",
        "It is not certain where one letter of the file ends and the next begins",
    ),
    Refusal(
        "page-count-doubt",
        "Der Brief hat vielleicht nicht so viele Seiten, wie jeder haben soll",
        "Bitte prüfen Sie diesen Brief und den davor: Einer hat eine Seite mehr oder weniger. Legen Sie beide einzeln "
        "ab, oder den Stapel über einen Auftrag für Briefe verschiedener Länge. Diese Briefe wurden nicht gedruckt.",
        "The letter may not have as many pages as every letter should",
    ),
    Refusal(
        "index-invalid",
        "Die Index-Datei (.index.csv) neben der Datei fehlt, ist fehlerhaft oder passt nicht zu ihr",
        "Bitte berichtigen Sie die Index-Datei und legen Sie beide Dateien noch einmal ab, zuerst die Index-Datei.",
        "The index file beside the file is missing, not valid or does not match it",
    ),
    Refusal(
        "control-line-stays",
        "Die Steuerzeile lässt sich nicht von der Seite entfernen",
        "Bitte geben Sie die Steuerzeile im Fachverfahren als eigenes Textfeld aus, nicht als Bild und nicht in einer "
        "Textzeile mit anderem Inhalt.",
        "The control line can't be taken off the page",
    ),
    Refusal(
        "no-envelope-fits",
        "Für diesen Brief gibt es keinen passenden Umschlag",
        "Bitte teilen Sie den Brief auf oder geben Sie ihn als Paket auf. Dicke Briefe müssen Form B haben.",
        "No envelope fits this letter",
    ),
    Refusal(
        "no-product-fits",
        "Für diesen Brief gibt es kein Porto",
        "Bitte fragen Sie das Druckzentrum: Gewicht oder Maße überschreiten alle hinterlegten Postprodukte.",
        "No postal product fits this letter",
    ),
    Refusal(
        "whole-file-returned",
        "Kein Brief dieser Datei konnte angenommen werden",
        "Bitte beheben Sie die unten genannten Gründe und legen Sie die Datei noch einmal ab.",
        "None of this file's letters could be accepted",
    ),
    Refusal(
        "letters-returned",
        "Einzelne Briefe dieser Datei konnten nicht angenommen werden",
        "Die übrigen Briefe werden gedruckt. Bitte beheben Sie die genannten Gründe und legen Sie nur diese Briefe "
        "noch einmal ab.",
        "Some letters of this file could not be accepted",
    ),
    Refusal(
        "document-returned",
        "Ein Dokument dieser Datei kommt zurück",
        "Die übrigen Dokumente der Datei werden weiter bearbeitet. Bitte beachten Sie den angegebenen Grund und "
        "scannen Sie nur diese Seiten noch einmal.",
        "One document of this file is returned",
    ),
    Refusal(
        "returned-by-operator",
        "Das Druckzentrum hat die Datei zurückgegeben",
        "Bitte beachten Sie den angegebenen Grund oder fragen Sie das Druckzentrum.",
        "The print centre returned the file",
    ),
)

REFUSALS: dict[str, Refusal] = {refusal.code: refusal for refusal in _ALL}
