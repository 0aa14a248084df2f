"""Ghostscript as a program beside ours: it writes pages that another program made anew, fit for PDF/A.

It is called only where it is installed and the job's profile asks for it; nothing of it is part of this project. Like
every reader of foreign files it runs inside a confined child: in that child's process group, under its limits, with
`-dSAFER`, a time limit, and no network or file beyond the two it is given. What it writes is believed only after the
same proofs as our own files: Ghostscript 9.56 to 10.04 lose maps to Unicode, so text can come out as garbage.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pikepdf

from pipeline.adapters.incoming.pdf_pages import add_pdf_page
from pipeline.adapters.incoming.picture_streams import Built

COMMAND = "gs"
_LEAST_TIMEOUT_S, _TIMEOUT_PER_PAGE_S = 60.0, 1.0
_VERSION_TIMEOUT_S = 10.0
_LOSSLESS = (
    *("-dAutoFilterColorImages=false", "-dColorImageFilter=/FlateEncode", "-dDownsampleColorImages=false"),
    *("-dAutoFilterGrayImages=false", "-dGrayImageFilter=/FlateEncode", "-dDownsampleGrayImages=false"),
    *("-dDownsampleMonoImages=false", "-dPassThroughJPEGImages=true", "-dPassThroughJPXImages=true"),
)


class GhostscriptFailure(Exception):
    """It is not there, did not finish, or wrote no pages; the text says which, in German."""


def ghostscript_version(command: str = COMMAND) -> str:
    """The version of the installed Ghostscript. Raises GhostscriptFailure where there is none."""
    try:
        run = subprocess.run(
            [command, "--version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GhostscriptFailure("Ghostscript ist nicht installiert (apt-get install ghostscript).") from error
    return run.stdout.strip()


def remake_pages(source: str, numbers: Sequence[int], folder: Path, command: str = COMMAND) -> Path:
    """Write these pages (from 1) of a PDF anew, with all fonts embedded and all colours in RGB; nothing else changes.

    Returns a PDF with just these pages in `folder`. Raises GhostscriptFailure.
    """
    alone, remade = folder / "own-pages.pdf", folder / "own-pages-remade.pdf"
    with pikepdf.new() as pdf, pikepdf.open(source, suppress_warnings=True) as original:
        for number in numbers:
            add_pdf_page(pdf, original, number, Built())
        pdf.save(alone, deterministic_id=True)
    arguments = [
        *(command, "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dQUIET", "-sDEVICE=pdfwrite"),
        *("-dPDFA=2", "-dPDFACompatibilityPolicy=1", "-sColorConversionStrategy=RGB", "-dAutoRotatePages=/None"),
        *("-dEmbedAllFonts=true", "-dSubsetFonts=true", *_LOSSLESS, f"-sOutputFile={remade}", str(alone)),
    ]
    limit = _LEAST_TIMEOUT_S + _TIMEOUT_PER_PAGE_S * len(numbers)
    try:
        run = subprocess.run(arguments, capture_output=True, timeout=limit, check=False, cwd=folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GhostscriptFailure(f"Ghostscript wurde nicht fertig: {type(error).__name__}.") from error
    finally:
        alone.unlink(missing_ok=True)
    if run.returncode != 0:
        raise GhostscriptFailure(f"Ghostscript brach mit Status {run.returncode} ab.")
    try:
        with pikepdf.open(remade) as pdf:
            count = len(pdf.pages)
    except (OSError, pikepdf.PdfError) as error:
        raise GhostscriptFailure("Ghostscript schrieb keine lesbare Datei.") from error
    if count != len(numbers):
        raise GhostscriptFailure(f"Ghostscript schrieb {count} statt {len(numbers)} Seiten.")
    return remade
