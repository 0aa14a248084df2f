"""Makes the stack: one PDF of the pages in their codings, and beside it what really stands on them.

Each page is made once and kept under its seed and number, as a PDF of one page and a JSON of its truth; a stack puts
the first pages of its seed together. Image streams go over as they are: JPEG stays JPEG, Group 4 stays Group 4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

import pikepdf

from bench.stack.fields import fields_of
from bench.stack.orders import PageOrder, stack_orders

TRUTH_SCHEMA = "poststrasse/bench-stack/1"
Told = Callable[[str], None]
"""Where progress is told."""

_SOURCES = ("orders", "contents", "forms", "texts", "values", "wearing", "fields")
_SAMPLES = ("coding", "layout", "letters", "paper", "people", "tables", "texts", "texts_incoming", "writing")


def recipe() -> str:
    """A short hash of everything that decides how a page looks, so that no old page is used."""
    here = Path(__file__).resolve().parent
    files = [here / f"{name}.py" for name in _SOURCES]
    files += [here.parents[1] / "samples" / f"{name}.py" for name in _SAMPLES]
    digest = hashlib.sha256(metadata.version("augraphy").encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def make_page(order: PageOrder, folder: Path) -> None:
    """Write `NNNN.pdf` and `NNNN.json` of one page; the JSON comes last, so what has one is complete."""
    from bench.stack.contents import content
    from bench.stack.wearing import wear
    from samples.coding import Shot, encode
    from samples.letters import write_pdf
    from samples.paper import printed

    made = content(order)
    picture, steps = wear(printed(write_pdf([made.page]), order.dpi)[0], order)
    quality = order.chance("coding").randrange(60, 86)
    data = encode([Shot(picture, order.dpi)], order.coding, quality)
    high, wide = picture.shape[:2]
    truth = {
        "page": order.number,
        **{key: value for key, value in asdict(order).items() if key not in ("number", "seed")},
        "quality": quality if "jpeg" in order.coding else None,
        "width_px": wide,
        "height_px": high,
        "worn_by": steps,
        "rows": [list(row) for row in made.rows],
        "fields": fields_of(made.lines),
    }
    (folder / f"{order.number:04d}.pdf").write_bytes(data)
    part = folder / f"{order.number:04d}.json.part"
    part.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / f"{order.number:04d}.json")


def make_stack(pages: int, seed: int, folder: Path, told: Told, jobs: int = 2) -> tuple[Path, Path]:
    """The stack's PDF and its truth under `folder`, made now or earlier. Returns both paths."""
    kept = folder / f"seed-{seed}-{recipe()}"
    kept.mkdir(parents=True, exist_ok=True)
    orders = stack_orders(pages, seed)
    missing = [order for order in orders if not (kept / f"{order.number:04d}.json").exists()]
    if missing:
        told(f"making {len(missing)} of {pages} pages in {kept}")
        with ProcessPoolExecutor(min(jobs, len(missing)), mp_context=get_context("spawn")) as pool:
            for number, _ in enumerate(pool.map(make_page, missing, [kept] * len(missing)), 1):
                if number % 12 == 0:
                    told(f"{number} of {len(missing)} pages")
    pdf, truth = kept / f"stack-{pages:04d}.pdf", kept / f"stack-{pages:04d}.json"
    if not truth.exists():
        _put_together(kept, orders, pdf)
        told_pages = [json.loads((kept / f"{order.number:04d}.json").read_text("utf-8")) for order in orders]
        table = {"schema": TRUTH_SCHEMA, "seed": seed, "recipe": recipe(), "pages": told_pages}
        part = truth.with_suffix(".part")
        part.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(truth)
    return pdf, truth


def _put_together(kept: Path, orders: list[PageOrder], pdf: Path) -> None:
    with pikepdf.new() as document:
        for order in orders:
            with pikepdf.open(kept / f"{order.number:04d}.pdf") as one:
                document.pages.extend(one.pages)
        document.docinfo["/Producer"] = "ScanStation 4000 N"
        document.save(pdf, deterministic_id=True)
