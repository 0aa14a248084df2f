"""The price of a piece on the day on which it is posted: not the day on which its letter arrived.

A letter is priced when it is read, so that its sender can be told. The pool may be closed on a later day and posted on
a later one still; where another price is valid by then, the piece gets the product of that day, and a note.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.filling import Fill, Filled, fill
from pipeline.domain.german import day, euros
from pipeline.domain.pieces import Note, Piece
from pipeline.domain.profiles import Profiles

REPRICED = "price-of-posting-day"


class Repricer:
    """Looks prices up for one day; the same envelope is looked up once."""

    def __init__(self, profiles: Profiles, on: date) -> None:
        self._profiles = profiles
        self._on = on
        self._known: dict[tuple[Fill, str], Filled] = {}

    def repriced(self, piece: Piece) -> Piece:
        """The piece with the weight, product and price of the day; itself where nothing changes.

        Raises Permanent `stock-expired`, `postage-table-expired`, `profile-missing`, or `piece-does-not-fit` where
        profiles changed so much that the piece can't be produced as it was prepared.
        """
        filled = self.filled(piece, piece.sheets)
        product = filled.product
        if (product.id, product.price_cent) == (piece.product, piece.postage_cent):
            return piece
        told = f"Am {day(self._on)} gilt {product.title} zu {euros(product.price_cent)}, "
        told += f"bei Annahme waren es {euros(piece.postage_cent)}."
        return replace(
            piece,
            weight_mg=filled.weight_mg,
            product=product.id,
            postage_cent=product.price_cent,
            notes=(*(note for note in piece.notes if note.code != REPRICED), Note(REPRICED, told)),
        )

    def fits(self, piece: Piece) -> bool:
        """Whether the piece can still be produced as it was prepared; true where a table says nothing of the day."""
        try:
            self.filled(piece, piece.sheets)
        except Permanent as error:
            return error.code != "piece-does-not-fit"
        return True

    def filled(self, piece: Piece, sheets: int) -> Filled:
        """The piece's envelope with so many sheets; raises as `repriced`."""
        what = Fill(piece.machine, piece.envelope, piece.paper, piece.form, sheets, piece.enclosures, piece.special)
        known = self._known.get((what, piece.country))
        if known is None:
            try:
                known = fill(what, self._profiles, piece.country, self._on)
            except Rejected as refusal:
                sentence = f"Sendung {piece.id}: {refusal.sentence}"
                remedy = "Die Profile wurden geändert: zurückändern, oder die Datei zurückgeben und neu annehmen."
                raise Permanent("piece-does-not-fit", sentence, remedy) from refusal
            self._known[what, piece.country] = known
        return known
