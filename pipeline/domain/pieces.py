"""The piece: one envelope's worth of sheets, and what is known of it before and after it is batched."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.pooling import Confidentiality
from pipeline.domain.profiles import AddressForm, Plex


@dataclass(frozen=True)
class Piece:
    """A letter that is ready for a batch. Weight in mg, postage in cents, pages and sheets count from 1.

    `arrival`: (number of the intake, ordinal of the letter in it), the order in which letters came.
    `slice_id`, `slice_first_page`: where its normalised pages lie.
    `source_first_page`, `source_last_page`: where they came from.
    `due`: the last day of posting, ISO date, or empty. `priority` 0 to 9. `confidentiality`, `kept_apart` and
    `fixed_enclosures` part pools, see `pooling.PoolKey`. `remarks`: what was done to it (`domain.remarks`).
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
    """A letter that went back: where it stood, and why."""

    intake: str
    file: str
    municipality: str
    source_page: int
    code: str
    detail: str
