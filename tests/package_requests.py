"""What the line asks for when a document is to be packed."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import PackageRequest
from pipeline.domain.profiles import Municipality
from tests.incoming_sheets import RULES


def package_request(
    source: Path, facts: SourceFacts, work: Path, first_page: int = 1, last_page: int | None = None
) -> PackageRequest:
    """A request for the pages whose results lie in `work`/pages."""
    return PackageRequest(
        document="i0000001-d0001",
        municipality=Municipality("grabow", "Stadt Grabow", "Stadt Grabow, Am Markt 1", "4711", ("post",)),
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        file=source.name,
        sha256="0" * 64,
        source_bytes=source.stat().st_size,
        source=str(source),
        facts=facts,
        page_numbers=tuple(range(first_page, (last_page or facts.pages) + 1)),
        results=(str(work / "pages"),),
        rules=RULES,
        received_at="2026-03-02T07:00:00+01:00",
        created_at="2026-03-02T07:05:00+01:00",
        operator="Druckzentrum",
        fields={},
    )


def recognised_request(source: Path, work: Path, first_page: int = 1, last_page: int | None = None) -> PackageRequest:
    """The same, the pages recognised."""
    facts = inspect_scan(str(source), RULES)
    recognise_pages(str(source), facts, 1, facts.pages, str(work / "pages"), RULES)
    return package_request(source, facts, work, first_page, last_page)
