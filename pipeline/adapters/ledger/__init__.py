"""The ledger: the truth about every unit of work, in SQLite or PostgreSQL."""

from pipeline.adapters.ledger import cuts as cuts  # its tables belong to the schema
from pipeline.adapters.ledger.store import Ledger, Work, open_ledger

__all__ = ["Ledger", "Work", "open_ledger"]
