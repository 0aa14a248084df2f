"""A source taken the whole way by the line's own functions: inspected, recognised, packed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.profiles import Municipality
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import RULES


@dataclass(frozen=True)
class Taken:
    """What became of a source. `asked`: what a person had to look at, `packed`: the package after all was accepted."""

    source: Path
    facts: SourceFacts
    pages: list[RecognisedPage]
    asked: PackageResult
    packed: PackageResult
    bag: Path

    @property
    def pdf(self) -> Path:
        """The archive PDF."""
        return self.bag / "data" / "document.pdf"

    @property
    def told(self) -> Any:
        """`document.json`."""
        return json.loads((self.bag / "data" / "document.json").read_text("utf-8"))

    def words(self, page: int) -> list[str]:
        """The words of a page, from 1."""
        return [word.text for line in self.pages[page - 1].lines() for word in line.words]


def take(source: Path, work: Path) -> Taken:
    """Take a source the whole way; whatever a person would have to look at is accepted by one."""
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, facts.pages, str(work / "pages"), RULES)
    asked = build_package(_request(source, facts, work, ()), str(work))
    packed = build_package(_request(source, facts, work, asked.review), str(work)) if asked.review else asked
    return Taken(source, facts, pages, asked, packed, work / "bag")


def _request(source: Path, facts: SourceFacts, work: Path, accepted: tuple[str, ...]) -> PackageRequest:
    return PackageRequest(
        document="i0000001-d0001",
        municipality=Municipality("grabow", "Stadt Grabow", "Stadt Grabow, Am Markt 1", "4711", ("post",)),
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        file=source.name,
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        source_bytes=source.stat().st_size,
        source=str(source),
        facts=facts,
        page_numbers=tuple(range(1, facts.pages + 1)),
        results=(str(work / "pages"),),
        rules=RULES,
        received_at="2026-03-02T07:00:00+01:00",
        created_at="2026-03-02T07:05:00+01:00",
        operator="Druckzentrum",
        fields={},
        accepted_by="M. Schulz" if accepted else None,
        accepted_reason="gesehen" if accepted else None,
        accepted_codes=frozenset(accepted),
    )
