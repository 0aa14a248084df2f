"""Writing a volume: the print stream of up to a few thousand sheets, marks on the front of each.

Same pieces, same machine, same bytes: no dates, no random ids, objects in the order of the pages. Runs in a confined
child, because the slices' PDFs were made from untrusted bytes. Memory does not grow with what the letters hold:
see `shared_objects`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pikepdf

from pipeline.adapters.volumes.drawing import A4_HEIGHT_PT, A4_WIDTH_PT, marks_content
from pipeline.adapters.volumes.letter_pages import LetterPage, LetterSource, open_normalised
from pipeline.adapters.volumes.letterheads import Letterheads
from pipeline.adapters.volumes.separator_sheet import separator_sheet
from pipeline.adapters.volumes.shared_objects import SharedObjects
from pipeline.domain import code2d
from pipeline.domain.imposition import FedSheet, fed_sheets
from pipeline.domain.marks import SheetContext, sheet_marks
from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import Machine, Plex
from pipeline.domain.volumes import Stretch, VolumePiece, WrittenVolume

_MEMORY_BYTES = 128 * 1024 * 1024
_PDF_VERSION = "1.7"
_PAGE = f"<< /Type /Page /MediaBox [ 0 0 {A4_WIDTH_PT} {A4_HEIGHT_PT} ] /Resources << >> >>".encode("ascii")


def write_volume(
    machine: Machine,
    batch_number: int,
    pieces: Sequence[VolumePiece],
    out_pdf: str,
    *,
    volume_number: int = 1,
) -> WrittenVolume:
    """Write the pieces in the order given as one volume, the running number of its sheets starting anew.

    Every piece begins on a fresh front; in duplex every sheet has a back, blank where the letter has none. Separator
    and trailer sheets carry no marks and no running number.
    Raises ValueError for no pieces, simplex mixed with duplex or a number that occurs twice; Permanent
    (`page-missing`, `page-not-normalised`) where a slice's file is not what it should be.
    """
    plex = _one_plex(pieces)
    with ExitStack() as open_sources:
        out = open_sources.enter_context(pikepdf.new())
        shared = SharedObjects(out, _MEMORY_BYTES)
        letters = _letters(shared, pieces, open_sources)
        volume = _Volume(out, shared, machine, batch_number, volume_number, plex)
        for piece in pieces:
            if piece.separator:
                volume.add_separator(_separator(piece.separator, shared, open_sources))
            volume.add(piece, letters.pop(piece.number), last_of_volume=piece is pieces[-1])
        if machine.feed.trailer_sheet:
            volume.add_trailer()
        return volume.save(out_pdf)


def _one_plex(pieces: Sequence[VolumePiece]) -> Plex:
    plexes = {piece.plex for piece in pieces}
    if len(plexes) != 1:
        raise ValueError("a volume has pieces, and is printed either simplex or duplex")
    if len({piece.number for piece in pieces}) != len(pieces):
        raise ValueError("a piece's number occurs twice in a volume")
    return plexes.pop()


def _letters(
    shared: SharedObjects, pieces: Sequence[VolumePiece], open_sources: ExitStack
) -> dict[int, tuple[LetterPage, ...]]:
    """Each piece's pages by its number, source after source, so that few files are open at a time.

    Postcode order scatters the letters of one slice over all volumes: hundreds of sources give a few letters each.
    """
    by_source: dict[str, list[tuple[tuple[int, int], Stretch]]] = {}
    for piece in pieces:
        for place, stretch in enumerate(piece.stretches):
            by_source.setdefault(stretch.source, []).append(((piece.number, place), stretch))
    heads = Letterheads(shared, open_sources)
    found: dict[tuple[int, int], tuple[LetterPage, ...]] = {}
    for path, wanted in by_source.items():
        with ExitStack() as opened:
            source = LetterSource(opened.enter_context(open_normalised(path)), shared)
            for place_in_volume, stretch in wanted:
                first = stretch.first_page
                found[place_in_volume] = tuple(
                    heads.under(source.page(number), stretch.letterhead, first=stretch.begins and number == first)
                    for number in range(first, first + stretch.pages)
                )
            if source.is_needed:
                open_sources.push(opened.pop_all())
    return {
        piece.number: tuple(page for place in range(len(piece.stretches)) for page in found[piece.number, place])
        for piece in pieces
    }


def _separator(lines: Sequence[str], shared: SharedObjects, open_sources: ExitStack) -> LetterPage:
    pdf = open_sources.enter_context(pikepdf.open(BytesIO(separator_sheet(lines))))
    return LetterSource(pdf, shared).page(1)


class _Volume:
    """The volume while it grows."""

    def __init__(
        self,
        out: pikepdf.Pdf,
        shared: SharedObjects,
        machine: Machine,
        batch_number: int,
        volume_number: int,
        plex: Plex,
    ) -> None:
        self._out = out
        self._shared = shared
        self._machine = machine
        self._batch = batch_number
        self._number = volume_number
        self._plex = plex
        self._tree = out.Root.Pages
        self._kids: list[pikepdf.Object] = []
        self._rows: list[SheetRow] = []

    def add(self, piece: VolumePiece, letter: Sequence[LetterPage], *, last_of_volume: bool) -> None:
        """All sheets of a piece in feed order. The last piece of a volume carries `batch`, where a layout has it."""
        sheets = fed_sheets(piece.all_pages, self._plex, self._machine.feed.address_sheet, piece.layout)
        for place, sheet in enumerate(sheets):
            context = SheetContext(
                first_fed=place == 0,
                last_fed=place == len(sheets) - 1,
                index=len(self._rows),
                stations=piece.enclosures,
                divert=piece.divert,
                batch=last_of_volume,
            )
            row = self._row(piece, sheet, len(sheets), context)
            self._rows.append(row)
            marks = marks_content(self._machine, row.omr, row.code)
            self._add_page(letter[sheet.front], marks)
            if self._plex == "duplex":
                if sheet.back is None:
                    self._add_blank()
                else:
                    self._add_page(letter[sheet.back], b"")

    def add_separator(self, page: LetterPage) -> None:
        """A sheet with a legend and without marks, which the operator takes out before the machine is fed."""
        self._add_page(page, b"")
        if self._plex == "duplex":
            self._add_blank()

    def add_trailer(self) -> None:
        """A blank sheet without marks, which lets a reverse-reading machine close the last piece."""
        self._add_blank()
        if self._plex == "duplex":
            self._add_blank()

    def save(self, path: str) -> WrittenVolume:
        self._tree.Kids = pikepdf.Array(self._kids)
        self._tree.Count = len(self._kids)
        self._out.Root.ViewerPreferences = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"))
        self._out.save(
            path,
            min_version=_PDF_VERSION,
            deterministic_id=True,
            compress_streams=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        with Path(path).open("rb") as saved:
            sha256 = hashlib.file_digest(saved, "sha256").hexdigest()
        return WrittenVolume(rows=tuple(self._rows), pages=len(self._kids), sha256=sha256)

    def _row(self, piece: VolumePiece, sheet: FedSheet, of: int, context: SheetContext) -> SheetRow:
        code = ""
        if self._machine.marks.kind != "omr":
            code = code2d.encode(
                code2d.SheetCode(
                    batch=self._batch,
                    piece=piece.number,
                    sheet=sheet.sheet,
                    of=of,
                    enclosures=piece.enclosures,
                    last_fed=context.last_fed,
                    divert=piece.divert,
                    reprint=piece.reprint,
                )
            )
        return SheetRow(
            volume=self._number,
            page=len(self._kids) + 1,
            piece=piece.number,
            sheet=sheet.sheet,
            of=of,
            code=code,
            omr=sheet_marks(self._machine, context),
        )

    def _add_page(self, page: LetterPage, marks: bytes) -> None:
        node = pikepdf.Object.parse(_PAGE)
        node.Parent = self._tree
        node.Contents = self._shared.content(page.content + marks)
        node.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(page.forms))
        self._kids.append(self._out.make_indirect(node))

    def _add_blank(self) -> None:
        node = pikepdf.Object.parse(_PAGE)
        node.Parent = self._tree
        self._kids.append(self._out.make_indirect(node))
