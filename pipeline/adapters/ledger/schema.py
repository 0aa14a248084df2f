"""The ledger's tables. Times are whole milliseconds since 1970 in UTC; structured remarks are JSON text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pipeline.domain.states import Kind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _work_columns() -> list[Column[Any]]:
    """What every unit of work has: state, attempts, lease, version."""
    return [
        Column("id", String(64), primary_key=True),
        Column("state", String(16), nullable=False),
        Column("reason", String(64)),
        Column("detail", Text),
        Column("attempts", Integer, nullable=False, default=0),
        Column("losses", Integer, nullable=False, default=0),
        Column("lease_owner", String(200)),
        Column("lease_until_ms", BigInteger),
        Column("version", Integer, nullable=False, default=0),
        Column("due_ms", BigInteger, nullable=False, default=0),
        Column("hinted_ms", BigInteger, nullable=False, default=0),
        Column("created_ms", BigInteger, nullable=False),
        Column("changed_ms", BigInteger, nullable=False),
    ]


intakes = Table(
    "intakes",
    metadata,
    *_work_columns(),
    Column("number", Integer, nullable=False, unique=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("municipality", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("drop_kind", String(16), nullable=False),
    Column("file", Text, nullable=False),
    Column("file_raw", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("duplicate_of", String(64)),
    Column("has_ticket", Integer, nullable=False, default=0),
    Column("has_index", Integer, nullable=False, default=0),
    Column("ticket", Text, nullable=False, default="{}"),
    Column("pages", Integer),
    Column("facts", Text, nullable=False, default="{}"),
    Column("retired_ms", BigInteger),
    Index("ix_intakes_content", "municipality", "sha256"),
)

documents = Table(
    "documents",
    metadata,
    *_work_columns(),
    Column("intake", String(64), ForeignKey("intakes.id"), nullable=False, index=True),
    Column("municipality", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
    Column("pages", Integer),
    Column("mean_confidence", Integer),
    Column("sha256", String(64)),
    Column("facts", Text, nullable=False, default="{}"),
    Column("plan", Text, nullable=False, default="{}"),
    Column("acknowledged_ms", BigInteger),
)

slices = Table(
    "slices",
    metadata,
    *_work_columns(),
    Column("intake", String(64), ForeignKey("intakes.id"), nullable=False, index=True),
    Column("task", String(16), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    *_work_columns(),
    Column("number", Integer, nullable=False, unique=True),
    Column("machine", String(64), nullable=False),
    Column("envelope", String(64), nullable=False),
    Column("form", String(4), nullable=False),
    Column("paper", String(64), nullable=False),
    Column("plex", String(16), nullable=False),
    Column("profile_sha256", String(64), nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("weight_mg", BigInteger, nullable=False),
    Column("postage_cent", BigInteger, nullable=False),
    Column("facts", Text, nullable=False, default="{}"),
    Column("enclosures", String(32), nullable=False, default=""),
    Column("confidentiality", String(16), nullable=False, default="normal"),
    Column("kept_apart", String(64), nullable=False, default=""),
    Column("priority", Integer, nullable=False, default=0),
    Column("due", String(10), nullable=False, default=""),
    Column("machine_profile", Text, nullable=False, default=""),
    Column("special", String(32), nullable=False, default=""),
    Column("envelope_profile", Text, nullable=False, default=""),
    Column("paper_profile", Text, nullable=False, default=""),
    Column("sums_sha256", String(64), nullable=False, default=""),
)

volumes = Table(
    "volumes",
    metadata,
    *_work_columns(),
    Column("batch", String(64), ForeignKey("batches.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sha256", String(64)),
    Column("facts", Text, nullable=False, default="{}"),
    Column("separator_pages", Integer, nullable=False, default=0),
    Column("trailer_pages", Integer, nullable=False, default=0),
)

pieces = Table(
    "pieces",
    metadata,
    *_work_columns(),
    Column("intake", String(64), ForeignKey("intakes.id"), nullable=False, index=True),
    Column("intake_number", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("municipality", String(64), nullable=False, index=True),
    Column("cost_centre", String(64), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("slice_id", String(64), ForeignKey("slices.id"), nullable=False),
    Column("slice_first_page", Integer, nullable=False),
    Column("source_first_page", Integer, nullable=False),
    Column("source_last_page", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sheets", Integer, nullable=False),
    Column("plex", String(16), nullable=False),
    Column("form", String(4), nullable=False),
    Column("machine", String(64), nullable=False),
    Column("envelope", String(64), nullable=False),
    Column("paper", String(64), nullable=False),
    Column("enclosures", String(32), nullable=False),
    Column("weight_mg", Integer, nullable=False),
    Column("product", String(64), nullable=False),
    Column("postage_cent", Integer, nullable=False),
    Column("country", String(4), nullable=False),
    Column("postcode", String(16), nullable=False),
    Column("batch", String(64), ForeignKey("batches.id"), index=True),
    Column("number", Integer),
    Column("volume", Integer),
    Column("first_page", Integer),
    Column("posted_on", String(10)),
    Column("product_number", Integer),
    Column("due", String(10), nullable=False, default=""),
    Column("priority", Integer, nullable=False, default=0),
    Column("confidentiality", String(16), nullable=False, default="normal"),
    Column("kept_apart", String(64), nullable=False, default=""),
    Column("fixed_enclosures", String(32), nullable=False, default=""),
    Column("remarks", Text, nullable=False, default=""),
    Column("job", String(64), nullable=False, default=""),
    Column("layout", Text, nullable=False, default=""),
    Column("recipient", String(64), nullable=False, default=""),
    Column("letterhead", String(64), nullable=False, default=""),
    Column("part", Integer, nullable=False, default=1),
    Column("parts", Integer, nullable=False, default=1),
    Column("address_page", Integer, nullable=False, default=0),
    Column("letters", Text, nullable=False, default=""),
    Column("notes", Text, nullable=False, default=""),
    Column("joined_to", String(64), index=True),
    Column("special", String(32), nullable=False, default=""),
    Column("geometry", String(64), nullable=False, default=""),
    UniqueConstraint("batch", "number"),
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("intake", String(64), ForeignKey("intakes.id"), nullable=False, index=True),
    Column("intake_number", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("municipality", String(64), nullable=False),
    Column("slice_id", String(64)),
    Column("slice_first_page", Integer),
    Column("source_first_page", Integer, nullable=False),
    Column("source_last_page", Integer, nullable=False),
    Column("source_page", Integer, nullable=False),
    Column("code", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("batch", String(64), ForeignKey("batches.id"), index=True),
)

events = Table(
    "events",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("who", String(200), nullable=False),
    Column("reason", String(64)),
    Column("detail", Text),
    Index("ix_events_unit", "kind", "unit"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

signs_of_life = Table(
    "signs_of_life",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("role", String(32), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("detail", Text, nullable=False, default=""),
)

TABLES: dict[Kind, Table] = {
    Kind.INTAKE: intakes,
    Kind.DOCUMENT: documents,
    Kind.SLICE: slices,
    Kind.PIECE: pieces,
    Kind.BATCH: batches,
    Kind.VOLUME: volumes,
}
for _kind, _table in TABLES.items():
    if _kind is not Kind.PIECE:
        Index(f"ix_{_table.name}_work", _table.c.state, _table.c.due_ms)
Index("ix_pieces_work", pieces.c.state, pieces.c.municipality)
