"""Whether each municipality's letterheads leave free what its jobs need free: before the first letter lies on one."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.profile_files import ProfileFinding
from pipeline.domain.errors import PoststrasseError
from pipeline.domain.letter_checks import letterhead_places
from pipeline.domain.profiles import Profiles
from pipeline.services.ports import LetterTools


def check_letterheads(profiles: Profiles, letters: LetterTools, folder: Path) -> list[ProfileFinding]:
    """What is wrong with letterheads that a job prints on. `folder`: an empty one to work in."""
    findings = []
    for municipality in profiles.municipalities.values():
        for job in (profiles.jobs[id] for id in municipality.jobs):
            letterhead = municipality.letterhead(job.outgoing.letterhead) if job.outgoing is not None else None
            if job.outgoing is None or letterhead is None:
                continue
            source = folder / "source.pdf"
            source.write_bytes(profiles.letterheads[letterhead.file])
            try:
                letters.letterhead(source, letterhead_places(job.outgoing, profiles), folder / "made.pdf")
            except PoststrasseError as error:
                sentence = f"{error.sentence} (Auftrag {job.id} von {municipality.id})"
                findings.append(
                    ProfileFinding(letterhead.file, "", sentence, error.remedy, False, "profile-letterhead")
                )
    return findings
