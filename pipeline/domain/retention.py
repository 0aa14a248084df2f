"""How long working copies and paper are kept: every clock starts when the archive has acknowledged, never at the scan.

Times are milliseconds since 1970 in UTC, periods whole days of 24 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DAY_MS = 86_400_000


@dataclass(frozen=True)
class DocumentEnd:
    """How a document stands: its state, when it came into it, and when the archive acknowledged it (None: not yet)."""

    state: str
    changed_ms: int
    acknowledged_ms: int | None = None

    @property
    def ended_ms(self) -> int | None:
        """Since when nothing can happen to it any more; None while something can."""
        if self.state == "acknowledged":
            return self.acknowledged_ms
        return self.changed_ms if self.state in ("rejected", "replaced") else None


def copies_until_ms(intake_state: str, changed_ms: int, documents: Sequence[DocumentEnd], keep_days: int) -> int | None:
    """From when the working copies of a scan may be deleted; None while they must be kept without end.

    `changed_ms`: when the scan came into `intake_state`. All of its documents must be acknowledged, sent back or
    replaced by others; the last of them starts the clock. A scan that went back as a whole counts from then on.
    """
    if intake_state not in ("done", "rejected") or keep_days < 0:
        return None
    ends = [document.ended_ms for document in documents]
    if intake_state == "done" and not any(document.state != "replaced" for document in documents):
        return None
    known = [end for end in ends if end is not None]
    if len(known) != len(ends):
        return None
    return max([*known, *([changed_ms] if intake_state == "rejected" else [])]) + keep_days * DAY_MS


def paper_until_ms(document: DocumentEnd, paper_keep_days: int) -> int | None:
    """From when a document's paper may be destroyed; None while nothing may be destroyed.

    Only the archive's acknowledgement starts this clock: of what went back, the paper is needed again.
    """
    if document.state != "acknowledged" or document.acknowledged_ms is None or paper_keep_days < 0:
        return None
    return document.acknowledged_ms + paper_keep_days * DAY_MS
