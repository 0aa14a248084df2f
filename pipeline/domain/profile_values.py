"""Whether each profile makes sense by itself: ranges, vocabularies and sums that a type can't say.

What depends on another file is in `domain.profile_references`, what is geometry in `domain.profile_rules`.
Sentences and remedies are German, for operators.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.domain.calendar import Calendar
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM
from pipeline.domain.ids import is_id
from pipeline.domain.marks import SPELLINGS
from pipeline.domain.pooling import CutOffRules
from pipeline.domain.postal_products import PostageTable, Product
from pipeline.domain.profile_rules import off_sheet_findings
from pipeline.domain.profiles import (
    Enclosure,
    Envelope,
    Feed,
    Job,
    Machine,
    Municipality,
    Paper,
)
from pipeline.domain.sheet_layout import parse_plex_ranges

_REPEATABLE = frozenset({"timing", "one", "zero"})

# A running number that is the same on all sheets tells of no sheet that is lost.
_LEAST_NUMBERS = 2
# Machine-filled envelopes are at least 15 mm wider and 8 mm higher than their content (laser-line.de, envelopes).
_SPARE_WIDTH_MM = 15.0
_SPARE_HEIGHT_MM = 8.0


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `code`: stable; `key`: where in the file, e.g. `marks.tokens`, or empty."""

    code: str
    key: str
    sentence: str
    remedy: str


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or None; first of all one with two neighbours swapped."""
    choices = sorted(known)
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)} - {word}
    matches = [each for each in choices if each in swapped]
    matches = matches or difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    return matches[0] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """A remedy in German: the nearest spelling, or what there is."""
    choices = sorted(known)
    meant = nearest(word, choices)
    if meant is not None:
        return f"Meinten Sie »{meant}«?"
    return f"Vorhanden sind: {', '.join(choices)}." if choices else "Es ist keiner angelegt."


def _value(key: str, sentence: str, remedy: str) -> Fault:
    return Fault("profile-value", key, sentence, remedy)


def _at_least(least: float, **values: float) -> Iterator[Fault]:
    for key, value in values.items():
        if value < least:
            dotted = key.replace("__", ".")
            yield _value(dotted, f"{value:g} ist zu klein.", f"Tragen Sie mindestens {least:g} ein.")


def id_faults(id_: str, stem: str | None) -> Iterator[Fault]:
    """The id's form, and that a file of its own is called after it (`stem`: the file's name without .toml)."""
    if not is_id(id_):
        remedy = "Erlaubt sind Kleinbuchstaben, Ziffern und Bindestriche."
        yield Fault("profile-id", "id", f"»{id_}« ist keine Kennung.", remedy)
    if stem is not None and stem != id_:
        ways = [f'schreiben Sie id = "{stem}"'] if is_id(stem) else []
        ways += [f"nennen Sie die Datei »{id_}.toml«"] if is_id(id_) else []
        ways = ways or ["nennen Sie Datei und Kennung gleich, mit Kleinbuchstaben, Ziffern und Bindestrichen"]
        remedy = " oder ".join(ways) + "."
        remedy = remedy[0].upper() + remedy[1:]
        yield Fault("profile-id", "id", f"Die Datei heißt »{stem}.toml«, die Kennung darin ist »{id_}«.", remedy)


def municipality_faults(municipality: Municipality) -> Iterator[Fault]:
    """Nothing empty, no job twice."""
    for key in ("name", "sender_line", "cost_centre"):
        if not getattr(municipality, key).strip():
            yield _value(key, "Die Angabe ist leer.", f"Tragen Sie {key} ein.")
    if not municipality.jobs:
        yield _value("jobs", "Die Kommune nutzt keinen Auftrag.", "Nennen Sie mindestens einen Auftrag.")
    yield from _repeated("jobs", municipality.jobs)
    yield from _repeated("letterheads", (one.id for one in municipality.letterheads))
    for one in municipality.letterheads:
        if not is_id(one.id) or not is_letterhead_file(one.file):
            remedy = 'Zum Beispiel { id = "standard", file = "letterheads/schwerin-standard.pdf" }.'
            yield _value("letterheads", f"»{one.id}«, »{one.file}« ist kein Briefbogen.", remedy)


def _repeated(key: str, values: Iterable[object]) -> Iterator[Fault]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            yield _value(key, f"»{value}« steht zweimal da.", "Streichen Sie die Wiederholung.")
        seen.add(value)


def is_letterhead_file(file: str) -> bool:
    """Whether a letterhead's file lies where letterheads lie: `letterheads/<id>.pdf` below the profiles' folder."""
    folder, slash, name = file.partition("/")
    return folder == "letterheads" and bool(slash) and name.endswith(".pdf") and is_id(name.removesuffix(".pdf"))


def job_faults(job: Job) -> Iterator[Fault]:
    """Limits in range, forms and stations named once."""
    yield from _at_least(0, settle_s=job.settle_s)
    if job.incoming is not None:
        rules = job.incoming
        yield from _at_least(1, incoming__max_pages=rules.max_pages, incoming__max_file_mb=rules.max_file_mb)
        yield from _at_least(1, incoming__slice_pages=rules.slice_pages)
        yield from _at_least(0, incoming__keep_days=rules.keep_days, incoming__paper_keep_days=rules.paper_keep_days)
        yield from _repeated("incoming.separation.by", rules.separation.by)
        for text in rules.separation.text_codes:
            if not text.strip():
                key, remedy = "incoming.separation.text_codes", 'Schreiben Sie zum Beispiel text_codes = ["PATCHT"].'
                yield _value(key, "Ein Code ohne Inhalt trennt nichts.", remedy)
        yield from _at_least(1, incoming__max_page_megapixels=rules.max_page_megapixels)
        if not 0 <= rules.review_below_confidence <= 100:
            key, remedy = "incoming.review_below_confidence", "Tragen Sie einen Wert von 0 bis 100 (Prozent) ein."
            yield _value(key, f"{rules.review_below_confidence:g} ist kein Prozentwert.", remedy)
    if job.outgoing is not None:
        out = job.outgoing
        yield from _at_least(0, outgoing__pages_per_letter=out.pages_per_letter)
        yield from _at_least(1, outgoing__max_pages=out.max_pages, outgoing__max_file_mb=out.max_file_mb)
        yield from _at_least(1, outgoing__slice_letters=out.slice_letters)
        if out.split.by != "pages" and out.pages_per_letter:
            remedy = "Streichen Sie pages_per_letter oder den Abschnitt [outgoing.split]."
            yield _value("outgoing.split.by", "Die Datei kann nur auf eine Weise in Briefe geteilt werden.", remedy)
        if not out.forms:
            yield _value("outgoing.forms", "Keine Form angegeben.", 'Schreiben Sie zum Beispiel forms = ["B", "A"].')
        yield from _repeated("outgoing.forms", out.forms)
        yield from _repeated("outgoing.enclosures", out.enclosures)
        yield from _plex_range_faults(out.plex_ranges)


def _plex_range_faults(texts: tuple[str, ...]) -> Iterator[Fault]:
    try:
        parse_plex_ranges(texts)
    except ValueError:
        sentence = "Die Seitenbereiche sind falsch geschrieben, überlappen sich oder stehen nicht der Reihe nach da."
        yield _value("outgoing.plex_ranges", sentence, 'Schreiben Sie zum Beispiel ["1 simplex", "3- duplex"].')


def _use_faults(stock: Envelope | Paper | Enclosure) -> Iterator[Fault]:
    """Every stock says whose weight it is, and its days are in order."""
    if not stock.source.strip():
        remedy = 'Zum Beispiel source = "gewogen am 02.01.2026, 100 Stück der Lieferung vom Dezember".'
        yield _value("source", "Die Quelle von Gewicht und Maßen fehlt.", remedy)
    if stock.valid_from > stock.valid_to:
        yield _value("valid_to", "Der Gebrauch endet vor seinem Anfang.", "Berichtigen Sie die Daten.")


def machine_faults(machine: Machine) -> Iterator[Fault]:
    """The source is named, the marks lie on the sheet, every token is known and the tokens make sense together."""
    marks = machine.marks
    if not machine.source.strip():
        yield _value("source", "Die Quelle fehlt.", "Nennen Sie Handbuch und Seite oder die eigene Festlegung.")
    yield from _cut_off_faults(machine.cut_off)
    yield from _volume_faults(machine)
    if marks.kind != "datamatrix":
        yield from _at_least(0.1, marks__thickness_mm=marks.thickness_mm, marks__length_mm=marks.length_mm)
        yield from _at_least(0, marks__clear_mm=marks.clear_mm)
        yield from _token_faults(machine)
    if marks.datamatrix is not None:
        place = marks.datamatrix
        yield from _at_least(0.1, marks__datamatrix__module_mm=place.module_mm)
        # ISO/IEC 16022: one module of quiet zone at least.
        yield from _at_least(place.module_mm, marks__datamatrix__quiet_mm=place.quiet_mm)
    if marks.thickness_mm > 0 and marks.length_mm > 0 and (marks.datamatrix is None or marks.datamatrix.module_mm > 0):
        for sentence in off_sheet_findings(machine):
            yield Fault("profile-geometry", "marks", sentence, "Verschieben Sie die Marken.")


def _volume_faults(machine: Machine) -> Iterator[Fault]:
    """A volume has room for the largest folded piece: a piece is never cut."""
    room, most = volume_room(machine.feed), machine.feed.max_sheets
    if room < most:
        sentence = f"Ein Teilband fasst {room} Blatt für Sendungen, eine Sendung darf {most} haben (max_sheets)."
        remedy = f"Setzen Sie max_volume_sheets auf mindestens {machine.feed.max_volume_sheets + most - room}."
        yield _value("feed.max_volume_sheets", sentence, remedy)


def volume_room(feed: Feed) -> int:
    """How many sheets of pieces a volume holds beside its own separator and trailer sheets."""
    return feed.max_volume_sheets - feed.trailer_sheet - (feed.separator_sheet != "none")


def _cut_off_faults(rules: CutOffRules) -> Iterator[Fault]:
    """Each time once, and none after what still goes to the post on the same day."""
    yield from _repeated("cut_off.times", rules.times)
    for each in rules.times:
        if each > rules.latest:
            sentence = f"Der Annahmeschluss {each} liegt nach {rules.latest}, bis wann die Post noch weggeht."
            yield _value("cut_off.times", sentence, "Legen Sie ihn früher oder latest später.")


def calendar_faults(calendar: Calendar) -> Iterator[Fault]:
    """No weekday twice, closed days with reason and source, and days left on which somebody works."""
    yield from _repeated("working_days", calendar.working_days)
    for each in calendar.closed:
        key = f"closed[{each.first.isoformat()}]"
        if not each.reason.strip() or not each.source.strip():
            remedy = "Nennen Sie reason (warum geschlossen ist) und source (wer es wo festgelegt hat)."
            yield _value(key, "Grund oder Quelle fehlt.", remedy)
        if next(calendar.working_from(each.first), None) is None:
            remedy = "Berichtigen Sie last, oder streichen Sie den Eintrag."
            yield _value(key, "Danach arbeitet länger als ein Jahr niemand.", remedy)


def _token_faults(machine: Machine) -> Iterator[Fault]:
    tokens = machine.marks.tokens
    key = "marks.tokens"
    unknown = [token for token in tokens if token not in SPELLINGS]
    for token in unknown:
        yield _value(key, f"»{token}« ist kein bekanntes Zeichen.", suggestion(token, SPELLINGS))
    yield from _repeated(key, (token for token in tokens if token not in _REPEATABLE))
    if len({token for token in tokens if token.startswith("parity:")}) > 1:
        yield _value(key, "Parität gerade und ungerade zugleich.", "Behalten Sie parity:even oder parity:odd.")
    if not {"end-of-set", "not-end-of-set", "begin-of-set", "not-begin-of-set"}.intersection(tokens):
        remedy = "Ergänzen Sie end-of-set oder not-end-of-set."
        yield _value(key, "Kein Zeichen sagt der Maschine, wo ein Satz endet.", remedy)
    for token in tokens:
        station = _number_of(token, "feed:")
        if station is not None and station > machine.feed.stations:
            sentence = f"»{token}« ruft Station {station}, die Maschine hat {machine.feed.stations}."
            remedy = "Streichen Sie das Zeichen oder berichtigen Sie feed.stations."
            yield Fault("profile-reference", key, sentence, remedy)
    if not unknown:
        yield from _sequence_faults(machine)


def _sequence_faults(machine: Machine) -> Iterator[Fault]:
    weights = [n for n in (_number_of(t, "seq:") for t in machine.marks.tokens) if n is not None]
    modulo, first = machine.marks.sequence.modulo, machine.marks.sequence.first
    if weights and modulo - first < _LEAST_NUMBERS:
        sentence = f"Die laufende Nummer ist auf allen Blättern {first}: Ein fehlendes Blatt fiele nicht auf."
        remedy = f"Setzen Sie modulo = {sum(weights) + 1} oder first niedriger, oder streichen Sie die Zeichen seq:N."
        yield _value("marks.sequence", sentence, remedy)
    if weights and modulo - 1 > sum(weights):
        sentence = f"Die laufende Nummer geht bis {modulo - 1}, die Striche seq:N zeigen nur bis {sum(weights)}."
        remedy = f"Setzen Sie modulo = {sum(weights) + 1} oder ergänzen Sie einen Strich."
        yield _value("marks.sequence.modulo", sentence, remedy)
    if sorted(weights) != [2**n for n in range(len(weights))]:
        sentence = "Die Wertigkeiten von seq:N sind nicht lückenlos 1, 2, 4, …"
        yield _value("marks.tokens", sentence, "Jede Wertigkeit einmal, von 1 an verdoppelt.")


def _number_of(token: str, prefix: str) -> int | None:
    """The N of `seq:N` or `feed:N`; None for another token."""
    return int(token.removeprefix(prefix)) if token in SPELLINGS and token.startswith(prefix) else None


def envelope_faults(envelope: Envelope) -> Iterator[Fault]:
    """The folded sheet fits, flat means without folds, each form stands once, `always` lies in `possible`."""
    yield from _use_faults(envelope)
    yield from _at_least(1, weight_mg=envelope.weight_mg, max_sheets=envelope.max_sheets)
    yield from _at_least(A4_WIDTH_MM + _SPARE_WIDTH_MM, width_mm=envelope.width_mm)
    if not envelope.foldings:
        yield _value("foldings", "Keine Falzung angegeben.", "Ergänzen Sie [[envelopes.foldings]].")
    yield from _repeated("foldings", (f"Form {folding.form}" for folding in envelope.foldings))
    for folding in envelope.foldings:
        key = f"foldings[{folding.form}]"
        if envelope.flat == bool(folding.folds_mm):
            sentence = "Flach und gefalzt zugleich." if envelope.flat else "Nicht flach, aber ohne Falz."
            yield _value(f"{key}.folds_mm", sentence, "Bei flat = true ist folds_mm leer, sonst nicht.")
        edges = (0.0, *folding.folds_mm, A4_HEIGHT_MM)
        panels = [below - above for above, below in pairwise(edges)]
        if min(panels) <= 0:
            remedy = "Nennen Sie die Falze von oben nach unten in mm."
            yield _value(f"{key}.folds_mm", "Die Falze liegen nicht geordnet auf dem Blatt.", remedy)
        elif max(panels) + _SPARE_HEIGHT_MM > envelope.height_mm:
            sentence = f"Gefalzt ist das Blatt {max(panels):g} mm hoch, der Umschlag {envelope.height_mm:g} mm."
            remedy = f"Maschinelles Füllen braucht {_SPARE_HEIGHT_MM:g} mm Spiel: anderer Umschlag oder anderer Falz."
            yield _value(f"{key}.folds_mm", sentence, remedy)
        if not folding.possible.contains(folding.always):
            remedy = "»always« liegt immer ganz in »possible«."
            yield _value(f"{key}.always", "Das Feld ragt aus dem möglichen Fensterbereich.", remedy)


def paper_faults(paper: Paper) -> Iterator[Fault]:
    """Positive, and the sheet's weight is the grammage's within a tenth (A4: 0.06237 m2)."""
    yield from _use_faults(paper)
    yield from _at_least(1, sheet_weight_mg=paper.sheet_weight_mg, grammage_g_m2=paper.grammage_g_m2)
    yield from _at_least(0.01, thickness_mm=paper.thickness_mm)
    expected_mg = paper.grammage_g_m2 * A4_WIDTH_MM * A4_HEIGHT_MM / 1000
    if abs(paper.sheet_weight_mg - expected_mg) > expected_mg / 10:
        sentence = f"{paper.sheet_weight_mg} mg passen nicht zu {paper.grammage_g_m2:g} g/m²."
        yield _value("sheet_weight_mg", sentence, f"Ein Blatt A4 wiegt rund {expected_mg:.0f} mg.")


def enclosure_faults(enclosure: Enclosure) -> Iterator[Fault]:
    """Station 1 to 8, a positive weight, a thickness that is none or more."""
    yield from _use_faults(enclosure)
    yield from _at_least(0, thickness_mm=enclosure.thickness_mm)
    yield from _at_least(1, weight_mg=enclosure.weight_mg)
    if not 1 <= enclosure.station <= 8:
        yield _value("station", f"Station {enclosure.station} gibt es nicht.", "Stationen zählen von 1 bis 8.")


def postage_faults(table: PostageTable) -> Iterator[Fault]:
    """Limits in order, validity in order and never twice for one product on one day."""
    yield from _at_least(0, margin_mg=table.margin_mg)
    for product in table.products:
        yield from _product_faults(product)
    ordered = sorted(table.products, key=lambda product: (product.id, product.valid_from))
    for earlier, later in pairwise(ordered):
        if earlier.id == later.id and later.valid_from <= earlier.valid_to:
            sentence = f"Zwei Preise am {later.valid_from.isoformat()}."
            remedy = "Beenden Sie den alten Preis (valid_to) am Tag vor dem neuen (valid_from)."
            yield _value(f"products[{later.id}].valid_from", sentence, remedy)


def _product_faults(product: Product) -> Iterator[Fault]:
    key = f"products[{product.id}]"
    if not is_id(product.id):
        remedy = "Erlaubt sind Kleinbuchstaben, Ziffern und Bindestriche."
        yield Fault("profile-id", f"{key}.id", f"»{product.id}« ist keine Kennung.", remedy)
    if product.price_cent < 0 or product.max_weight_mg <= 0:
        yield _value(key, "Preis oder Gewicht ist negativ oder null.", "Preis in Cent, Gewicht in mg.")
    if product.min_length_mm > product.max_length_mm or product.min_width_mm > product.max_width_mm:
        yield _value(key, "Ein Mindestmaß ist größer als das Höchstmaß.", "Berichtigen Sie die Maße in mm.")
    if product.valid_from > product.valid_to:
        yield _value(f"{key}.valid_to", "Die Gültigkeit endet vor ihrem Anfang.", "Berichtigen Sie die Daten.")
