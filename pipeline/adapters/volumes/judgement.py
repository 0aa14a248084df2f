"""Whether what was read from a saved volume is right: against `sheets.csv`, and as the machine would see it.

The machine's view is taken from the marks alone: sheets are gathered into sets by begin and end marks, by running
numbers, by 2D codes. The sets must be exactly the pieces that the ledger put into this volume. Nothing of the
writer's arithmetic is used here; tokens, sequence, parity and check character are spelled out a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.adapters.volumes.reading_heads import ReadSheet
from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import Machine, Plex
from pipeline.domain.volumes import ReadbackFault, VolumePiece, VolumeReadback

_READING_DE = {
    "page-unreadable": "Die Seite lässt sich nicht öffnen.",
    "page-size": "Die Seite ist nicht A4.",
    "stroke-unclear": "Ein Strich ist unterbrochen, zu dünn oder zu dick.",
    "stroke-off-position": "Ein Strich steht mehr als 0,5 mm neben seinem Platz.",
    "ink-in-clear-zone": "Neben den Marken ist etwas gedruckt.",
    "two-codes": "Am Platz des 2D-Codes stehen mehrere Codes.",
    "code-off-position": "Der 2D-Code steht mehr als 0,5 mm neben seinem Platz.",
}


_PAYLOAD = re.compile(
    r"1(?P<batch>\d{7})(?P<piece>\d{6})(?P<sheet>\d{3})(?P<of>\d{3})(?P<feed>[0-9A-F]{2})(?P<flags>[0-7])[0-9A-Z]",
    re.ASCII,
)


@dataclass(frozen=True)
class _Expected:
    """A piece as it must come out. What only the ledger knows is None where only the rows are at hand."""

    number: int
    sheets: int
    layout: tuple[int, ...] | None = None
    enclosures: tuple[int, ...] | None = None
    divert: bool | None = None
    reprint: bool | None = None
    separated: bool = False


def judge(
    read: Sequence[ReadSheet],
    machine: Machine,
    plex: Plex,
    rows: Sequence[SheetRow],
    *,
    decoder: str,
    batch_number: int | None = None,
    pieces: Sequence[VolumePiece] | None = None,
    pages_proven: int = 0,
    others: Sequence[ReadbackFault] = (),
) -> VolumeReadback:
    """What the pages that were read, complete and in page order, prove; arguments as in `readback.verify_volume`.

    `others`: what the comparison of `pages_proven` pages with the letters found.
    """
    step = 1 if plex == "simplex" else 2
    expected = _from_rows(rows, step) if pieces is None else _from_ledger(pieces, step)
    sheets = sum(piece.sheets for piece in expected)
    due = _due_sheets(machine, expected, step)
    fronts = [read[sheet.page - 1] for sheet in due if sheet.page <= len(read)]
    faults = [*others, *_page_count(read, machine, due, step), *_blanks(read, due, step)]
    faults += _separators(read, due, step)
    faults += _rows_agree(rows, due)
    faults += compare(read, rows)
    faults += _walk_strokes(machine, fronts, expected)
    faults += _walk_codes(machine, fronts, due, batch_number)
    return VolumeReadback(
        pages=len(read),
        sheets=len(fronts),
        codes_read=sum(bool(sheet.code) or "1" in sheet.omr for sheet in fronts),
        codes_wrong=len({fault.page for fault in faults} & {sheet.page for sheet in fronts}) + sheets - len(fronts),
        decoder=decoder,
        pages_proven=pages_proven,
        faults=tuple(sorted(set(faults), key=lambda fault: (fault.page, fault.code, fault.detail))),
    )


def _from_ledger(pieces: Sequence[VolumePiece], step: int) -> list[_Expected]:
    return [
        _Expected(
            piece.number,
            len(sheets),
            sheets,
            piece.enclosures,
            piece.divert,
            piece.reprint,
            bool(piece.separator),
        )
        for piece in pieces
        for sheets in [piece.layout or _one_way(piece.all_pages, step)]
    ]


def _from_rows(rows: Sequence[SheetRow], step: int) -> list[_Expected]:
    """Without the ledger, a gap of one sheet before a piece's first row is taken for a separator."""
    found: list[_Expected] = []
    page = 1
    for number, group in groupby(rows, key=lambda row: row.piece):
        sheets = list(group)
        found.append(_Expected(number, len(sheets), separated=sheets[0].page == page + step))
        page = sheets[0].page + len(sheets) * step
    return found


def _one_way(pages: int, step: int) -> tuple[int, ...]:
    """How many pages each sheet carries where all are printed one way."""
    return tuple(min(step, pages - first) for first in range(0, pages, step))


@dataclass(frozen=True)
class DueSheet:
    """A sheet as it must come: the page of its front, its piece, its number in reading order, its place in the set."""

    page: int
    piece: _Expected
    sheet: int
    first: bool
    last: bool


def due_sheets(machine: Machine, pieces: Sequence[VolumePiece], step: int) -> list[DueSheet]:
    """The sheets that these pieces must make, in feed order. `step`: pages a sheet."""
    return _due_sheets(machine, _from_ledger(pieces, step), step)


def _due_sheets(machine: Machine, pieces: Sequence[_Expected], step: int) -> list[DueSheet]:
    due: list[DueSheet] = []
    upwards = machine.feed.address_sheet == "first"
    page = 1
    for piece in pieces:
        page += step if piece.separated else 0
        for fed in range(1, piece.sheets + 1):
            number = fed if upwards else piece.sheets + 1 - fed
            due.append(DueSheet(page, piece, number, fed == 1, fed == piece.sheets))
            page += step
    return due


def _rows_agree(rows: Sequence[SheetRow], due: Sequence[DueSheet]) -> Iterator[ReadbackFault]:
    """Whether the rows of `sheets.csv` name the sheets that must be there: strokes alone don't tell the piece."""
    said = {(row.page, row.piece, row.sheet, row.of) for row in rows}
    for sheet in due:
        if (sheet.page, sheet.piece.number, sheet.sheet, sheet.piece.sheets) not in said:
            wanted = f"Sendung {sheet.piece.number}, Blatt {sheet.sheet} von {sheet.piece.sheets}"
            yield ReadbackFault(sheet.page, "row-missing", f"In der Blattliste fehlt {wanted}.")
    if len(rows) > len(due):
        detail = f"Die Blattliste hat {len(rows)} Zeilen, verlangt sind {len(due)}."
        yield ReadbackFault(rows[-1].page, "row-surplus", detail)


def compare(read: Sequence[ReadSheet], expected: Sequence[SheetRow]) -> list[ReadbackFault]:
    """What differs between the pages and the rows of `sheets.csv`; pages without a row must carry no marks."""
    rows = {row.page: row for row in expected}
    faults: list[ReadbackFault] = []
    for sheet in read:
        row = rows.pop(sheet.page, None)
        if row is None:
            if _is_marked(sheet):
                faults.append(_fault(sheet, "marks-on-back", "Auf dieser Seite dürfen keine Marken stehen."))
            continue
        faults += [_fault(sheet, code, _READING_DE[code]) for code in sheet.faults]
        if sheet.omr != row.omr:
            detail = f"Die Striche sind {sheet.omr or 'nicht da'}, verlangt sind {row.omr or 'keine'}."
            faults.append(_fault(sheet, "omr-differs", detail))
        if sheet.code != row.code:
            detail = f"Der 2D-Code ist {sheet.code or 'nicht lesbar'}, verlangt ist {row.code or 'keiner'}."
            faults.append(_fault(sheet, "code-differs", detail))
    faults += [ReadbackFault(row.page, "sheet-missing", "Dieses Blatt fehlt in der Datei.") for row in rows.values()]
    return faults


def _is_marked(sheet: ReadSheet) -> bool:
    """Whether a page carries marks of ours, rather than a letter's own ink where marks would be."""
    clean_strokes = sheet.omr.count("1") >= 2 and not sheet.faults
    return clean_strokes or _PAYLOAD.fullmatch(sheet.code) is not None


def _fault(sheet: ReadSheet, code: str, detail: str) -> ReadbackFault:
    return ReadbackFault(sheet.page, code, detail)


def _page_count(
    read: Sequence[ReadSheet], machine: Machine, due: Sequence[DueSheet], step: int
) -> Iterator[ReadbackFault]:
    trailer = step if machine.feed.trailer_sheet else 0
    pages = due[-1].page - 1 + step if due else 0
    if len(read) != pages + trailer:
        detail = f"Die Datei hat {len(read)} Seiten, verlangt sind {pages + trailer}."
        yield ReadbackFault(min(len(read), pages) or 1, "page-count", detail)
    for sheet in read[pages:]:
        if not sheet.blank:
            yield _fault(sheet, "not-blank", "Das Schlussblatt muss leer sein.")


def _blanks(read: Sequence[ReadSheet], due: Sequence[DueSheet], step: int) -> Iterator[ReadbackFault]:
    """In duplex, the backs of sheets that carry one page of a letter must be empty."""
    if step == 1:
        return
    for each in due:
        if each.piece.layout is not None and each.piece.layout[each.sheet - 1] == 1:
            for sheet in read[each.page : each.page + 1]:
                if not sheet.blank:
                    yield _fault(sheet, "not-blank", "Diese Rückseite muss leer sein.")


def _separators(read: Sequence[ReadSheet], due: Sequence[DueSheet], step: int) -> Iterator[ReadbackFault]:
    """A separator sheet shows its legend on the front and nothing on the back; `compare` sees that it has no marks."""
    for each in due:
        if each.first and each.piece.separated:
            for sheet in read[each.page - 1 - step : each.page - step]:
                if sheet.blank:
                    yield _fault(sheet, "separator-missing", "Hier fehlt die Beschriftung eines Trennblatts.")
            for sheet in read[each.page - step : each.page - 1]:
                if not sheet.blank:
                    yield _fault(sheet, "not-blank", "Die Rückseite eines Trennblatts muss leer sein.")


# --- the machine that reads strokes


def _walk_strokes(
    machine: Machine, fronts: Sequence[ReadSheet], pieces: Sequence[_Expected]
) -> Iterator[ReadbackFault]:
    if machine.marks.kind == "datamatrix":
        return
    tokens = machine.marks.tokens
    said = [_said(tokens, sheet.omr) for sheet in fronts]
    for sheet, bits in zip(fronts, said, strict=True):
        yield from _constant_positions(sheet, tokens, bits)
    yield from _running_numbers(machine, fronts, said)
    sets = _sets(fronts, said)
    if sets is None:
        return
    yield from _contradictions(fronts, said)
    yield from _same_sets(sets, pieces)
    for group, piece in zip(sets, pieces, strict=False):
        if len(group) == piece.sheets:
            yield from _stations(machine, group, piece)


_Said = tuple[tuple[str, bool], ...]


def _said(tokens: Sequence[str], omr: str) -> _Said:
    return tuple((token, bit == "1") for token, bit in zip(tokens, omr, strict=False))


def _bit(said: _Said, wanted: str) -> bool | None:
    return next((bit for token, bit in said if token == wanted), None)


def _constant_positions(sheet: ReadSheet, tokens: Sequence[str], said: _Said) -> Iterator[ReadbackFault]:
    for token, bit in said:
        if (token in ("start", "safety", "timing", "one") and not bit) or (token == "zero" and bit):
            yield _fault(sheet, "constant-wrong", f"Die feste Marke {token!r} stimmt nicht.")
    strokes = sum(bit for _token, bit in said)
    if ("parity:even" in tokens and strokes % 2) or ("parity:odd" in tokens and not strokes % 2):
        yield _fault(sheet, "parity-wrong", f"Die Parität stimmt nicht ({strokes} Striche).")


def _running_numbers(machine: Machine, fronts: Sequence[ReadSheet], said: Sequence[_Said]) -> Iterator[ReadbackFault]:
    rule = machine.marks.sequence
    weights = [int(token[4:]) for token in machine.marks.tokens if token.startswith("seq:")]
    if not weights:
        return
    visible = sum(weights)
    due = rule.first
    for sheet, bits in zip(fronts, said, strict=True):
        seen = sum(int(token[4:]) for token, bit in bits if token.startswith("seq:") and bit)
        if seen != due & visible:
            detail = f"Die laufende Nummer ist {seen}, an der Reihe ist {due & visible}."
            yield _fault(sheet, "sequence-wrong", detail)
            due = seen
        due = rule.first if due + 1 >= rule.modulo else due + 1


def _sets(fronts: Sequence[ReadSheet], said: Sequence[_Said]) -> list[list[tuple[ReadSheet, _Said]]] | None:
    """The sheets gathered into envelopes by their begin and end marks; None for a layout that has neither."""
    sets: list[list[tuple[ReadSheet, _Said]]] = []
    is_open = False
    for sheet, bits in zip(fronts, said, strict=True):
        begins = _either(bits, "begin-of-set", "not-begin-of-set")
        ends = _either(bits, "end-of-set", "not-end-of-set")
        if begins is None and ends is None:
            return None
        if not is_open or begins:
            sets.append([])
        sets[-1].append((sheet, bits))
        is_open = not ends
    return sets


def _contradictions(fronts: Sequence[ReadSheet], said: Sequence[_Said]) -> Iterator[ReadbackFault]:
    """Where a layout has both, the sheet after an end must say begin, and no other may."""
    ended = True
    for sheet, bits in zip(fronts, said, strict=True):
        begins = _either(bits, "begin-of-set", "not-begin-of-set")
        ends = _either(bits, "end-of-set", "not-end-of-set")
        if begins is not None and ends is not None and begins != ended:
            yield _fault(sheet, "set-wrong", "Anfangs- und Endmarken der Sendungen widersprechen sich.")
        ended = bool(ends)


def _either(said: _Said, positive: str, negative: str) -> bool | None:
    plain, inverse = _bit(said, positive), _bit(said, negative)
    if plain is not None:
        return plain
    return None if inverse is None else not inverse


def _same_sets(
    sets: Sequence[Sequence[tuple[ReadSheet, _Said]]], pieces: Sequence[_Expected]
) -> Iterator[ReadbackFault]:
    for group, piece in zip(sets, pieces, strict=False):
        if len(group) != piece.sheets:
            detail = f"Die Maschine sammelt {len(group)} Blatt für eine Sendung, verlangt sind {piece.sheets}."
            yield _fault(group[0][0], "set-wrong", detail)
            return  # whatever follows is shifted
    if len(sets) != len(pieces):
        page = sets[-1][-1][0].page if sets else 1
        detail = f"Die Maschine sammelt {len(sets)} Sendungen, verlangt sind {len(pieces)}."
        yield ReadbackFault(page, "set-wrong", detail)
    elif sets:
        sheet, bits = sets[-1][-1]
        if _either(bits, "end-of-set", "not-end-of-set") is False:
            yield _fault(sheet, "set-wrong", "Die letzte Sendung wird nicht abgeschlossen.")


def _stations(machine: Machine, group: Sequence[tuple[ReadSheet, _Said]], piece: _Expected) -> Iterator[ReadbackFault]:
    feeding = {"first": group[:1], "last": group[-1:], "all": group}[machine.marks.feed_on]
    feeding_pages = {sheet.page for sheet, _bits in feeding}
    for sheet, bits in group:
        seen = {int(token[5:]) for token, bit in bits if token.startswith("feed:") and bit}
        able = {int(token[5:]) for token, _bit in bits if token.startswith("feed:")}
        wanted = seen if piece.enclosures is None else able.intersection(piece.enclosures)
        due = wanted if sheet.page in feeding_pages else set()
        if seen != due:
            detail = f"Beilagen aus {_listed(seen)}, verlangt aus {_listed(due)}."
            yield _fault(sheet, "enclosures-wrong", detail)
        if piece.divert is not None and _bit(bits, "divert") not in (None, piece.divert):
            yield _fault(sheet, "divert-wrong", "Die Marke für das Ausschleusen stimmt nicht.")


def _listed(stations: Iterable[int]) -> str:
    return " und ".join(str(station) for station in sorted(stations)) or "keiner Station"


# --- the machine that reads 2D codes


def _walk_codes(
    machine: Machine, fronts: Sequence[ReadSheet], due: Sequence[DueSheet], batch_number: int | None
) -> Iterator[ReadbackFault]:
    if machine.marks.kind == "omr":
        return
    for sheet, wanted in zip(fronts, due, strict=False):
        seen = _PAYLOAD.fullmatch(sheet.code)
        if seen is None or not _checks(sheet.code):
            yield _fault(sheet, "code-unreadable", "Der 2D-Code fehlt, ist unlesbar oder keiner von uns.")
            continue
        batch, piece, number, of = (int(seen[name]) for name in ("batch", "piece", "sheet", "of"))
        if batch_number not in (None, batch):
            yield _fault(sheet, "set-wrong", f"Der 2D-Code nennt den Auftrag {batch}, verlangt ist {batch_number}.")
        if (piece, number, of) != (wanted.piece.number, wanted.sheet, wanted.piece.sheets):
            detail = f"Der 2D-Code nennt Sendung {piece}, Blatt {number} von {of}; verlangt ist Sendung "
            detail += f"{wanted.piece.number}, Blatt {wanted.sheet} von {wanted.piece.sheets}."
            yield _fault(sheet, "set-wrong", detail)
        yield from _orders(sheet, wanted, int(seen["feed"], 16), int(seen["flags"], 16))


def _orders(sheet: ReadSheet, wanted: DueSheet, feed: int, flags: int) -> Iterator[ReadbackFault]:
    """What a 2D code orders the machine to do with the piece."""
    piece = wanted.piece
    if bool(flags & 1) != wanted.last:
        yield _fault(sheet, "set-wrong", "Der 2D-Code schließt die Sendung am falschen Blatt.")
    if piece.enclosures is not None and feed != sum(2 ** (station - 1) for station in piece.enclosures):
        seen = [station for station in range(1, 9) if feed & 2 ** (station - 1)]
        detail = f"Beilagen aus {_listed(seen)}, verlangt aus {_listed(piece.enclosures)}."
        yield _fault(sheet, "enclosures-wrong", detail)
    if piece.divert is not None and bool(flags & 2) != piece.divert:
        yield _fault(sheet, "divert-wrong", "Das Kennzeichen für das Ausschleusen stimmt nicht.")
    if piece.reprint is not None and bool(flags & 4) != piece.reprint:
        yield _fault(sheet, "reprint-wrong", "Das Kennzeichen für den Nachdruck stimmt nicht.")


def _checks(payload: str) -> bool:
    """ISO/IEC 7064 MOD 37,36: carried over all characters, check character included, the remainder is 1."""
    carry = 36
    for character in payload[:-1]:
        total = (carry + int(character, 36)) % 36
        carry = (36 if total == 0 else total) * 2 % 37
    return (carry + int(payload[-1], 36)) % 36 == 1
