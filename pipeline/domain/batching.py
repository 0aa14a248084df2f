"""From pooled pieces to batches, volumes and the place of every piece in them.

What one run of a machine needs to be the same makes one pool: machine, envelope, form (it sets the folds), paper,
plex. Municipalities mix within a pool; their manifests part them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.ordering import sort_key
from pipeline.domain.pieces import Piece, PlacedPiece
from pipeline.domain.profiles import AddressForm, Feed, Plex
from pipeline.domain.totals import printed_pages

MAX_PIECES = 999_999
"""Six digits name a piece within its batch (2D payload, docs/formats/marks.md)."""


@dataclass(frozen=True, order=True)
class PoolKey:
    """What all pieces of a batch have in common."""

    machine: str
    envelope: str
    form: AddressForm
    paper: str
    plex: Plex


@dataclass(frozen=True)
class PlannedBatch:
    """The pieces of a batch to be, in their final order; at least one, at most 999,999, all of one pool."""

    key: PoolKey
    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.pieces) <= MAX_PIECES:
            raise ValueError(f"a batch has 1 to {MAX_PIECES} pieces, not {len(self.pieces)}")
        if any(pool_key(piece) != self.key for piece in self.pieces):
            raise ValueError(f"pieces of another pool than {self.key}")


@dataclass(frozen=True)
class PlannedVolume:
    """A volume: one file, fed without a stop. `sheets` and `pages` count the letters' own, without the trailer."""

    ordinal: int
    pieces: tuple[PlacedPiece, ...]
    sheets: int
    pages: int
    trailer_pages: int

    @property
    def file_pages(self) -> int:
        """How many pages its PDF has."""
        return self.pages + self.trailer_pages


def pool_key(piece: Piece) -> PoolKey:
    """The pool a piece belongs to."""
    return PoolKey(piece.machine, piece.envelope, piece.form, piece.paper, piece.plex)


def group(pieces: Iterable[Piece], products: Mapping[str, int], max_pieces: int = MAX_PIECES) -> list[PlannedBatch]:
    """All batches that these pieces make, each in its final order; the same for every order of arrival in `pieces`.

    `products`: from `ordering.product_order`. `max_pieces`: beyond it (at most 999,999) another batch begins.
    """
    if not 1 <= max_pieces <= MAX_PIECES:
        raise ValueError(f"a batch has 1 to {MAX_PIECES} pieces, not {max_pieces}")
    pools: dict[PoolKey, list[Piece]] = {}
    for piece in pieces:
        pools.setdefault(pool_key(piece), []).append(piece)
    batches = []
    for key, members in sorted(pools.items()):
        members.sort(key=lambda piece: (sort_key(piece, products), piece.id))
        for start in range(0, len(members), max_pieces):
            batches.append(PlannedBatch(key, tuple(members[start : start + max_pieces])))
    return batches


def split_volumes(pieces: Sequence[Piece], max_volume_sheets: int) -> list[tuple[Piece, ...]]:
    """Cut pieces, in their order, into volumes of at most `max_volume_sheets` sheets; a piece is never cut.

    A piece that alone is larger than a volume gets a volume of its own.
    """
    if max_volume_sheets < 1:
        raise ValueError(f"a volume has room for at least one sheet, not {max_volume_sheets}")
    volumes: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    sheets = 0
    for piece in pieces:
        if current and sheets + piece.sheets > max_volume_sheets:
            volumes.append(tuple(current))
            current, sheets = [], 0
        current.append(piece)
        sheets += piece.sheets
    if current:
        volumes.append(tuple(current))
    return volumes


def place(pieces: Sequence[Piece], feed: Feed) -> list[PlannedVolume]:
    """Give each piece of a batch, in its final order, its number (from 1), volume and first page.

    The first page is the lowest page number of the piece in its volume, whichever sheet is fed first. Where the
    machine wants a trailer sheet, one ends each volume and takes one sheet of its room.
    """
    trailer_sheets = 1 if feed.trailer_sheet else 0
    volumes = []
    number = 1
    for ordinal, members in enumerate(split_volumes(pieces, max(1, feed.max_volume_sheets - trailer_sheets)), start=1):
        placed = []
        page = 1
        for piece in members:
            placed.append(PlacedPiece(piece, number, ordinal, page))
            page += printed_pages(piece.sheets, piece.plex)
            number += 1
        sheets = sum(piece.sheets for piece in members)
        trailer_pages = printed_pages(trailer_sheets, members[0].plex)
        volumes.append(PlannedVolume(ordinal, tuple(placed), sheets, page - 1, trailer_pages))
    return volumes
