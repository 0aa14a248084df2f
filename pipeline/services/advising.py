"""What a clerk does about a document that waits: for each cause what to look at, and what each decision then means.

German, without terms of the trade; the commands are the ones to type next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.domain.refusals import REFUSALS
from pipeline.domain.separation import Doubt
from pipeline.services.wording import explain

Verb = Literal["look", "accept", "reject", "split", "merge", "keep", "drop", "retry"]

BY = '--who "IHR NAME" --reason "GRUND"'


@dataclass(frozen=True)
class Step:
    """One thing that can be done. `sentence`: when and what it means; `command`: what to type for it."""

    verb: Verb
    sentence: str
    command: str


@dataclass(frozen=True)
class Choices:
    """What can be decided about a document now. `single`: it is the only one of its file.

    `split_before`: source pages before which it can be cut; `before`, `after`: neighbours with which it can be joined.
    `keep`: source pages that were left out and can be taken back; `drop`: those that can be left out,
    `drop_separator`: those that can be as a separator sheet.
    """

    document: str
    intake: str
    single: bool = True
    accept: bool = False
    reject: bool = False
    retry: bool = False
    split_before: tuple[int, ...] = ()
    before: str | None = None
    after: str | None = None
    keep: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()
    drop_separator: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Advice:
    """For one cause; `{page}` stands for the page, `{side}` for a neighbour's; an empty text says nothing.

    `sheet`: the page before which it is cut may be a separator sheet, which is then left out.
    """

    look: str
    accept: str = ""
    reject: str = ""
    split: str = ""
    merge: str = ""
    drop: str = ""
    sheet: bool = False


_SCAN_AGAIN = "dann wird neu gescannt"

_ADVICE: Mapping[str, _Advice] = {
    "low-confidence": _Advice(
        look="Ist der Text auf dem Bild für Menschen lesbar?",
        accept="Lesbar: annehmen. Archiviert wird das Bild, wie es ist; die Suche findet darin vielleicht nicht alles.",
        reject=f"Unleserlich, abgeschnitten oder zu blass: zurückgeben, {_SCAN_AGAIN}.",
    ),
    "inked-without-text": _Advice(
        look="Steht auf der Seite etwas zu lesen, oder ist es ein Foto, ein Stempel, Handschrift, Schmutz? Ist sie ein "
        "Trennblatt, das niemand mehr lesen kann? Ist die Seite weiß, hat sie ein ausgefülltes Formularfeld oder eine "
        "Anmerkung, die nur ein PDF-Programm zeigt.",
        accept="Das Bild ist in Ordnung: annehmen. Die Suche findet diese Seite nicht.",
        reject=f"Die Seite ist unleserlich oder falsch herum eingelegt: zurückgeben, {_SCAN_AGAIN}.",
        split="Seite {page} ist ein Trennblatt, danach beginnt ein anderer Brief: dort trennen.",
        sheet=True,
    ),
    "way-up-unknown": _Advice(
        look="Steht die Seite auf dem Bild richtig herum, und stimmt der erkannte Text?",
        accept="Beides stimmt: annehmen. Archiviert wird die Seite, wie sie zu sehen ist.",
        reject="Die Seite steht auf dem Kopf oder der Text ist sinnlos: zurückgeben, richtig herum neu scannen.",
    ),
    "picture-with-text": _Advice(
        look="Die Seite {page} hat eigenen Text und ein Bild mit weiterem Text, etwa einen eingefügten Beleg. Muss die "
        "Suche den Text im Bild finden?",
        accept="Nein: annehmen. Archiviert wird die Seite, wie sie ist; die Suche findet nur ihren eigenen Text.",
        reject="Ja: zurückgeben mit der Bitte, die Seite auszudrucken und zu scannen, oder den Beleg als eigene Datei "
        "abzulegen.",
    ),
    "recognition-timeout": _Advice(
        look="Ist das Bild der Seite in Ordnung?",
        accept="Das Bild ist in Ordnung: annehmen. Die Seite wird ohne durchsuchbaren Text archiviert.",
        reject=f"Das Bild ist gestört (Streifen, Raster, riesiges Format): zurückgeben, {_SCAN_AGAIN}.",
    ),
    "text-differs": _Advice(
        look="Ist das Bild der Seite in Ordnung?",
        accept="Das Bild ist in Ordnung: annehmen. Maßgeblich ist das Bild; kopierter Text kann davon abweichen.",
        reject="Auf den Text kommt es an: zurückgeben mit der Bitte, die Datei neu zu erzeugen oder auszudrucken.",
    ),
    "pdfa-not-reached": _Advice(
        look="Die Seiten sind darstellbar, aber nicht in der Form, die für lange Aufbewahrung verlangt wird (PDF/A).",
        accept="Das Archiv nimmt auch gewöhnliches PDF: annehmen. Der Transfervermerk nennt die Abweichung.",
        reject="Das Archiv verlangt PDF/A: zurückgeben mit der Bitte, das Dokument neu zu erzeugen (beim Speichern "
        "PDF/A wählen, alle Schriften einbetten) oder es auszudrucken und zu scannen.",
    ),
    "attached-data": _Advice(
        look="Die Datei im Eingang trägt weitere Dateien in sich. Sind sie das, worauf es ankommt, etwa eine "
        "elektronische Rechnung (XML), oder nur Beiwerk?",
        accept="Es kommt nur auf die Seiten an: annehmen. Die angehängten Dateien werden nicht archiviert; der "
        "Transfervermerk nennt sie mit Namen und Größe.",
        reject="Die angehängten Dateien werden gebraucht: zurückgeben und auf dem Weg einreichen, auf dem "
        "elektronische Rechnungen oder Dateien angenommen werden.",
    ),
    "separator-doubt": _Advice(
        look="Ist Seite {page} ein Trennblatt, das der Scanner nicht lesen konnte?",
        accept="Es ist kein Trennblatt, alle Seiten gehören zu einem Brief: annehmen.",
        split="Seite {page} ist ein Trennblatt, danach beginnt ein anderer Brief: dort trennen. Das Trennblatt selbst "
        "wird weggelassen; ist Seite {page} schon der andere Brief, ohne --separator.",
        drop="Seite {page} ist ein Trennblatt, zu dem kein anderer Brief gehört: weglassen.",
        sheet=True,
        merge="Es ist kein Trennblatt, und der Brief reicht ins Dokument {side}: zusammenfügen.",
        reject=f"Es ist nicht zu entscheiden: zurückgeben, {_SCAN_AGAIN}.",
    ),
    "separator-foreign": _Advice(
        look="Zu wem gehört der Brief hinter dem Deckblatt auf Seite {page}?",
        accept="Er gehört trotz des falschen Deckblatts hierher: annehmen.",
        reject="Er gehört zu einer anderen Kommune oder in einen anderen Ordner: zurückgeben. Nichts davon wird "
        "archiviert; dort wird mit dem richtigen Deckblatt gescannt.",
        split="Nur der Teil ab dem Deckblatt gehört woandershin: trennen, dann diesen Teil zurückgeben.",
    ),
    "sheet-count": _Advice(
        look="Die Blätter auf Papier zählen und mit den Bildern vergleichen.",
        accept="Alles ist da und gehört zusammen, nur die Zahl auf dem Deckblatt ist falsch: annehmen.",
        split="Sind es zu viele Blätter, weil ein Trennblatt übersehen wurde: vor dem zweiten Brief trennen.",
        merge="Sind es zu wenige, weil der Brief ins Dokument {side} reicht: zusammenfügen.",
        reject=f"Fehlt ein Blatt (zwei wurden auf einmal eingezogen): zurückgeben, {_SCAN_AGAIN}.",
    ),
    "sides-shifted": _Advice(
        look="Die genannten Seiten mit den Vorder- und Rückseiten der Blätter auf Papier vergleichen: Welche fehlt, "
        "welche ist doppelt?",
        accept="Alles ist da, nur lagen Blätter verkehrt herum im Stapel: annehmen.",
        split="Es fehlt die Seite eines Trennblatts, und hier sind zwei Briefe in einem: vor dem zweiten trennen.",
        reject=f"Eine Seite fehlt: zurückgeben, {_SCAN_AGAIN}. Fehlen die Rückseiten, weil der Scanner leere auslässt, "
        "diese Einstellung abschalten oder den Ordner ohne „duplex“ nehmen.",
    ),
    "rejoined": _Advice(
        look="Gehören alle Seiten zu einem Brief, und stimmt die Reihenfolge?",
        accept="Ja: annehmen.",
        split="Es sind doch zwei Briefe: wieder trennen.",
        reject=f"Seiten fehlen oder sind vertauscht: zurückgeben, {_SCAN_AGAIN}.",
    ),
}

_UNKNOWN = _Advice(
    look="Seiten ansehen.",
    accept="Das Bild ist in Ordnung und vollständig: annehmen.",
    reject="Sonst zurückgeben.",
)


def cause_sentence(cause: Doubt) -> str:
    """A cause as one sentence with its page."""
    if cause.page is None or f"Seite {cause.page}" in cause.sentence:
        return cause.sentence
    return f"Seite {cause.page}: {cause.sentence}"


def steps_for(choices: Choices, causes: Sequence[Doubt]) -> tuple[Step, ...]:
    """What to do next, in the order in which to do it; only what is possible now."""
    if not (choices.accept or choices.reject or choices.retry):
        return ()
    pages: dict[str, list[int]] = {}
    for cause in causes:
        pages.setdefault(cause.code, []).extend([] if cause.page is None else [cause.page])
    advices = {code: _advice(code) for code in pages} or {"": _UNKNOWN}
    steps = list(_look(choices, advices, pages))
    if choices.retry:
        remedies = dict.fromkeys(explain(code, waits=True).remedy for code in pages)
        for remedy in remedies:
            steps.append(Step("retry", remedy, f"poststrasse inbox retry {choices.intake} {BY}"))
    if choices.accept:
        for text in _said(advice.accept for advice in advices.values()):
            steps.append(Step("accept", text, f"poststrasse documents accept {choices.document} {BY}"))
    steps += _split(choices, advices, pages)
    steps += _merge(choices, advices)
    steps += _left_out(choices, advices, pages)
    if choices.reject:
        whole = (
            "Die ganze Datei geht zurück." if choices.single else "Nur dieses Dokument geht mit seinen Seiten zurück."
        )
        for text in _said(advice.reject for advice in advices.values()):
            command = f"poststrasse documents reject {choices.document} {BY}"
            steps.append(Step("reject", f"{text} {whole}", command))
    return tuple(steps)


def _advice(code: str) -> _Advice:
    if code in _ADVICE:
        return _ADVICE[code]
    if code in REFUSALS:
        return _Advice(look="Ist die Seite zu sehen?", reject=f"Zurückgeben. {REFUSALS[code].remedy}")
    return _UNKNOWN


def _look(choices: Choices, advices: Mapping[str, _Advice], pages: Mapping[str, list[int]]) -> list[Step]:
    command = f"poststrasse documents show {choices.document} --pictures ORDNER"
    told = []
    for code, advice in advices.items():
        numbers = sorted(set(pages.get(code, [])))
        # A question about a page is asked of each; a sentence without a page is said once.
        told += [advice.look.format(page=number) for number in numbers] or [advice.look.format(page="?")]
    return [Step("look", text, command) for text in dict.fromkeys(told)]


def _split(choices: Choices, advices: Mapping[str, _Advice], pages: Mapping[str, list[int]]) -> list[Step]:
    steps = []
    for code, advice in advices.items():
        if not advice.split or not choices.split_before:
            continue
        told = sorted({page for page in pages.get(code, []) if page in choices.split_before})
        for before in [str(page) for page in told] or ["SEITE"]:
            sheet = " --separator" if advice.sheet else ""
            command = f"poststrasse documents split {choices.document} --before {before}{sheet} {BY}"
            steps.append(Step("split", advice.split.format(page=before), command))
    return steps


def _merge(choices: Choices, advices: Mapping[str, _Advice]) -> list[Step]:
    steps = []
    for text in _said(advice.merge for advice in advices.values()):
        if choices.before:
            command = f"poststrasse documents merge {choices.before} {choices.document} {BY}"
            steps.append(Step("merge", text.format(side="davor"), command))
        if choices.after:
            command = f"poststrasse documents merge {choices.document} {choices.after} {BY}"
            steps.append(Step("merge", text.format(side="danach"), command))
    return steps


def _left_out(choices: Choices, advices: Mapping[str, _Advice], pages: Mapping[str, list[int]]) -> list[Step]:
    """Pages that go, and pages that come back."""
    steps = []
    for code, advice in advices.items():
        for page in sorted(set(pages.get(code, [])) & set(choices.drop_separator)) if advice.drop else ():
            command = f"poststrasse documents drop-page {choices.document} --page {page} --as separator {BY}"
            steps.append(Step("drop", advice.drop.format(page=page), command))
    if choices.keep:
        told = ", ".join(str(page) for page in choices.keep)
        one = len(choices.keep) == 1
        number = str(choices.keep[0]) if one else "SEITE"
        which = f"ist Seite {told}. Gehört sie" if one else f"sind die Seiten {told}. Gehört eine davon"
        sentence = f"Weggelassen {which} zum Brief: zurücknehmen."
        command = f"poststrasse documents keep-page {choices.document} --page {number} {BY}"
        steps.append(Step("keep", sentence, command))
    return steps


def _said(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]
