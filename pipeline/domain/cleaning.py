"""What a print stream may carry besides pages, and what a job does about it.

Nothing of it is ever printed or handed on: a page is taken over as what it shows, everything else stays behind. The
question is only whether a file that carries it is taken at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipeline.domain.errors import Rejected

CleaningRule = Literal["remove", "refuse"]

_STRICT: dict[str, object] = {"extra": "forbid", "strict": False}


@dataclass(frozen=True)
class CleaningRules:
    """For each kind of passenger: `remove` prints the pages without it and says so, `refuse` sends the file back.

    `scripts`: JavaScript of the file, a page or a field. `actions`: what starts programs or sends data. `attachments`:
    embedded files, also a portfolio's. `multimedia`: sound, film, three-dimensional models. `xfa`: the XFA packet of a
    form that also stands in the PDF; a form that only XFA describes is always refused. `signatures`: the paper shows
    what was signed, it is no signed document any more. `forms`: fields become what they show.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    scripts: CleaningRule = "remove"
    actions: CleaningRule = "remove"
    attachments: CleaningRule = "remove"
    multimedia: CleaningRule = "remove"
    xfa: CleaningRule = "remove"
    signatures: CleaningRule = "remove"
    forms: CleaningRule = "remove"


@dataclass(frozen=True)
class _Passenger:
    """A finding in a file, by the remark of the inspection: which rule speaks of it, and what is said."""

    found: str
    rule: str
    code: str
    sentence: str
    removed: str


_PASSENGERS = (
    _Passenger("javascript", "scripts", "pdf-script", "Die Datei enthält ein Skript (JavaScript).", "script-removed"),
    _Passenger(
        "launch-action", "actions", "pdf-action", "Die Datei will beim Öffnen ein Programm starten.", "action-removed"
    ),
    _Passenger(
        "submit-action",
        "actions",
        "pdf-action",
        "Die Datei enthält eine Schaltfläche, die Daten versendet.",
        "action-removed",
    ),
    _Passenger(
        "attachments",
        "attachments",
        "pdf-attachment",
        "In die Datei sind andere Dateien eingebettet.",
        "attachment-removed",
    ),
    _Passenger(
        "portfolio",
        "attachments",
        "pdf-attachment",
        "Die Datei ist eine Mappe (Portfolio) aus mehreren Dateien.",
        "attachment-removed",
    ),
    _Passenger(
        "multimedia",
        "multimedia",
        "pdf-multimedia",
        "Die Datei enthält Ton, Film oder 3D.",
        "multimedia-removed",
    ),
    _Passenger("static-xfa", "xfa", "xfa-form", "Die Datei enthält ein XFA-Formular.", "xfa-removed"),
    _Passenger("signed", "signatures", "pdf-signed", "Die Datei ist elektronisch signiert.", "signature-removed"),
    _Passenger("has-form", "forms", "pdf-form", "Die Datei enthält Formularfelder.", "form-flattened"),
)


def refuse_passengers(found: Iterable[str], rules: CleaningRules) -> None:
    """Raise Rejected for the first finding of a file that its job does not take. `found`: remarks of the inspection."""
    here = set(found)
    for each in _PASSENGERS:
        if each.found in here and getattr(rules, each.rule) == "refuse":
            raise Rejected(each.code, each.sentence)


def removed(found: Iterable[str]) -> tuple[str, ...]:
    """What was left behind of a file that was taken, as remarks of its letters; sorted."""
    here = set(found)
    return tuple(sorted({each.removed for each in _PASSENGERS if each.found in here}))
