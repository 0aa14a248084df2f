"""A stack whose pages were all looked at is cut into documents, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.records import IntakeRecord, Lease, plan_row
from pipeline.domain.ids import document_id
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.separation import DocumentPlan, documents_of
from pipeline.domain.states import Kind, Unit
from pipeline.services.ports import Line
from pipeline.services.slicing import slice_rows


def separate(line: Line, lease: Lease, intake: IntakeRecord, rules: IncomingRules) -> None:
    """Cut a stack by what was seen on its pages. Raises Rejected where there is no letter in it."""
    with line.ledger.reading() as read:
        slices = [part for part in read.slices(intake=intake.id) if part.task == "look"]
    pages = intake.pages or 0
    looks = line.scans.looks([line.spool.slice_folder(part.id) for part in slices], pages)
    plans = documents_of(looks, rules.separation, intake.municipality, intake.profile)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        lay_out(work, intake, plans, rules, first_slice=len(slices) + 1)
        cut = f"{len(plans)} documents of {pages} pages, {sum(len(plan.dropped) for plan in plans)} dropped"
        work.note(lease.unit, "planned", "separated", cut)
        work.release(lease)


_SLICES = 24  # that a scan is cut into at least
_LAST_SLICES = 4  # so many at the end are cut in halves


def lay_out(
    work: Work, intake: IntakeRecord, plans: Sequence[DocumentPlan], rules: IncomingRules, *, first_slice: int = 1
) -> None:
    """Write down the documents of a stack, and the slices in which their pages are recognised.

    A document with a doubt goes to a person at once. Slices pay no heed to where documents begin: they may be short.
    """
    rows = [document_row(intake, ordinal, plan) for ordinal, plan in enumerate(plans, 1)]
    work.add(Kind.DOCUMENT, rows)
    for row, plan in zip(rows, plans, strict=True):
        send_to_review(work, str(row["id"]), plan)
    kept = [page for plan in plans for page in plan.pages]
    # A short scan is cut fine, so that no worker is left alone with a slow page at the end; a long one saves opening
    # its file for every other page.
    size = min(rules.slice_pages, max(1, len(kept) // _SLICES))
    fine = max(0, len(kept) - _LAST_SLICES * size)
    rows = slice_rows(intake.id, "recognise", kept[:fine], size, first_slice)
    rows += slice_rows(intake.id, "recognise", kept[fine:], max(1, size // 2), first_slice + len(rows))
    work.add(Kind.SLICE, rows)


def document_row(intake: IntakeRecord, ordinal: int, plan: DocumentPlan) -> dict[str, object]:
    """The row of a new document."""
    place = {"intake": intake.id, "municipality": intake.municipality, "profile": intake.profile}
    return {"id": document_id(intake.id, ordinal), **place, "ordinal": ordinal, "facts": "{}", **plan_row(plan)}


def send_to_review(work: Work, document: str, plan: DocumentPlan) -> None:
    """Let a document wait for a person if its place in the stack is in doubt."""
    if plan.doubts:
        detail = "; ".join(doubt.sentence for doubt in plan.doubts)
        work.move(Unit(Kind.DOCUMENT, document), "review", reason=plan.doubts[0].code, detail=detail)
