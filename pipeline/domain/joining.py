"""Several letters of one sender to one recipient go into one envelope, where the job says so.

Never across municipalities, jobs, cost centres, sender lines (the profile's and the printed one), endorsements over the
address or classes of confidentiality. The order of arrival is kept: an envelope takes the next letter of its recipient,
or no further one.

The recipient's key is a keyed hash over the normalised lines of the whole address, so the ledger holds no name, and
who reads the ledger can't find one out by trying; what it takes to make keys lies in the root's private folder.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.domain.address import tidy_lines
from pipeline.domain.batching import pool_key
from pipeline.domain.errors import Permanent
from pipeline.domain.joining_rules import JoiningRules
from pipeline.domain.pieces import JoinedLetter, Note, Piece, letters_of
from pipeline.domain.repricing import Repricer
from pipeline.domain.sheet_layout import even_layout, sheets_in

JOINED = "joined"
_SEPARATOR = "\x1f"


def recipient_key(secret: bytes, sender: Sequence[str], lines: Sequence[str]) -> str:
    """The key under which letters of one sender to one recipient are found.

    `sender`: municipality, job, cost centre, the profile's sender line, the one that is printed on the letter, its
    endorsements; all must be the same. `lines`: the whole address. Case, blanks and the way a letter is composed do not
    tell senders or recipients apart; anything else does, such as Groß and Gross.
    """
    text = _SEPARATOR.join((*(_told(part) for part in sender), "", *(_told(line) for line in tidy_lines(lines))))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _told(text: str) -> str:
    # Lower case, not case folding: that makes ss of ß, which is another name.
    return unicodedata.normalize("NFKC", " ".join(tidy_lines([text]))).lower()


def join_letters(
    pieces: Iterable[Piece], rules: Mapping[str, JoiningRules], prices: Repricer, new_id: Callable[[], str]
) -> list[Piece]:
    """The envelopes that these letters make, in order of arrival; one that holds several has a new id and `letters`.

    Letters are joined only where the machine and the envelope take them together, and where that is not dearer than
    one by one. `rules`: by job. `new_id`: called once for each envelope with several letters, in order.
    """
    envelopes: list[list[Piece]] = []
    open_for: dict[tuple[object, ...], list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.arrival, piece.part)):
        own = rules.get(piece.job)
        if own is None or not own.join or not piece.recipient or piece.parts > 1 or piece.special:
            envelopes.append([piece])
            continue
        key = _key(piece)
        together = open_for.get(key)
        if together is not None and len(together) < own.max_letters and _fit(together, piece, prices):
            together.append(piece)
            continue
        open_for[key] = [piece]
        envelopes.append(open_for[key])
    return [each[0] if len(each) == 1 else _joined(each, prices, new_id()) for each in envelopes]


def _key(piece: Piece) -> tuple[object, ...]:
    """What letters in one envelope have in common; the recipient's key holds most of it, and is not relied upon."""
    return (
        piece.recipient,
        piece.municipality,
        piece.job,
        piece.cost_centre,
        pool_key(piece),
        piece.enclosures,
        piece.country,
        piece.postcode,
    )


def _fit(together: Sequence[Piece], piece: Piece, prices: Repricer) -> bool:
    everything = [*together, piece]
    try:
        filled = prices.filled(piece, sum(each.sheets for each in everything))
    except Permanent as error:
        if error.code != "piece-does-not-fit":
            raise
        return False
    return filled.product.price_cent <= sum(each.postage_cent for each in everything)


def _joined(together: Sequence[Piece], prices: Repricer, id: str) -> Piece:
    first = together[0]
    letters: tuple[JoinedLetter, ...] = tuple(one for piece in together for one in letters_of(piece))
    pages, sheets = sum(piece.pages for piece in together), sum(piece.sheets for piece in together)
    layout = tuple(sheet for piece in together for sheet in sheets_in(piece.layout, piece.pages, piece.plex))
    filled = prices.filled(first, sheets)
    told = f"{len(together)} Briefe desselben Absenders an denselben Empfänger in einem Umschlag."
    notes = dict.fromkeys(note for piece in together for note in piece.notes)
    return replace(
        first,
        id=id,
        pages=pages,
        sheets=sheets,
        layout=() if layout == even_layout(pages, first.plex) else layout,
        weight_mg=filled.weight_mg,
        product=filled.product.id,
        postage_cent=filled.product.price_cent,
        letters=letters,
        remarks=tuple(sorted({remark for piece in together for remark in piece.remarks})),
        notes=(*notes, Note(JOINED, told)),
        due=min((piece.due for piece in together if piece.due), default=""),
        priority=max(piece.priority for piece in together),
    )
