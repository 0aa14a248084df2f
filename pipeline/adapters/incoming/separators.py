"""Whether a page is a separator sheet: our cover sheets, text codes, patch codes; or looks like one and can't be read.

A missed separator merges two citizens' letters, a false one cuts a letter in two. So a page is a separator only by an
intact code, and a doubt where it looks like one in any other way. What a profile does not ask for is no separator; but
one of our cover sheets, or a sheet that says a separating text, is a doubt even then: somebody put it there to cut.
Patch codes that are not asked for are left alone, scanners use them as orders of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.code_remains import dense_blocks, has_code_structure, may_be_matrix, small_remains
from pipeline.adapters.incoming.code_traces import adjoining_squares, code_traces
from pipeline.adapters.incoming.dark_blocks import lonely_blocks
from pipeline.adapters.incoming.few_words import letters_beside, may_say_little, says_little
from pipeline.adapters.incoming.local_contrast import evened, has_shade
from pipeline.adapters.incoming.parallel_bars import BarMark, BarPattern, Strips, find_bars, strips_of
from pipeline.adapters.incoming.patch_codes import Patch, find_patches, patch_remains, patch_traces
from pipeline.adapters.incoming.separator_codes import (
    Area,
    Codes,
    Ink,
    code_like,
    ink_beside,
    ink_of,
    read_other_kinds,
    read_quickly,
    read_thoroughly,
)
from pipeline.adapters.incoming.type_alone import is_type_alone
from pipeline.domain.cover_sheets import ContradictingCoverSheets, CoverReading, DamagedCoverSheet, combined, decode
from pipeline.domain.page_looks import Separator
from pipeline.domain.profiles import SeparationRules, SeparatorKind
from pipeline.domain.separator_marks import BACKWARDS, FRAME, FRAME_UNIT_MM, PatchKind

Found = tuple[Separator | None, str | None]

UNREADABLE = "Die Seite sieht aus wie ein Trennblatt, aber keiner ihrer Codes ist lesbar."
DAMAGED = "Die Seite trägt den Code eines Trennblatts der Poststraße, aber seine Prüfsumme stimmt nicht."
INCOMPLETE = "Vom Trennblatt war nur der kurze Strichcode lesbar; sein Aktenzeichen und weitere Angaben fehlen."
CONTRADICTION = "Die Codes auf dem Trennblatt widersprechen sich."
COVER_NOT_ASKED = "Die Seite ist ein Trennblatt der Poststraße, aber das Profil trennt nicht nach solchen Blättern."
TEXT_NOT_ASKED = "Die Seite ist ein Trennblatt mit Textcode, aber das Profil trennt nicht nach solchen Blättern."
CODE_UNREADABLE = "Auf der Seite mit wenig Text steht ein Code, der nicht lesbar ist; es kann ein Trennblatt sein."
BLOCK_UNREADABLE = (
    "Auf der Seite mit wenig Text steht ein dunkler Block; es kann ein unkenntlich gemachtes Trennblatt sein."
)
PATCH_REMAINS = "Die Seite sieht aus wie ein Trennblatt mit Patchcode, aber der Code ist nicht vollständig lesbar."
PATCH_BACKWARDS = (
    "Auf der Seite steht ein Patchcode, der nur in der Gegenrichtung einer ist, nach dem das Profil trennt."
)
PATCH_UNSURE = "Auf der Seite stehen Patchcodes, die sich nicht eindeutig lesen lassen."
ON_LETTER = (
    "Die Seite trägt den Code eines Trennblatts und so viel Text wie ein Brief; sie bleibt die erste Seite des "
    "folgenden Dokuments."
)

_LETTERS_OF_COVER, _LETTERS_OF_OTHERS = 600, 800
"""Our cover sheets come out at 410 at most, with dithering and every field; long instructions of others at 700."""

_FRAME = BarPattern("frame", FRAME, FRAME_UNIT_MM, shortest_mm=60.0, scale=(0.9, 1.08))
_SPARSE = 0.012
_SPARSE_BESIDE_BARS = 0.04
_ROOM_MM = 8.0
_TRIES, _TRIES_IF_STAINED = 2, 8  # ways of reading a whole page with even contrast
_STAINED = 0.03  # ink of a page of few words: more than these have
_BARS_AS_WORDS = 60  # as many may the bars of a pale code and the rims of a stain pass for
_STROKES_AS_WORDS = 20  # as many may strokes and streaks over a code and beside it
_LARGEST_CODE_MM = 65.0  # across; what is larger is a photograph or a table
_TYPE_MM = 12.0  # lines of type and a lid beside the sheet are not so thick, codes are
_WHOLE, _BLUR_MM = 0.8, 4.0  # of remains that are one code of another kind; by so much they seem larger
_BLOCKS_AND_LIDS = 20  # of a page with even contrast, where a scanner's lid and the rims of stains are blocks


@dataclass
class _Read:
    """What all readings of a page brought."""

    covers: list[CoverReading] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    undecoded: list[Area | None] = field(default_factory=list)
    damaged: bool = False
    unreadable: bool = False

    def add(self, codes: Codes, text_codes: Sequence[str]) -> None:
        """Sort a reading into cover sheets, separating texts and damage."""
        self.undecoded += codes.undecoded
        self.areas += codes.areas
        for text in codes.texts:
            try:
                cover = decode(text)
            except DamagedCoverSheet:
                self.damaged = True
                continue
            if cover is not None:
                self.covers.append(cover)
            elif text.strip() in text_codes:
                self.texts.append(text.strip())

    @property
    def enough(self) -> bool:
        """Nothing is gained by reading on."""
        return bool(self.texts) or any(cover.complete for cover in self.covers)


def find_separator(gray: npt.NDArray[np.uint8], dpi: float, rules: SeparationRules) -> Found:
    """What a page is to the stack: a separator or None; and a German sentence where a person must look, or None.

    `gray`: the page as rows of 8-bit grey, any way up, up to 5 degrees askew; `dpi`: its resolution, 100 to 300 is
    best. Both may come at once: a cover sheet of which only the short code is legible, a separator on a letter's page.
    """
    separator, doubt = _seen(gray, dpi, rules)
    if separator is None:
        return None, doubt
    most = _LETTERS_OF_COVER if separator.kind == "cover-sheet" else _LETTERS_OF_OTHERS
    if letters_beside(gray, dpi, read_quickly(gray, dpi).areas) <= most:
        return separator, doubt
    return replace(separator, on_letter=True), ON_LETTER if doubt is None else f"{ON_LETTER} {doubt}"


def _seen(gray: npt.NDArray[np.uint8], dpi: float, rules: SeparationRules) -> Found:
    """The same by the codes alone."""
    looks = strips_of(gray, dpi)
    frames = find_bars(looks, (_FRAME,))
    by = set(rules.by)
    asked = {kind for kind in BACKWARDS if kind in by}
    framed = find_patches(looks) if frames else []
    if len(framed) > 1:  # one of our patch sheets, which have four: no need to look for other codes
        return _patch_meant(framed, asked)
    read = _Read()
    if by & {"cover-sheet", "text-code"} or frames:
        read = _codes(gray, dpi, rules, bool(frames))
        found = _from_codes(read, by)
        if found != (None, None):
            return found
        if frames:
            meant = _patch_meant(framed, asked)
            return meant if meant[0] is not None else (None, UNREADABLE)
        if read.unreadable:
            return None, CODE_UNREADABLE
    patches = find_patches(looks) if asked else []
    if patches:
        return _patch_meant(patches, asked)
    if asked and _is_spoilt_patch(gray, dpi, looks):
        return None, PATCH_REMAINS
    return None, BLOCK_UNREADABLE if rules.by != ("blank",) and _block_alone(gray, dpi, read) else None


def _block_alone(gray: npt.NDArray[np.uint8], dpi: float, read: _Read) -> bool:
    """Whether the page shows a dark block and hardly anything else, and the block is no code that can be read."""
    blocks = [area for area in lonely_blocks(gray, dpi) if _unread([area], read)]
    return bool(blocks) and not is_type_alone(gray, dpi)


def _codes(gray: npt.NDArray[np.uint8], dpi: float, rules: SeparationRules, framed: bool) -> _Read:
    read = _Read()
    read.add(read_quickly(gray, dpi), rules.text_codes)
    if read.enough:
        return read
    ink = ink_of(gray, dpi)
    remains = _remains(gray, dpi, ink)
    if framed or read.damaged or read.covers or _code_alone(ink) or _unread(remains, read):
        for codes in read_thoroughly(gray, dpi):
            read.add(codes, rules.text_codes)
            if read.enough:
                break
        read.unreadable = _is_undecoded(gray, dpi, read.undecoded)
    if not read.enough and (framed or remains or read.unreadable or _may_be_pale(gray, dpi, ink)):
        remains += _read_evened(gray, dpi, ink, rules, read)
        if not read.enough and says_little(gray, dpi, ink, []):
            remains += small_remains(gray, dpi)
        if not read.enough and not _unread(remains, read):
            remains += _traces(gray, dpi, ink, read)
    if _unread(remains, read):
        read.areas += _other_kinds(gray, dpi, remains, rules)
    read.unreadable = (read.unreadable and not read.areas) or _unread(remains, read)
    return read


def _is_undecoded(gray: npt.NDArray[np.uint8], dpi: float, places: Sequence[Area | None]) -> bool:
    """Whether a code may stand where a reader told of one: it shows there, or the page is more than type alone."""
    shows = any(place is not None and may_be_matrix(gray, dpi, place) for place in places)
    return shows or (bool(places) and not is_type_alone(gray, dpi))


def _other_kinds(
    gray: npt.NDArray[np.uint8], dpi: float, remains: Sequence[Area], rules: SeparationRules
) -> list[Area]:
    """Where a whole code stands of a kind that no separator has: intact, it was no separator before it was spoilt."""
    found = read_other_kinds(gray, dpi)
    if any(text.strip() in rules.text_codes for text in found.texts):
        return []
    return [area for area in found.areas if any(area.covers(other, _WHOLE, _BLUR_MM) for other in remains)]


def _may_be_pale(gray: npt.NDArray[np.uint8], dpi: float, ink: Ink) -> bool:
    """Whether a page says little and is not empty: there may be a code that hardly shows."""
    return has_shade(gray, dpi) and may_say_little(gray, dpi, ink, [], _BARS_AS_WORDS)


def _read_evened(gray: npt.NDArray[np.uint8], dpi: float, ink: Ink, rules: SeparationRules, read: _Read) -> list[Area]:
    """Look again with even contrast: at codes under stains, and at those without much toner. What can't be read."""
    even = evened(gray, dpi)
    stained = ink_beside(ink, []) > _STAINED and may_say_little(gray, dpi, ink, [])
    tries = _TRIES_IF_STAINED if stained else _TRIES
    for codes in islice(read_thoroughly(even.picture, even.dpi), tries):
        read.add(replace(codes, undecoded=()), rules.text_codes)
        if read.enough:
            return []
    remains = []
    for area in dense_blocks(even.ink, _BLOCKS_AND_LIDS):
        side = min(area.right_mm - area.left_mm, area.bottom_mm - area.top_mm)
        if side < _TYPE_MM:
            continue
        built_so = has_code_structure(even.picture, even.dpi, area)
        if side > _LARGEST_CODE_MM and not built_so:
            continue
        cut, place = even.cut_out(area)
        for codes in read_thoroughly(cut, even.dpi):
            read.add(Codes(codes.texts, tuple(each.within(place) for each in codes.areas)), rules.text_codes)
            if read.enough:
                return []
        if built_so:
            remains.append(area)
    return remains if remains and may_say_little(gray, dpi, ink, remains) else []


def _traces(gray: npt.NDArray[np.uint8], dpi: float, ink: Ink, read: _Read) -> list[Area]:
    """What shows of codes that strokes joined with what is around them, on a page that says little beside it."""
    for found, more in ((code_traces, 0), (adjoining_squares, _STROKES_AS_WORDS)):
        areas = [area for area in found(gray, dpi, ink) if _unread([area], read)]
        if areas and may_say_little(gray, dpi, ink, areas, more):
            return areas
    return []


def _code_alone(ink: Ink) -> bool:
    """A page with hardly anything but dense blocks that may be codes."""
    areas = code_like(ink)
    return bool(areas) and ink_beside(ink, areas) <= _SPARSE


def _remains(gray: npt.NDArray[np.uint8], dpi: float, ink: Ink) -> list[Area]:
    """The blocks built as codes are, on a page with hardly anything else; only such a page is looked at from near."""
    areas = dense_blocks(ink)
    if not areas or not says_little(gray, dpi, ink, areas):
        return []
    areas = [area for area in areas if has_code_structure(gray, dpi, area)]
    return areas if areas and says_little(gray, dpi, ink, areas) else []


def _unread(remains: Sequence[Area], read: _Read) -> bool:
    return any(not any(area.meets(other) for other in read.areas) for area in remains)


def _from_codes(read: _Read, by: set[SeparatorKind]) -> Found:
    if read.covers:
        try:
            reading = combined(read.covers)
        except ContradictingCoverSheets:
            return None, CONTRADICTION
        if "cover-sheet" not in by:
            return None, COVER_NOT_ASKED
        return Separator("cover-sheet", reading.text, reading.cover), None if reading.complete else INCOMPLETE
    if read.texts:
        return (Separator("text-code", read.texts[0]), None) if "text-code" in by else (None, TEXT_NOT_ASKED)
    return None, DAMAGED if read.damaged else None


def _is_spoilt_patch(gray: npt.NDArray[np.uint8], dpi: float, looks: Sequence[Strips]) -> bool:
    remains = patch_remains(looks)
    areas = [_area(mark) for mark in remains]
    alone = bool(remains) and ink_beside(ink_of(gray, dpi), areas) <= _SPARSE_BESIDE_BARS
    return alone or patch_traces(looks, bool(remains))


def _patch_meant(patches: Sequence[Patch], asked: set[PatchKind]) -> Found:
    """What a page with these patch codes, one or more, is to the stack."""
    kinds = set(chain.from_iterable(_meant(patch, asked) for patch in patches))
    if len(kinds) == 1:
        return Separator(kinds.pop()), None
    if kinds:
        return None, PATCH_UNSURE
    return None, PATCH_BACKWARDS if any(BACKWARDS[patch.kind] in asked for patch in patches) else None


def _meant(patch: Patch, asked: set[PatchKind]) -> set[PatchKind]:
    """What of the wanted a patch can be: in the middle of a page either direction counts."""
    readings = {patch.kind} if patch.sure else {patch.kind, BACKWARDS[patch.kind]}
    return readings & asked


def _area(mark: BarMark) -> Area:
    """Where the bars stand, with room for one that was not recognised on either side."""
    if mark.axis == "across":
        return Area(mark.near_mm - _ROOM_MM, mark.from_mm, mark.far_mm + _ROOM_MM, mark.to_mm)
    return Area(mark.from_mm, mark.near_mm - _ROOM_MM, mark.to_mm, mark.far_mm + _ROOM_MM)
