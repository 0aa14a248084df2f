"""What the papers of the line are made of: packages, refusals, batches. Times are ISO 8601 with offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain.pages import SourceFacts
from pipeline.domain.pieces import LetterException, PlacedPiece, SheetRow
from pipeline.domain.profiles import Envelope, IncomingRules, Machine, Municipality, Paper, Profiles
from pipeline.domain.separation import Doubt, DroppedPage
from pipeline.domain.source_pages import SourceFile


@dataclass(frozen=True)
class Decision:
    """What a person decided about a document. `what`: a word such as `accepted` or `split`; `reason` may be empty."""

    at: str
    who: str
    what: str
    reason: str = ""


@dataclass(frozen=True)
class PackageRequest:
    """One document to pack: where its source and its recognised pages lie, and what the papers say of it.

    `page_numbers`: the source's pages (from 1) that the document keeps, ascending; `dropped`: those left out.
    `results`: folders with one result file a page. `doubts`: what the cutting of the stack leaves for a person.
    `accepted_by`: who decided that it may go although something was wrong, None if nobody had to;
    `accepted_codes`: what that decision covered. `expected_sheets`: as a cover sheet announced, `found_sheets`: as
    counted. `duplicate_of`: an earlier intake with the same bytes, empty if there is none.
    """

    document: str
    municipality: Municipality
    profile: str
    profile_title: str
    intake: str
    file: str
    sha256: str
    source_bytes: int
    source: str
    facts: SourceFacts
    page_numbers: tuple[int, ...]
    results: tuple[str, ...]
    rules: IncomingRules
    received_at: str
    created_at: str
    operator: str
    fields: Mapping[str, Any]
    dropped: tuple[DroppedPage, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    accepted_by: str | None = None
    accepted_reason: str | None = None
    accepted_codes: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()
    expected_sheets: int | None = None
    found_sheets: int | None = None
    duplicate_of: str = ""

    def __post_init__(self) -> None:
        left_out = {page.source_page for page in self.dropped}
        kept = list(self.page_numbers)
        if not kept or kept != sorted(set(kept)) or kept[0] < 1 or left_out & set(kept):
            raise ValueError(f"{self.document}: not the pages of a document: {kept}")


@dataclass(frozen=True)
class PackageResult:
    """What came of it. `review`: reason codes for a person, `causes`: each cause; then nothing was packed.

    `mean_confidence` 0 to 100; `pdfa`: level such as `2b`, None where it could not be reached.
    """

    review: tuple[str, ...]
    detail: str
    pages: int
    dropped: int
    mean_confidence: int
    pdf_sha256: str
    pdfa: str | None
    causes: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class RejectionPapers:
    """What REASON.txt and reason.json say. `exceptions`: letter by letter, where a stack came back in parts.

    `page`: the page of the source (from 1) that is to blame, None where no single one is. `document` and `pages` (of
    the source): which document of a stack came back while the others went on.
    """

    code: str
    detail: str
    intake: str
    municipality: str
    profile: str
    file: str
    sha256: str
    bytes: int
    received_at: str
    rejected_at: str
    exceptions: tuple[LetterException, ...] = ()
    document: str = ""
    pages: tuple[int, ...] = ()
    page: int | None = None


@dataclass(frozen=True)
class VolumePapers:
    """A volume as the papers tell of it. `sheets`: of its letters. `pages`: of the file, other sheets' included.

    `separator_pages`, `trailer_pages`: those of `pages` that belong to no letter.
    """

    file: str
    sha256: str
    ordinal: int
    pages: int
    sheets: int
    pieces: int
    separator_pages: int = 0
    trailer_pages: int = 0

    @property
    def letter_pages(self) -> int:
        """The pages of its letters: what adds up to the batch's totals."""
        return self.pages - self.separator_pages - self.trailer_pages


@dataclass(frozen=True)
class PieceState:
    """State and posting date (ISO, may be empty) of a piece, as a manifest tells them."""

    state: str
    posted_on: str = ""


@dataclass(frozen=True)
class BatchPapers:
    """Everything that the papers of one batch are made of. `readback`: as batch.json has it.

    `enclosures`: stations that are switched on for all pieces, where the machine can't select, or empty. `due`: the
    earliest last day of posting, ISO date, or empty. `special`: the product that its letters order by an endorsement,
    or empty. `sources`: the files of its letters and exceptions by intake; of one that is missing here only the letters
    are told.
    """

    batch: str
    state: str
    created_at: str
    profile_sha256: str
    machine: Machine
    envelope: Envelope
    form: str
    paper: Paper
    plex: str
    profiles: Profiles
    pieces: tuple[PlacedPiece, ...]
    sheets: tuple[SheetRow, ...]
    volumes: tuple[VolumePapers, ...]
    exceptions: tuple[LetterException, ...]
    readback: Mapping[str, Any]
    confidentiality: str = "normal"
    enclosures: str = ""
    due: str = ""
    special: str = ""
    piece_states: Mapping[int, PieceState] = field(default_factory=dict)
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
