"""A ledger of an earlier release is brought up to date with what it holds; SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert

from pipeline.adapters.ledger import engine as engines
from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.engine import open_engine

pytestmark = pytest.mark.contract

MIGRATIONS = Path(engines.__file__).parent / "migrations"
WORK = {"attempts": 0, "losses": 0, "version": 0, "due_ms": 0, "hinted_ms": 0, "created_ms": 1, "changed_ms": 1}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    else:
        yield request.getfixturevalue("postgres_url")


def at_revision(url: str, revision: str) -> Engine:
    engine = open_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def test_pieces_of_an_older_ledger_get_their_number_within_the_product(url: str) -> None:
    engine = at_revision(url, "0002")
    tables = MetaData()
    tables.reflect(engine)
    intake = {
        "id": "i0000001", "state": "done", "number": 1, "token": "t", "municipality": "parchim", "profile": "letters",
        "direction": "outgoing", "drop_kind": "file", "file": "a.pdf", "file_raw": b"a", "sha256": "0" * 64, "bytes": 1,
        "received_ms": 1, "has_ticket": 0, "ticket": "{}", "facts": "{}",
    }  # fmt: skip
    part = {"id": "i0000001-s0001", "state": "done", "intake": "i0000001", "task": "read-letters", "ordinal": 1}
    part |= {"first_page": 1, "last_page": 5}
    batch = {
        "id": "b0000001", "state": "verified", "number": 1, "machine": "m", "envelope": "c65", "form": "B",
        "paper": "p", "plex": "simplex", "profile_sha256": "0" * 64, "pieces": 4, "sheets": 4, "pages": 4,
        "weight_mg": 1, "postage_cent": 1, "facts": "{}",
    }  # fmt: skip
    pieces = []
    for n, product in enumerate(("standard", "standard", "kompakt", "standard", "kompakt"), 1):
        row = {
            "id": f"i0000001-p{n:06d}", "state": "batched" if n < 5 else "pooled", "intake": "i0000001",
            "intake_number": 1, "ordinal": n, "file": "a.pdf", "municipality": "parchim", "cost_centre": "1",
            "reference": "", "slice_id": "i0000001-s0001", "slice_first_page": n, "source_first_page": n,
            "source_last_page": n, "pages": 1, "sheets": 1, "plex": "simplex", "form": "B", "machine": "m",
            "envelope": "c65", "paper": "p", "enclosures": "", "weight_mg": 1, "product": product, "postage_cent": 95,
            "country": "DE", "postcode": "19053", "batch": "b0000001" if n < 5 else None,
            "number": n if n < 5 else None, "volume": 1 if n < 5 else None, "first_page": n if n < 5 else None,
        }  # fmt: skip
        pieces.append(row)
    with engine.begin() as connection:
        for table, rows in (("intakes", [intake]), ("slices", [part]), ("batches", [batch]), ("pieces", pieces)):
            connection.execute(insert(tables.tables[table]), [{**WORK, **row} for row in rows])
    engine.dispose()
    ledger = open_ledger(url)
    with ledger.reading() as read:
        placed = [(each.number, each.piece.product, each.product_number) for each in read.placed("b0000001")]
        (waiting,) = read.pool()
        old = read.batch("b0000001")
    ledger.close()
    assert placed == [(1, "standard", 1), (2, "standard", 2), (3, "kompakt", 1), (4, "standard", 3)]
    assert (waiting.due, waiting.priority, waiting.confidentiality, waiting.kept_apart) == ("", 0, "normal", "")
    assert waiting.special is None
    assert waiting.geometry == ""  # nobody knows what it was checked against
    assert old is not None and (old.machine_profile, old.envelope_profile, old.paper_profile, old.due) == (
        "",
        "",
        "",
        "",
    )
