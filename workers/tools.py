"""The ports' real tools: each opens untrusted bytes in a confined child with limits of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters.confine import Far, Limits, run_confined
from pipeline.adapters.incoming.look_files import read_looks
from pipeline.adapters.incoming.package_check import published_package, verify_package
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import LetterheadPlaces, SheetLooks
from pipeline.domain.page_looks import PageLook
from pipeline.domain.page_sights import PageSight
from pipeline.domain.pages import LetterRange, LetterReading, SourceFacts
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import AddressForm, IncomingRules, Machine, OutgoingRules, Plex
from pipeline.domain.recognised import Rotation
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import Start
from pipeline.domain.volumes import VolumePiece, VolumeReadback, WrittenVolume

if TYPE_CHECKING:
    from pipeline.adapters.incoming.documents import build_package
    from pipeline.adapters.incoming.page_looks import look_at_pages
    from pipeline.adapters.incoming.page_prints import copy_pages, draw_pages
    from pipeline.adapters.incoming.recognition import recognise_pages
    from pipeline.adapters.incoming.scan_source import inspect_scan
    from pipeline.adapters.letters.bookmarks import read_bookmarks
    from pipeline.adapters.letters.letterhead import prepare_letterhead
    from pipeline.adapters.letters.page_sights import look_at_letters
    from pipeline.adapters.letters.print_stream import inspect_print_stream
    from pipeline.adapters.letters.reading import extract_letter, read_letters
    from pipeline.adapters.volumes.readback import verify_volume
    from pipeline.adapters.volumes.volume_pdf import write_volume
else:  # only children run these; this process would spend half a second on what they import
    build_package = Far("pipeline.adapters.incoming.documents", "build_package")
    look_at_pages = Far("pipeline.adapters.incoming.page_looks", "look_at_pages")
    copy_pages = Far("pipeline.adapters.incoming.page_prints", "copy_pages")
    draw_pages = Far("pipeline.adapters.incoming.page_prints", "draw_pages")
    recognise_pages = Far("pipeline.adapters.incoming.recognition", "recognise_pages")
    inspect_scan = Far("pipeline.adapters.incoming.scan_source", "inspect_scan")
    read_bookmarks = Far("pipeline.adapters.letters.bookmarks", "read_bookmarks")
    look_at_letters = Far("pipeline.adapters.letters.page_sights", "look_at_letters")
    prepare_letterhead = Far("pipeline.adapters.letters.letterhead", "prepare_letterhead")
    inspect_print_stream = Far("pipeline.adapters.letters.print_stream", "inspect_print_stream")
    extract_letter = Far("pipeline.adapters.letters.reading", "extract_letter")
    read_letters = Far("pipeline.adapters.letters.reading", "read_letters")
    verify_volume = Far("pipeline.adapters.volumes.readback", "verify_volume")
    write_volume = Far("pipeline.adapters.volumes.volume_pdf", "write_volume")

_INSPECTION = Limits(wall_s=300, memory_mb=4000)


def _limits(base_s: float, each_s: float, count: int, memory_mb: int) -> Limits:
    """Time grows with the work; memory does not."""
    return Limits(wall_s=base_s + each_s * count, memory_mb=memory_mb)


class ConfinedScans:
    """Recognition and packing of scans."""

    def inspect(self, source: Path, rules: IncomingRules) -> SourceFacts:
        return run_confined(_INSPECTION, inspect_scan, str(source), rules)

    def look(
        self, source: Path, facts: SourceFacts, first_page: int, last_page: int, out: Path, rules: IncomingRules
    ) -> None:
        limits = _limits(60, 10, last_page - first_page + 1, 4000)
        run_confined(limits, look_at_pages, str(source), facts, first_page, last_page, str(out), rules)

    def looks(self, folders: Sequence[Path], pages: int) -> list[PageLook]:
        return read_looks([str(folder) for folder in folders], pages)

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
        limits = _limits(60, 240, last_page - first_page + 1 - len(leave_out), 4000)
        page_range = (first_page, last_page)
        run_confined(limits, recognise_pages, str(source), facts, *page_range, str(out), rules, leave_out=leave_out)

    def package(self, request: PackageRequest, out: Path) -> PackageResult:
        limits = _limits(120, 2, len(request.page_numbers), 4000)
        return run_confined(limits, build_package, request, str(out))

    def verify(self, package: Path) -> list[str]:
        return verify_package(package)

    def published(self, package: Path) -> PackageResult:
        return published_package(package)

    def draw(
        self, source: Path, facts: SourceFacts, pages: Sequence[int], out: Path, dpi: int, turns: Mapping[int, Rotation]
    ) -> None:
        limits = _limits(30, 10, len(pages), 4000)
        run_confined(limits, draw_pages, str(source), facts, pages, str(out), dpi, turns)

    def copy_pages(self, source: Path, facts: SourceFacts, pages: Sequence[int], out_pdf: Path) -> None:
        run_confined(_limits(60, 2, len(pages), 4000), copy_pages, str(source), facts, pages, str(out_pdf))


class ConfinedLetters:
    """Reading of print streams. `fonts`: the folder where font programs for letters without them are kept."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts

    def inspect(self, source: Path, rules: OutgoingRules) -> SourceFacts:
        return run_confined(_INSPECTION, inspect_print_stream, str(source), rules)

    def look(self, source: Path, first_page: int, last_page: int, out: Path, rules: OutgoingRules) -> None:
        limits = _limits(60, 0.5, last_page - first_page + 1, 4000)
        run_confined(limits, look_at_letters, str(source), first_page, last_page, rules, str(out))

    def sights(self, folders: Sequence[Path]) -> Iterator[PageSight]:
        return read_sights(folders)

    def bookmarks(self, source: Path, rules: SplitRules) -> list[Start]:
        return run_confined(_INSPECTION, read_bookmarks, str(source), rules)

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
        limits = _limits(60, 2, sum(each.pages for each in ranges), 4000)
        files = (str(out_pdf), str(self._fonts))
        return run_confined(limits, read_letters, str(source), ranges, rules, zones, plex, *files, looks)

    def extract(self, letters_pdf: Path, first_page: int, pages: int, out_pdf: Path) -> None:
        run_confined(_limits(60, 1, pages, 2000), extract_letter, str(letters_pdf), first_page, pages, str(out_pdf))

    def letterhead(self, source: Path, places: LetterheadPlaces, out_pdf: Path) -> None:
        run_confined(_INSPECTION, prepare_letterhead, str(source), places, str(out_pdf))


class ConfinedVolumes:
    """Writing and reading back of volumes."""

    def write(self, machine: Machine, batch_number: int, pieces: Sequence[VolumePiece], out_pdf: Path) -> WrittenVolume:
        limits = _limits(120, 0.5, sum(piece.pages for piece in pieces), 4000)
        return run_confined(limits, write_volume, machine, batch_number, pieces, str(out_pdf))

    def read_back(
        self,
        pdf: Path,
        machine: Machine,
        plex: Plex,
        rows: Sequence[SheetRow],
        batch_number: int,
        pieces: Sequence[VolumePiece],
    ) -> VolumeReadback:
        limits = _limits(120, 0.5, len(rows), 4000)
        return run_confined(
            limits, verify_volume, str(pdf), machine, plex, rows, batch_number=batch_number, pieces=pieces
        )
