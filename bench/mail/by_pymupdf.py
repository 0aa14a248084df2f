"""Marks by PyMuPDF: the rectangles drawn as shapes on each page, files put together by `insert_pdf`.

python -m bench.mail.by_pymupdf JOB.json
"""

from __future__ import annotations

import pymupdf

from bench.mail.rectangles import MM, Rectangle, job_of_command_line, unpacked


def main() -> None:
    """Do the job."""
    job = job_of_command_line()
    if len(job.sources) == 1:
        document = pymupdf.open(job.sources[0])
    else:
        document = pymupdf.open()
        for source in job.sources:
            with pymupdf.open(source) as one:
                document.insert_pdf(one)
    for page, (white, black) in zip(document, job.marks, strict=True):
        shape = page.new_shape()
        for grey, rectangles in ((1, white), (0, black)):
            for rectangle in unpacked(rectangles):
                shape.draw_rect(_placed(rectangle))
            shape.finish(fill=(grey, grey, grey), color=None, width=0)
        shape.commit()
    document.save(job.out, deflate=True)


def _placed(rectangle: Rectangle) -> pymupdf.Rect:
    x, y, width, height = rectangle
    return pymupdf.Rect(x * MM, y * MM, (x + width) * MM, (y + height) * MM)


if __name__ == "__main__":
    main()
