"""What the steps need from outside. The adapters behind these ports open untrusted files in confined children."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.adapters.ledger import Ledger
from pipeline.adapters.spool import Spool
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import LetterheadPlaces, SheetLooks
from pipeline.domain.page_looks import PageLook
from pipeline.domain.page_sights import PageSight
from pipeline.domain.pages import LetterRange, LetterReading, SourceFacts
from pipeline.domain.papers import BatchPapers, PackageRequest, PackageResult, RejectionPapers
from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import AddressForm, IncomingRules, Machine, OutgoingRules, Plex, Profiles
from pipeline.domain.recognised import Rotation
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import Start
from pipeline.domain.volumes import VolumePiece, VolumeReadback, WrittenVolume


class ScanTools(Protocol):
    """From a scan to an archive package."""

    def inspect(self, source: Path, rules: IncomingRules) -> SourceFacts:
        """Say what the file is; raises Rejected."""

    def look(
        self, source: Path, facts: SourceFacts, first_page: int, last_page: int, out: Path, rules: IncomingRules
    ) -> None:
        """Look at pages for separators and blanks, and leave what was seen in `out`. Raises Rejected."""

    def looks(self, folders: Sequence[Path], pages: int) -> list[PageLook]:
        """What was seen on pages 1 to `pages`."""

    def recognise(
        self,
        source: Path,
        facts: SourceFacts,
        first_page: int,
        last_page: int,
        out: Path,
        rules: IncomingRules,
        leave_out: frozenset[int],
    ) -> None:
        """Recognise pages but those in `leave_out`, and leave one result file a page in `out`."""

    def package(self, request: PackageRequest, out: Path) -> PackageResult:
        """Build, check and pack a document into the folder `out/bag`, unless a person has to look first."""

    def verify(self, package: Path) -> list[str]:
        """What is wrong with a package; empty if nothing."""

    def published(self, package: Path) -> PackageResult:
        """The facts of a package that is there already."""

    def draw(
        self, source: Path, facts: SourceFacts, pages: Sequence[int], out: Path, dpi: int, turns: Mapping[int, Rotation]
    ) -> None:
        """Draw pages for a person's eyes into the folder `out`, turned upright where `turns` says how."""

    def copy_pages(self, source: Path, facts: SourceFacts, pages: Sequence[int], out_pdf: Path) -> None:
        """Write pages of the source as they are into a PDF of their own; raises Rejected."""


class LetterTools(Protocol):
    """From a print stream to letters on clean A4 pages."""

    def inspect(self, source: Path, rules: OutgoingRules) -> SourceFacts:
        """Say what the file is; raises Rejected."""

    def look(self, source: Path, first_page: int, last_page: int, out: Path, rules: OutgoingRules) -> None:
        """Look at pages for what tells where letters begin, and leave what was seen in `out`. Raises Rejected."""

    def sights(self, folders: Sequence[Path]) -> Iterator[PageSight]:
        """What was seen on the pages of these slices, in order."""

    def bookmarks(self, source: Path, rules: SplitRules) -> list[Start]:
        """Where the bookmarks of a level lead; raises Rejected."""

    def read(
        self,
        source: Path,
        ranges: Sequence[LetterRange],
        rules: OutgoingRules,
        zones: Mapping[AddressForm, Sequence[Rect]],
        plex: Plex,
        out_pdf: Path,
        looks: SheetLooks,
    ) -> list[LetterReading]:
        """Normalise the letters' pages into `out_pdf` and read what each letter shows."""

    def extract(self, letters_pdf: Path, first_page: int, pages: int, out_pdf: Path) -> None:
        """Write one letter of a slice into a file of its own."""

    def letterhead(self, source: Path, places: LetterheadPlaces, out_pdf: Path) -> None:
        """Normalise a letterhead that leaves these places free; raises Permanent `letterhead-unfit`."""


class VolumeTools(Protocol):
    """From letters to marked volumes, and back."""

    def write(self, machine: Machine, batch_number: int, pieces: Sequence[VolumePiece], out_pdf: Path) -> WrittenVolume:
        """Write a volume."""

    def read_back(
        self,
        pdf: Path,
        machine: Machine,
        plex: Plex,
        rows: Sequence[SheetRow],
        batch_number: int,
        pieces: Sequence[VolumePiece],
    ) -> VolumeReadback:
        """Read every sheet of a saved volume with a decoder of its own; compare with `rows` and with the ledger."""


class PaperTools(Protocol):
    """The files that go with a batch or a refusal."""

    def batch(self, papers: BatchPapers, out: Path) -> None:
        """Write everything of a batch's folder but the volumes, SHA256SUMS last."""

    def rejection(self, papers: RejectionPapers, out: Path) -> None:
        """Write REASON.txt and reason.json."""


@dataclass(frozen=True)
class Line:
    """Everything that a step needs. `now_ms`: the clock, milliseconds since 1970 in UTC."""

    ledger: Ledger
    spool: Spool
    profiles: Profiles
    scans: ScanTools
    letters: LetterTools
    volumes: VolumeTools
    papers: PaperTools
    now_ms: Callable[[], int]
    operator: str
