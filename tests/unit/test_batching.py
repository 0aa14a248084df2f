"""Pools, batches, volumes and places."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.batching import MAX_PIECES, PlannedBatch, group, place, pool_key, split_volumes
from pipeline.domain.ordering import product_order, sort_key
from pipeline.domain.pieces import Piece
from pipeline.domain.profiles import Feed, SeparatorSheets
from tests.paper_examples import PIECE, TABLE, pieces

pytestmark = pytest.mark.unit

ORDER = product_order(TABLE)
DAYS = st.sampled_from(["", "2026-03-01", "2026-03-02"])


def test_a_pool_mixes_municipalities_but_not_machines() -> None:
    assert pool_key(PIECE) == pool_key(replace(PIECE, municipality="luebz", product="kompakt", enclosures=(1,)))
    for other in (
        replace(PIECE, machine="flat"),
        replace(PIECE, envelope="c4"),
        replace(PIECE, form="A"),
        replace(PIECE, paper="a4-90"),
        replace(PIECE, plex="duplex"),
    ):
        assert pool_key(other) != pool_key(PIECE)


@given(pieces(), st.randoms(), st.integers(1, 50))
def test_every_piece_is_in_one_batch_whatever_the_order_of_arrival(
    arrived: list[Piece], shuffler: random.Random, most: int
) -> None:
    shuffled = list(arrived)
    shuffler.shuffle(shuffled)
    batches = group(shuffled, ORDER, most)
    assert batches == group(arrived, ORDER, most)
    assert sorted(piece.id for batch in batches for piece in batch.pieces) == sorted(piece.id for piece in arrived)
    for batch in batches:
        assert len(batch.pieces) <= most
        assert {pool_key(piece) for piece in batch.pieces} == {batch.key}
        keys = [sort_key(piece, ORDER) for piece in batch.pieces]
        assert keys == sorted(keys)


def test_nothing_in_the_pool_makes_no_batch() -> None:
    assert group([], ORDER) == []
    assert split_volumes([], Feed()) == []
    assert place([], Feed()) == []


def test_a_batch_never_has_more_pieces_than_six_digits_count() -> None:
    with pytest.raises(ValueError, match="999999"):
        group([PIECE], ORDER, MAX_PIECES + 1)
    with pytest.raises(ValueError, match="999999"):
        PlannedBatch(pool_key(PIECE), (PIECE,) * (MAX_PIECES + 1))
    with pytest.raises(ValueError, match="another pool"):
        PlannedBatch(pool_key(PIECE), (PIECE, replace(PIECE, plex="duplex")))
    with pytest.raises(ValueError, match="1 to"):
        PlannedBatch(pool_key(PIECE), ())


def test_a_full_batch_begins_another() -> None:
    assert MAX_PIECES == 999_999
    assert [len(batch.pieces) for batch in group([PIECE] * 7, ORDER, 3)] == [3, 3, 1]


@given(pieces(plex="simplex"), st.integers(1, 30))
def test_volumes_keep_order_never_cut_a_piece_and_are_as_full_as_they_can_be(arrived: list[Piece], room: int) -> None:
    volumes = split_volumes(arrived, Feed(max_volume_sheets=room))
    assert [piece for volume in volumes for piece in volume] == arrived
    sizes = [sum(piece.sheets for piece in volume) for volume in volumes]
    for volume, size in zip(volumes, sizes, strict=True):
        assert size <= room or len(volume) == 1
    for size, following in zip(sizes, volumes[1:], strict=False):
        assert size + following[0].sheets > room


SEPARATORS: list[SeparatorSheets] = ["none", "volume", "product"]


@given(pieces(plex="duplex"), st.integers(1, 30), st.booleans(), st.sampled_from(SEPARATORS))
def test_places_are_gapless_in_duplex(
    arrived: list[Piece], room: int, trailer: bool, separator: SeparatorSheets
) -> None:
    feed = Feed(max_volume_sheets=room, trailer_sheet=trailer, separator_sheet=separator)
    _check_places(arrived, feed, faces=2)


@given(pieces(plex="simplex"), st.integers(1, 30), st.booleans(), st.sampled_from(SEPARATORS))
def test_places_are_gapless_in_simplex(
    arrived: list[Piece], room: int, trailer: bool, separator: SeparatorSheets
) -> None:
    feed = Feed(max_volume_sheets=room, trailer_sheet=trailer, separator_sheet=separator)
    _check_places(arrived, feed, faces=1)


def _check_places(arrived: list[Piece], feed: Feed, faces: int) -> None:
    """Every piece once, in order; every page of a volume is a letter's, a separator's or the trailer's."""
    volumes = place(arrived, feed)
    placed = [one for volume in volumes for one in volume.pieces]
    assert [one.piece for one in placed] == arrived
    assert [one.number for one in placed] == list(range(1, len(arrived) + 1))
    assert [volume.ordinal for volume in volumes] == list(range(1, len(volumes) + 1))
    seen: Counter[str] = Counter()
    for one in placed:
        seen[one.piece.product] += 1
        assert one.product_number == seen[one.piece.product]
    for volume in volumes:
        taken: list[int] = []
        for one in volume.pieces:
            assert one.volume == volume.ordinal
            assert one.first_page % faces == 1 % faces, "a piece begins on a front"
            taken += range(one.first_page, one.first_page + faces * one.piece.sheets)
        assert taken == sorted(set(taken)), "no page belongs to two pieces, and their order is kept"
        left = sorted(set(range(1, volume.file_pages + 1)) - set(taken))
        assert len(left) == volume.separator_pages + volume.trailer_pages
        assert volume.pages == faces * volume.sheets == len(taken)
        assert volume.trailer_pages == (faces if feed.trailer_sheet else 0)
        changes = sum(a.piece.product != b.piece.product for a, b in pairwise(volume.pieces))
        wanted = {"none": 0, "volume": 1, "product": 1 + changes}[feed.separator_sheet]
        assert volume.separator_pages == faces * wanted
        assert volume.file_pages <= faces * feed.max_volume_sheets or len(volume.pieces) == 1


@given(pieces(), st.lists(st.integers(0, 9), min_size=12, max_size=12), st.lists(DAYS, min_size=12, max_size=12))
def test_what_is_urgent_is_numbered_first(arrived: list[Piece], priorities: list[int], days: list[str]) -> None:
    urgent = [replace(p, priority=priorities[n], due=days[n]) for n, p in enumerate(arrived)]
    batches = group(urgent, ORDER, 3)
    ranks = [(-batch.priority, batch.due or "9999-12-31") for batch in batches]
    assert ranks == sorted(ranks)
    assert sorted(p.id for batch in batches for p in batch.pieces) == sorted(p.id for p in arrived)


def test_what_parts_pools() -> None:
    for other in (
        replace(PIECE, fixed_enclosures="1+3"),
        replace(PIECE, confidentiality="confidential"),
        replace(PIECE, kept_apart="luebz"),
        replace(PIECE, special="registered"),
    ):
        assert pool_key(other) != pool_key(PIECE)
        assert pool_key(other).name != pool_key(PIECE).name
        assert len(group([PIECE, other], ORDER)) == 2
    assert pool_key(replace(PIECE, priority=9, due="2026-01-01")) == pool_key(PIECE)
