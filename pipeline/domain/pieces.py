"""The piece: one envelope's worth of sheets, and what is known of it before and after it is batched."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.pooling import Confidentiality
from pipeline.domain.postal_products import SpecialProduct
from pipeline.domain.profiles import AddressForm, Plex
from pipeline.domain.sheet_layout import Layout


@dataclass(frozen=True)
class Note:
    """Why a piece is produced as it is: for its municipality. `code`: stable; `detail`: a German sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class JoinedLetter:
    """One of several letters in an envelope, as `Piece` tells of a single one. `id`: of the letter's own row."""

    id: str
    intake: str
    file: str
    reference: str
    slice_id: str
    slice_first_page: int
    source_first_page: int
    source_last_page: int
    pages: int
    sheets: int
    letterhead: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A letter that is ready for a batch. Weight in mg, postage in cents, pages and sheets count from 1.

    `arrival`: (number of the intake, ordinal of the letter in it), the order in which letters came.
    `slice_id`, `slice_first_page`: where its normalised pages lie.
    `due`: the last day of posting, ISO date, or empty. `priority` 0 to 9. `confidentiality`, `kept_apart` and
    `fixed_enclosures` part pools, see `pooling.PoolKey`. `remarks`: what was done to it (`domain.remarks`).
    `source_first_page`, `source_last_page`: where they came from. `pages`: all that are printed of letters.
    `layout`: how they lie on sheets, where the plex alone does not say it. `job`: id of the job profile.
    `recipient`: key of the recipient where letters may be joined, else empty. `letterhead`: SHA-256 of the one under
    its pages, or empty. `part` of `parts`: which envelope of a letter that is divided; its further ones begin with a
    copy of page `address_page` of the slice (0: no copy). `letters`: where the envelope holds several, all of them.
    `notes`: why it is produced as it is. `special`: the product that the letter orders by an endorsement.
    `geometry`: digest of what the letter was checked against (`checked_geometry`), empty where that is not known.
    """

    id: str
    intake: str
    arrival: tuple[int, int]
    file: str
    municipality: str
    cost_centre: str
    reference: str
    slice_id: str
    slice_first_page: int
    source_first_page: int
    source_last_page: int
    pages: int
    sheets: int
    plex: Plex
    form: AddressForm
    machine: str
    envelope: str
    paper: str
    enclosures: tuple[int, ...]
    weight_mg: int
    product: str
    postage_cent: int
    country: str
    postcode: str
    due: str = ""
    priority: int = 0
    confidentiality: Confidentiality = "normal"
    kept_apart: str = ""
    fixed_enclosures: str = ""
    remarks: tuple[str, ...] = ()
    job: str = ""
    layout: Layout = ()
    recipient: str = ""
    letterhead: str = ""
    part: int = 1
    parts: int = 1
    address_page: int = 0
    letters: tuple[JoinedLetter, ...] = ()
    notes: tuple[Note, ...] = ()
    special: SpecialProduct | None = None
    geometry: str = ""


def letters_of(piece: Piece) -> tuple[JoinedLetter, ...]:
    """The letters in an envelope, in order: those that were joined, or the one."""
    return piece.letters or (
        JoinedLetter(
            id=piece.id,
            intake=piece.intake,
            file=piece.file,
            reference=piece.reference,
            slice_id=piece.slice_id,
            slice_first_page=piece.slice_first_page,
            source_first_page=piece.source_first_page,
            source_last_page=piece.source_last_page,
            pages=piece.pages,
            sheets=piece.sheets,
            letterhead=piece.letterhead,
        ),
    )


def part_told(piece: Piece) -> str:
    """Which envelope of a divided letter it is, as `2/3`; nothing for a letter in one envelope."""
    return f"{piece.part}/{piece.parts}" if piece.parts > 1 else ""


def letters_told(piece: Piece) -> str:
    """The letters in an envelope that holds several, as `i0000001:1-2+i0000004:5-6`; nothing for a single one."""
    return "+".join(f"{one.intake}:{one.source_first_page}-{one.source_last_page}" for one in piece.letters)


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece with its place in a batch: number (1 to 999999), volume (from 1), first page in the volume (from 1).

    `product_number`: its number among the batch's pieces of the same postal product, from 1 ("laufende Nummer je
    Basisprodukt", Deutsche Post, Teilleistungen).
    """

    piece: Piece
    number: int
    volume: int
    first_page: int
    product_number: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One printed sheet as `sheets.csv` tells it.

    `page`: of its front in the volume. `sheet`, `of`: in reading order within the piece.
    `code`: the 2D payload or empty. `omr`: printed marks as 1 and 0 in position order, or empty.
    """

    volume: int
    page: int
    piece: int
    sheet: int
    of: int
    code: str
    omr: str


@dataclass(frozen=True)
class LetterException:
    """A letter that went back: where it stood, and why.

    `source_page`: the page that is to blame. `source_first_page`, `source_last_page`: the letter's own in its file, or
    those of a whole file; None where they are not known. Raises ValueError for a last page before the first.
    """

    intake: str
    file: str
    municipality: str
    source_page: int
    code: str
    detail: str
    source_first_page: int | None = None
    source_last_page: int | None = None

    def __post_init__(self) -> None:
        first, last = self.source_first_page, self.source_last_page
        if (first is None) != (last is None) or (first is not None and last is not None and not 1 <= first <= last):
            raise ValueError(f"not the pages of a letter: {first} to {last}")
