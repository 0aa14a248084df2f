"""Pools, batches, volumes and places."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.batching import MAX_PIECES, PlannedBatch, group, place, pool_key, split_volumes
from pipeline.domain.ordering import product_order, sort_key
from pipeline.domain.pieces import Piece
from pipeline.domain.profiles import Feed
from tests.paper_examples import PIECE, TABLE, pieces

pytestmark = pytest.mark.unit

ORDER = product_order(TABLE)


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
    assert split_volumes([], 10) == []
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
    volumes = split_volumes(arrived, room)
    assert [piece for volume in volumes for piece in volume] == arrived
    sizes = [sum(piece.sheets for piece in volume) for volume in volumes]
    for volume, size in zip(volumes, sizes, strict=True):
        assert size <= room or len(volume) == 1
    for size, following in zip(sizes, volumes[1:], strict=False):
        assert size + following[0].sheets > room


def test_a_volume_has_room() -> None:
    with pytest.raises(ValueError, match="at least one sheet"):
        split_volumes([PIECE], 0)


@given(pieces(plex="duplex"), st.integers(1, 30), st.booleans())
def test_places_are_gapless_in_duplex(arrived: list[Piece], room: int, trailer: bool) -> None:
    _check_places(arrived, Feed(max_volume_sheets=room, trailer_sheet=trailer), faces=2)


@given(pieces(plex="simplex"), st.integers(1, 30), st.booleans())
def test_places_are_gapless_in_simplex(arrived: list[Piece], room: int, trailer: bool) -> None:
    _check_places(arrived, Feed(max_volume_sheets=room, trailer_sheet=trailer), faces=1)


def _check_places(arrived: list[Piece], feed: Feed, faces: int) -> None:
    volumes = place(arrived, feed)
    placed = [one for volume in volumes for one in volume.pieces]
    assert [one.piece for one in placed] == arrived
    assert [one.number for one in placed] == list(range(1, len(arrived) + 1))
    assert [volume.ordinal for volume in volumes] == list(range(1, len(volumes) + 1))
    for volume in volumes:
        page = 1
        for one in volume.pieces:
            assert (one.volume, one.first_page) == (volume.ordinal, page)
            assert one.first_page % faces == 1 % faces
            page += faces * one.piece.sheets
        assert volume.pages == page - 1 == faces * volume.sheets
        assert volume.trailer_pages == (faces if feed.trailer_sheet else 0)
        assert volume.file_pages == volume.pages + volume.trailer_pages
        assert volume.file_pages <= faces * feed.max_volume_sheets or len(volume.pieces) == 1
