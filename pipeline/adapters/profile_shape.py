"""TOML tables into profile values, strictly, with errors that name the key and its nearest right spelling.

Nothing is converted: a number in quotes, a `true` for a 1, a fraction for a whole number are wrong types.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pipeline.domain.calendar import Calendar, ClosedDays
from pipeline.domain.enclosure_rules import EnclosureRule
from pipeline.domain.geometry import Rect
from pipeline.domain.joining_rules import JoiningRules
from pipeline.domain.pooling import CutOffRules, PoolRules
from pipeline.domain.profile_values import Fault, nearest
from pipeline.domain.profiles import Feed, Job, Marks, OutgoingRules, SeparationRules, Sequence
from pipeline.domain.split_rules import GROUPS, SplitRules
from pipeline.domain.window_rules import MarkZoneRules, WindowRules

T = TypeVar("T")
Path_ = tuple[int | str, ...]

_UNITS = frozenset(
    {"mm", "cm", "m", "g", "mg", "kg", "cent", "euro", "eur", "s", "ms", "min", "hours", "px", "kb", "mb", "gb"}
)

_WANTED = {
    "int_type": "eine ganze Zahl ohne Anführungszeichen",
    "int_from_float": "eine ganze Zahl ohne Nachkommastellen",
    "float_type": "eine Zahl ohne Anführungszeichen",
    "string_type": "ein Text in Anführungszeichen",
    "bool_type": "true oder false, ohne Anführungszeichen",
    "tuple_type": "eine Liste in eckigen Klammern",
    "dataclass_type": "ein Abschnitt oder eine Tabelle in geschweiften Klammern",
    "date_type": "ein Datum wie 2025-01-01",
    "date_parsing": "ein Datum wie 2025-01-01",
    "date_from_datetime_parsing": "ein Datum wie 2025-01-01",
}

# What the refusing classes mean, for operators.
_RULES: dict[type, tuple[str, str]] = {
    Job: (
        "Die Richtung und der Abschnitt passen nicht zusammen.",
        'Zu direction = "incoming" gehört genau der Abschnitt [incoming], zu "outgoing" genau [outgoing].',
    ),
    Marks: (
        "Die Angaben zu den Marken passen nicht zusammen.",
        "OMR braucht tokens und pitch_mm größer als thickness_mm, Data Matrix den Abschnitt [marks.datamatrix]; "
        "reverse_clear_mm liegt zwischen 0 und 20.",
    ),
    WindowRules: (
        "Die Angaben zum Fenster sind unmöglich.",
        "margin_mm und slack_mm liegen zwischen 0 und 10, least_confidence zwischen 0 und 100; own_notes_mm gehört zu "
        "own und ist kleiner als dessen Höhe.",
    ),
    MarkZoneRules: (
        "Die Angaben zum Platz der Marken passen nicht zusammen.",
        'Zu occupied = "shift" gehört shift_mm (über 0, bis 20), sonst entfällt es; right_mm liegt zwischen 0 und 20, '
        "strokes_mm auf dem Blatt.",
    ),
    OutgoingRules: (
        "Ein eigenes Anschriftfeld gilt für genau eine Form.",
        'Tragen Sie unter forms die Form ein, nach der gefalzt wird, zum Beispiel forms = ["B"].',
    ),
    Sequence: ("Die laufende Nummer ist unmöglich.", "first ist mindestens 0 und kleiner als modulo."),
    Feed: (
        "Die Angaben zur Zufuhr sind unmöglich.",
        "max_sheets und max_volume_sheets sind mindestens 1, stations 0 bis 8, max_thickness_mm mindestens 0.",
    ),
    SeparationRules: (
        "Die Angaben zur Trennung des Stapels passen nicht zusammen.",
        'every_pages ist mindestens 0; wenn leere Seiten trennen (by = ["blank"]), gilt blank_pages = "drop".',
    ),
    SplitRules: (
        "Die Angaben zur Teilung in Briefe passen nicht zusammen.",
        "pattern und following sind reguläre Ausdrücke; benannte Gruppen sind " + ", ".join(sorted(GROUPS)) + " (total "
        'nur mit page). by = "pattern" und "control-line" brauchen pattern und region auf dem Blatt; ein pattern ohne '
        'page und key braucht following, "" erlaubt jede Folgeseite. level ist mindestens 1. repeated_address = '
        '"begins" gehört zu by = "address" oder zu einem pattern ohne page, zu by = "index" gehört keine.',
    ),
    Rect: ("Das ist kein Rechteck.", "left_mm ist kleiner als right_mm, top_mm kleiner als bottom_mm."),
    EnclosureRule: (
        "Die Bedingungen der Beilagenregel sind unmöglich.",
        'station ist 1 bis 8; Postleitzahlen "19053", "19053-19061" oder "190"; min_pages und first_day nicht nach '
        "max_pages und last_day.",
    ),
    JoiningRules: ("So viele Briefe passen nicht zusammen.", "max_letters ist 2 bis 20."),
    PoolRules: ("Die Dringlichkeit ist unmöglich.", "priority ist 0 (gewöhnlich) bis 9 (am dringendsten)."),
    CutOffRules: (
        "Die Angaben zum Annahmeschluss sind unmöglich.",
        'Uhrzeiten schreibt man wie "14:00"; max_pieces und max_age_hours sind mindestens 0, posting_days 0 bis 20.',
    ),
    ClosedDays: ("Der geschlossene Zeitraum endet, bevor er anfängt.", "first liegt nicht nach last."),
    Calendar: ("Kein Arbeitstag.", 'Schreiben Sie zum Beispiel working_days = ["mo", "di", "mi", "do", "fr"].'),
}


def read_shape(kind: type[T], raw: Mapping[str, object]) -> tuple[T | None, tuple[Fault, ...]]:
    """The value of dataclass `kind` that a TOML table says, or None and every fault in it.

    `kind` forbids unknown keys (`__pydantic_config__`), and its nested dataclasses with it. Dates may be quoted
    if they are written as ISO 8601 dates.
    """
    faults = tuple(_impossible(raw, kind, (), raw))
    adapter: TypeAdapter[T] = _adapter(typing.cast(Any, kind))
    try:
        value = adapter.validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        return None, faults + tuple(_translated(kind, raw, error))
    return (None if faults else value), faults


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's own keys."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _impossible(raw: object, hint: Any, path: Path_, whole: object) -> Iterator[Fault]:
    """What JSON would hide: numbers that are not finite, dates and times where text is wanted."""
    if isinstance(raw, dict):
        for key, item in raw.items():
            yield from _impossible(item, _step(hint, key), (*path, key), whole)
    elif isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from _impossible(item, _step(hint, index), (*path, index), whole)
    elif isinstance(raw, float) and not math.isfinite(raw):
        yield Fault("profile-type", key_name(path, whole), f"{raw} ist kein Maß.", "Tragen Sie eine endliche Zahl ein.")
    elif isinstance(raw, (date, datetime)) and _bare(hint) is str:
        sentence = "Hier steht ein Datum, erwartet wird ein Text."
        yield Fault("profile-type", key_name(path, whole), sentence, "Setzen Sie den Wert in Anführungszeichen.")


def _translated(kind: type, raw: Mapping[str, object], error: ValidationError) -> Iterator[Fault]:
    details = error.errors(include_url=False)
    meant: set[Path_] = set()
    unknown = [d for d in details if d["type"] == "unexpected_keyword_argument"]
    for detail in unknown:
        fault, spelling = _unknown_key(kind, raw, detail["loc"])
        if spelling is not None:
            meant.add((*detail["loc"][:-1], spelling))
        yield fault
    for detail in details:
        if detail["type"] == "missing":
            # Told already as a misspelling.
            if detail["loc"] not in meant:
                yield _missing(detail["loc"], raw)
        elif detail["type"] != "unexpected_keyword_argument":
            yield _wrong_value(kind, raw, detail)


def _missing(path: Path_, raw: object) -> Fault:
    remedy = f"Ergänzen Sie »{path[-1]}«."
    return Fault("profile-missing-key", key_name(path, raw), f"»{path[-1]}« fehlt.", remedy)


def _unknown_key(kind: type, raw: Mapping[str, object], path: Path_) -> tuple[Fault, str | None]:
    """The fault of an unknown key, and the key of the same table that was meant, if one was."""
    key, name = str(path[-1]), key_name(path, raw)
    owner = _bare(_type_at(kind, path[:-1]))
    known = list(_hints(owner))
    for candidate in known:
        stem, _, unit = candidate.rpartition("_")
        if unit in _UNITS and stem and _without_unit(key) == stem:
            sentence = f"»{key}« hat nicht die Einheit, die hier gilt: {unit}."
            remedy = f"Schreiben Sie »{candidate}« und rechnen Sie den Wert um."
            return Fault("profile-unit", name, sentence, remedy), candidate
    section = _section_with(kind, key, raw)
    sentence = f"Den Schlüssel »{key}« gibt es hier nicht."
    if section is not None and section != path[:-1]:
        place = f"in den Abschnitt [{'.'.join(map(str, section))}]" if section else "über den ersten Abschnitt"
        return Fault("profile-unknown-key", name, sentence, f"Er gehört {place}."), None
    spelling = nearest(key, known)
    remedy = f"Meinten Sie »{spelling}«?" if spelling else f"Vorhanden sind: {', '.join(sorted(known))}."
    return Fault("profile-unknown-key", name, sentence, remedy), spelling


def _without_unit(key: str) -> str:
    stem, _, unit = key.rpartition("_")
    return stem if stem and unit.lower() in _UNITS else key


def _section_with(kind: Any, key: str, raw: Mapping[str, object]) -> Path_ | None:
    """The section of a file of `kind` that has this key: one that the file has, and the outermost of those."""
    found = list(_sections_with(kind, key, ()))
    return min(found, key=lambda path: (bool(path) and path[0] not in raw, len(path)), default=None)


def _sections_with(kind: Any, key: str, path: Path_) -> Iterator[Path_]:
    """Lists are not searched."""
    hints = _hints(kind)
    if key in hints:
        yield path
    for name, hint in hints.items():
        nested = _bare(hint)
        if dataclasses.is_dataclass(nested):
            yield from _sections_with(nested, key, (*path, name))


def _wrong_value(kind: type, raw: Mapping[str, object], detail: ErrorDetails) -> Fault:
    path = detail["loc"]
    name = key_name(path, raw)
    hint = _bare(_type_at(kind, path))
    if detail["type"] == "value_error" and hint in _RULES:
        sentence, remedy = _RULES[hint]
        return Fault("profile-value", name, sentence, remedy)
    if detail["type"] == "literal_error":
        choices = [str(choice) for choice in typing.get_args(hint)]
        given = detail["input"]
        meant = nearest(str(given), choices)
        remedy = f"Meinten Sie »{meant}«? " if meant else ""
        remedy += f"Erlaubt sind: {', '.join(choices)}."
        return Fault("profile-value", name, f"»{given}« ist hier kein erlaubter Wert.", remedy)
    wanted = _WANTED.get(detail["type"])
    if wanted is None:
        return Fault("profile-value", name, f"Der Wert ist nicht erlaubt ({detail['msg']}).", "Berichtigen Sie ihn.")
    return Fault("profile-type", name, f"Erwartet wird {wanted}.", "Berichtigen Sie die Schreibweise des Wertes.")


def key_name(path: Path_, raw: object) -> str:
    """A path as operators read it: `envelopes[c65].foldings[B].always.left_mm`; list items by name, or from 1."""
    text = ""
    here = raw
    for step in path:
        if isinstance(step, int):
            item = here[step] if isinstance(here, list) and step < len(here) else None
            text += f"[{_label(item, step)}]"
            here = item
        else:
            text += f".{step}" if text else step
            here = here.get(step) if isinstance(here, dict) else None
    return text


def _label(item: object, index: int) -> str:
    if isinstance(item, dict):
        for key in ("id", "form", "station"):
            if isinstance(item.get(key), (str, int)):
                return str(item[key])
    return str(index + 1)


def _type_at(kind: Any, path: Path_) -> Any:
    hint: Any = kind
    for step in path:
        hint = _step(hint, step)
    return hint


def _step(hint: Any, step: int | str) -> Any:
    bare = _bare(hint)
    if isinstance(step, int):
        arguments = typing.get_args(bare)
        return arguments[0] if arguments else None
    if dataclasses.is_dataclass(bare) and isinstance(bare, type):
        return _hints(bare).get(step)
    return None


def _bare(hint: Any) -> Any:
    """A hint without `| None`."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return next(argument for argument in typing.get_args(hint) if argument is not type(None))
    return hint
