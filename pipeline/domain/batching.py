"""From pooled pieces to batches, volumes and the place of every piece in them.

What one run of a machine needs to be the same makes one pool (`domain.pooling`). Municipalities mix within a pool
unless a profile forbids it; their manifests part them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.ordering import sort_key
from pipeline.domain.pieces import Piece, PlacedPiece
from pipeline.domain.pooling import PoolKey
from pipeline.domain.profiles import Feed
from pipeline.domain.totals import printed_pages

MAX_PIECES = 999_999
"""Six digits name a piece within its batch (2D payload, docs/formats/marks.md)."""
_NO_DAY = "9999-12-31"


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

    @property
    def priority(self) -> int:
        """The highest of its pieces."""
        return max(piece.priority for piece in self.pieces)

    @property
    def due(self) -> str:
        """The earliest last day of posting of its pieces, ISO date, or empty."""
        return min((piece.due for piece in self.pieces if piece.due), default="")


@dataclass(frozen=True)
class PlannedVolume:
    """A volume: one file, fed without a stop. `sheets` and `pages` count the letters' own.

    `separator_pages`, `trailer_pages`: pages of sheets that belong to no letter.
    """

    ordinal: int
    pieces: tuple[PlacedPiece, ...]
    sheets: int
    pages: int
    separator_pages: int
    trailer_pages: int

    @property
    def file_pages(self) -> int:
        """How many pages its PDF has."""
        return self.pages + self.separator_pages + self.trailer_pages


def pool_key(piece: Piece) -> PoolKey:
    """The pool a piece belongs to."""
    return PoolKey(
        piece.machine,
        piece.envelope,
        piece.form,
        piece.paper,
        piece.plex,
        piece.fixed_enclosures,
        piece.confidentiality,
        piece.kept_apart,
        piece.special or "",
    )


def group(pieces: Iterable[Piece], products: Mapping[str, int], max_pieces: int = MAX_PIECES) -> list[PlannedBatch]:
    """All batches that these pieces make, each in its final order; the same for every order of arrival in `pieces`.

    The batches of the highest priority come first, then those with the earliest last day of posting.
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
    return sorted(batches, key=lambda batch: (-batch.priority, batch.due or _NO_DAY))  # stable: else by key and order


def has_separator(piece: Piece, before: Piece | None, feed: Feed) -> bool:
    """Whether a separator sheet comes before a piece; `before`: the piece fed before it in the same volume."""
    if feed.separator_sheet == "none":
        return False
    return before is None or (feed.separator_sheet == "product" and before.product != piece.product)


def split_volumes(pieces: Sequence[Piece], feed: Feed) -> list[tuple[Piece, ...]]:
    """Cut pieces, in their order, into volumes of at most `feed.max_volume_sheets` sheets; a piece is never cut.

    Separator and trailer sheets take room too. A piece that alone is larger than a volume gets one of its own.
    """
    room = feed.max_volume_sheets - (1 if feed.trailer_sheet else 0)
    volumes: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    sheets = 0
    for piece in pieces:
        needed = piece.sheets + has_separator(piece, current[-1] if current else None, feed)
        if current and sheets + needed > room:
            volumes.append(tuple(current))
            current, sheets = [], 0
            needed = piece.sheets + has_separator(piece, None, feed)
        current.append(piece)
        sheets += needed
    if current:
        volumes.append(tuple(current))
    return volumes


def place(pieces: Sequence[Piece], feed: Feed) -> list[PlannedVolume]:
    """Give each piece of a batch, in its final order, its number (from 1), volume and first page.

    The first page is the lowest page number of the piece in its volume, whichever sheet is fed first. Where the
    machine wants a trailer sheet, one ends each volume and takes one sheet of its room; so do separator sheets.
    """
    volumes = []
    number = 1
    of_product: dict[str, int] = {}
    for ordinal, members in enumerate(split_volumes(pieces, feed), start=1):
        faces = printed_pages(1, members[0].plex)
        placed: list[PlacedPiece] = []
        page = 1
        separators = 0
        for piece in members:
            if has_separator(piece, placed[-1].piece if placed else None, feed):
                separators += 1
                page += faces
            of_product[piece.product] = of_product.get(piece.product, 0) + 1
            placed.append(PlacedPiece(piece, number, ordinal, page, of_product[piece.product]))
            page += faces * piece.sheets
            number += 1
        sheets = sum(piece.sheets for piece in members)
        trailer_pages = faces if feed.trailer_sheet else 0
        volumes.append(PlannedVolume(ordinal, tuple(placed), sheets, faces * sheets, faces * separators, trailer_pages))
    return volumes
