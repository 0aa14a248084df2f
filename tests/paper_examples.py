"""Small worlds for tests of batches and their papers: stocks, products, machines, pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from pipeline.domain.batching import group, place
from pipeline.domain.geometry import Rect
from pipeline.domain.ordering import product_order
from pipeline.domain.papers import BatchPapers, VolumePapers
from pipeline.domain.pieces import LetterException, Piece, SheetRow
from pipeline.domain.postal_products import PostageTable, Product
from pipeline.domain.profiles import (
    Enclosure,
    Envelope,
    Feed,
    Folding,
    Machine,
    Marks,
    Municipality,
    OutgoingRules,
    Paper,
    Profiles,
)

_WINDOW = Rect(23, 57, 88, 87)
_LEAK = Rect(1, 45, 110, 99)

FOLD_B = Folding("B", (105.0, 210.0), _WINDOW, _LEAK)
FOLD_A = Folding("A", (87.0, 192.0), _WINDOW, _LEAK)
FLAT_B = Folding("B", (), _WINDOW, _LEAK)

C65 = Envelope("c65", "C6/5 mit Fenster", 229.0, 114.0, 5000, False, 8, (FOLD_B, FOLD_A), "Beispiel")
C4 = Envelope("c4", "C4 mit Fenster", 229.0, 324.0, 20000, True, 90, (FLAT_B,), "Beispiel")
PAPER = Paper("a4-80", "A4 weiß 80 g/m²", 80.0, 4990, 0.1)
FLYER = Enclosure(1, "Merkblatt Grundsteuer", 2000, 0.3)
FORM = Enclosure(3, "SEPA-Mandat", 3500, 0.3)


def product(
    id: str, price_cent: int, grams: int, length: float, width: float, thickness: float, **more: Any
) -> Product:
    """A product with Deutsche Post's usual smallest sizes."""
    values: dict[str, Any] = {
        "min_length_mm": 100.0,
        "min_width_mm": 70.0,
        "min_length_to_width": 0.0,
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2026, 12, 31),
        "abroad": False,
    }
    return Product(
        id=id,
        title=f"Brief {id}",
        price_cent=price_cent,
        max_weight_mg=grams * 1000,
        max_length_mm=length,
        max_width_mm=width,
        max_thickness_mm=thickness,
        source="Beispiel",
        **(values | more),
    )


STANDARD = product("standard", 95, 20, 235, 125, 5, min_length_mm=140, min_width_mm=90, min_length_to_width=1.4)
KOMPAKT = product("kompakt", 110, 50, 235, 125, 10, min_length_to_width=1.4)
GROSS = product("gross", 180, 500, 353, 250, 20)
MAXI = product("maxi", 290, 1000, 353, 250, 50)
STANDARD_ABROAD = product("standard-int", 125, 20, 235, 125, 5, abroad=True)
GROSS_ABROAD = product("gross-int", 330, 500, 353, 250, 20, abroad=True)
TABLE = PostageTable(0, (STANDARD, KOMPAKT, GROSS, MAXI, STANDARD_ABROAD, GROSS_ABROAD))

MARKS = Marks(kind="omr", pitch_mm=3.2, first_mm=153.0, tokens=("start", "end-of-set", "feed:1", "feed:2", "feed:3"))
FOLDER = Machine("folder", "Falzkuvertierer", "Beispiel", MARKS, Feed(max_sheets=5, max_volume_sheets=2000, stations=4))
FLAT = Machine("flat", "C4-Kuvertierer", "Beispiel", MARKS, Feed(max_sheets=5, max_volume_sheets=2000, stations=1))

RULES = OutgoingRules(machine="folder", envelope="c65", paper="a4-80", flat_machine="flat", flat_envelope="c4")

PROFILES = Profiles(
    municipalities={
        "schwerin": Municipality("schwerin", "Landeshauptstadt Schwerin", "", "11000", ()),
        "parchim": Municipality("parchim", "Stadt Parchim", "", "12000", ()),
        "luebz": Municipality("luebz", "Stadt Lübz", "", "13000", ()),
    },
    jobs={},
    machines={"folder": FOLDER, "flat": FLAT},
    envelopes={"c65": C65, "c4": C4},
    papers={"a4-80": PAPER},
    enclosures={1: FLYER, 3: FORM},
    postage=TABLE,
    sha256="0" * 64,
)

ON = date(2026, 3, 2)

PIECE = Piece(
    id="i0000001-p000001",
    intake="i0000001",
    arrival=(1, 1),
    file="bescheide.pdf",
    municipality="schwerin",
    cost_centre="11000",
    reference="",
    slice_id="i0000001-s0001",
    slice_first_page=1,
    source_first_page=1,
    source_last_page=2,
    pages=2,
    sheets=2,
    plex="simplex",
    form="B",
    machine="folder",
    envelope="c65",
    paper="a4-80",
    enclosures=(),
    weight_mg=14980,
    product="standard",
    postage_cent=95,
    country="DE",
    postcode="19053",
)


@st.composite
def pieces(draw: st.DrawFn, plex: str | None = None, most: int = 12) -> list[Piece]:
    """Pieces as they arrive, of several intakes, municipalities and pools; arrivals and ids are unique.

    With `plex`, all belong to one pool.
    """
    count = draw(st.integers(1, most))
    made = []
    for ordinal in range(1, count + 1):
        own_plex = plex or draw(st.sampled_from(["simplex", "duplex"]))
        sheets = draw(st.integers(1, 6))
        pages = sheets if own_plex == "simplex" else 2 * sheets - draw(st.integers(0, 1))
        country, postcode = draw(
            st.one_of(
                st.tuples(st.just("DE"), st.sampled_from(["19053", "01067", "19370", "20095", "19055"])),
                st.sampled_from([("AT", "1010"), ("ZZ", ""), ("PL", "70-001")]),
            )
        )
        intake = draw(st.integers(1, 4))
        made.append(
            replace(
                PIECE,
                id=f"i{intake:07d}-p{ordinal:06d}",
                intake=f"i{intake:07d}",
                arrival=(intake, ordinal),
                municipality=draw(st.sampled_from(["schwerin", "parchim", "luebz"])),
                cost_centre=draw(st.sampled_from(["11000", "22000"])),
                reference=draw(st.sampled_from(["", "AZ 1/26", "=1+1", "@x", 'Semikolon; "Zitat"'])),
                source_first_page=100 * ordinal + 1,
                source_last_page=100 * ordinal + pages,
                pages=pages,
                sheets=sheets,
                plex=own_plex,
                form="B" if plex else draw(st.sampled_from(["A", "B"])),
                enclosures=draw(st.sampled_from([(), (1,), (1, 3)])),
                weight_mg=draw(st.integers(5000, 60000)),
                product=draw(st.sampled_from(["standard", "kompakt", "gross"])) if country == "DE" else "standard-int",
                postage_cent=draw(st.integers(0, 500)),
                country=country,
                postcode=postcode,
            )
        )
    return made


def batch_papers(
    arrived: Sequence[Piece],
    exceptions: Sequence[LetterException] = (),
    *,
    machine: Machine = FOLDER,
    profiles: Profiles = PROFILES,
    number: int = 42,
) -> BatchPapers:
    """The papers of the first batch that these pieces make, with sheets and read-back as they should be.

    Sheets are reckoned here, page after page, not with the project's own arithmetic.
    """
    pieces = group(arrived, product_order(TABLE))[0].pieces
    batch = f"b{number:07d}"
    faces = 1 if pieces[0].plex == "simplex" else 2
    rows: list[SheetRow] = []
    volumes = []
    placed = []
    for volume in place(pieces, machine.feed):
        page = 1
        separators = 0
        before = None
        for one in volume.pieces:
            wanted = machine.feed.separator_sheet
            if wanted != "none" and before != one.piece.product and (before is None or wanted == "product"):
                separators += faces
                page += faces
            before = one.piece.product
            placed.append(one)
            for sheet in range(1, one.piece.sheets + 1):
                rows.append(SheetRow(volume.ordinal, page, one.number, sheet, one.piece.sheets, "", "1001"))
                page += faces
        name = f"{batch}-v{volume.ordinal:02d}.pdf"
        trailer = faces if machine.feed.trailer_sheet else 0
        sums = (page - 1 + trailer, volume.sheets, len(volume.pieces), separators, trailer)
        volumes.append(VolumePapers(name, "a" * 64, volume.ordinal, *sums))
    return BatchPapers(
        batch=batch,
        state="verified",
        created_at="2026-03-02T14:05:00+01:00",
        profile_sha256="b" * 64,
        machine=machine,
        envelope=C65,
        form=pieces[0].form,
        paper=PAPER,
        plex=pieces[0].plex,
        profiles=profiles,
        pieces=tuple(placed),
        sheets=tuple(rows),
        volumes=tuple(volumes),
        exceptions=tuple(exceptions),
        readback={
            "pages": sum(volume.pages for volume in volumes),
            "sheets": len(rows),
            "codes_read": len(rows),
            "codes_wrong": 0,
            "checked_at": "2026-03-02T14:06:10+01:00",
            "decoder": "test 1.0",
        },
    )
