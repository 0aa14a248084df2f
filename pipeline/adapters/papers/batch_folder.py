"""All papers of a batch in one go: lists, batch.json, manifests, job ticket, delivery list, sums over everything."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.papers.batch_files import write_batch_json, write_pieces_csv, write_sheets_csv, write_sums
from pipeline.adapters.papers.delivery_list import write_delivery_csv, write_delivery_pdf
from pipeline.adapters.papers.job_ticket import write_job_ticket
from pipeline.adapters.papers.manifest_files import ManifestFacts, write_manifest_csv, write_manifest_json
from pipeline.adapters.papers.manifest_pdf import ManifestNames, write_manifest_pdf
from pipeline.adapters.papers.proving import prove_totals, told_municipalities
from pipeline.adapters.papers.rejection_note import write_rejection
from pipeline.domain.papers import BatchPapers, RejectionPapers
from pipeline.domain.pieces import LetterException, PlacedPiece
from pipeline.domain.profiles import Profiles


class PaperFiles:
    """Papers as files: what the services' port for papers asks for."""

    def batch(self, papers: BatchPapers, out: Path) -> None:
        """Write everything of a batch's folder but the volumes, SHA256SUMS last; the volumes lie in `out` already."""
        write_batch_papers(papers, out)

    def rejection(self, papers: RejectionPapers, out: Path) -> None:
        """Write REASON.txt and reason.json."""
        write_rejection(out, papers)


def write_batch_papers(papers: BatchPapers, folder: Path) -> None:
    """Write the papers of a batch into `folder`, which holds its volumes.

    Raises Permanent `totals-disagree` before anything is written where the counts don't agree.
    """
    prove_totals(papers)
    write_pieces_csv(folder, papers.batch, papers.pieces)
    write_sheets_csv(folder, papers.batch, papers.sheets)
    write_batch_json(folder, papers)
    write_job_ticket(folder, papers)
    write_delivery_csv(folder, papers)
    write_delivery_pdf(folder, papers)
    manifests = folder / "manifests"
    manifests.mkdir(exist_ok=True)
    for facts in manifests_of(papers):
        write_manifest_json(manifests, facts)
        write_manifest_csv(manifests, facts)
        write_manifest_pdf(manifests, facts, manifest_names(papers.profiles, facts.municipality))
    write_sums(folder)


def manifests_of(papers: BatchPapers) -> list[ManifestFacts]:
    """The manifests of a batch, one for each municipality that has to be told something, by id."""
    pieces: dict[str, list[PlacedPiece]] = {}
    for placed in papers.pieces:
        pieces.setdefault(placed.piece.municipality, []).append(placed)
    exceptions: dict[str, list[LetterException]] = {}
    for one in papers.exceptions:
        exceptions.setdefault(one.municipality, []).append(one)
    return [
        ManifestFacts(
            batch=papers.batch,
            municipality=id,
            created_at=papers.created_at,
            placed=tuple(pieces.get(id, ())),
            exceptions=tuple(exceptions.get(id, ())),
            states=papers.piece_states,
            sources=papers.sources,
        )
        for id in told_municipalities(papers)
    ]


def manifest_names(profiles: Profiles, municipality: str) -> ManifestNames:
    """What ids are called on a municipality's paper."""
    known = profiles.municipalities.get(municipality)
    return ManifestNames(
        municipality=known.name if known else municipality,
        products={product.id: product.title for product in profiles.postage.products},
        envelopes={id: envelope.title for id, envelope in profiles.envelopes.items()},
    )
