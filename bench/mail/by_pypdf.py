"""Marks by pypdf: an overlay by reportlab, merged page by page, as pypdf's documentation shows for stamps.

python -m bench.mail.by_pypdf JOB.json
"""

from __future__ import annotations

from pypdf import PdfReader, PdfWriter

from bench.mail.rectangles import job_of_command_line, write_overlay


def main() -> None:
    """Do the job."""
    job = job_of_command_line()
    overlay = job.out.with_suffix(".overlay.pdf")
    write_overlay(job, overlay)
    if len(job.sources) == 1:
        writer = PdfWriter(clone_from=job.sources[0])
    else:
        writer = PdfWriter()
        for source in job.sources:
            writer.append(source, import_outline=False)
    for page, marks in zip(writer.pages, PdfReader(overlay).pages, strict=True):
        page.merge_page(marks)
    writer.write(job.out)


if __name__ == "__main__":
    main()
