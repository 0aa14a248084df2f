"""Marks by reportlab and qpdf: one overlay for all pages, laid over the files by one call of `qpdf --overlay`.

python -m bench.mail.by_qpdf JOB.json
"""

from __future__ import annotations

import subprocess

from bench.mail.rectangles import job_of_command_line, write_overlay


def main() -> None:
    """Do the job."""
    job = job_of_command_line()
    overlay = job.out.with_suffix(".overlay.pdf")
    write_overlay(job, overlay)
    if len(job.sources) == 1:
        pages = [str(job.sources[0])]
    else:
        pages = ["--empty", "--pages", *(str(source) for source in job.sources), "--"]
    subprocess.run(["qpdf", *pages, "--overlay", str(overlay), "--", str(job.out)], check=True)


if __name__ == "__main__":
    main()
