"""ALTO 4 (Library of Congress): all pages with blocks, lines and words, boxes in pixels of the page picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from pipeline.domain.recognised import Block, EngineFacts, Line, PixelBox, RecognisedPage, Rotation, Word, around

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"


def write_alto(
    target: Path, pages: Sequence[RecognisedPage], *, file_name: str, engine: EngineFacts, software: str, version: str
) -> None:
    """Write all pages. `file_name`: the picture file that is described; `software`, `version`: who wrote this.

    Pages count from 1 in the document; lines that lie on a turned page, or run up or down on an upright one, carry
    their block's ROTATION (counter-clockwise, as the standard has it).
    """
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_head(file_name, engine, software, version, own_text=any(page.own_text for page in pages)))
        for number, page in enumerate(pages, 1):
            file.write(_page(number, page))
        file.write("  </Layout>\n</alto>\n")


def _head(file_name: str, engine: EngineFacts, software: str, version: str, *, own_text: bool) -> str:
    first = engine.first_version or engine.version
    steps = [("OCR_1", "contentGeneration", "text recognition, first reading", engine.name, first)]
    if first != engine.version:
        steps.append(("OCR_3", "contentGeneration", "text recognition, further readings", engine.name, engine.version))
    if own_text:
        steps.append(("OCR_2", "contentGeneration", "text of pages made by a program, read out", software, version))
    processing = "".join(
        f"    <Processing ID={quoteattr(identity)}>\n"
        f"      <processingCategory>{escape(category)}</processingCategory>\n"
        f"      <processingStepDescription>{escape(description)}</processingStepDescription>\n"
        f"      <processingSoftware>\n        <softwareName>{escape(name)}</softwareName>\n"
        f"        <softwareVersion>{escape(number)}</softwareVersion>\n      </processingSoftware>\n    </Processing>\n"
        for identity, category, description, name, number in steps
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<alto xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} {_SCHEMA}">\n'
        "  <Description>\n    <MeasurementUnit>pixel</MeasurementUnit>\n"
        f"    <sourceImageInformation>\n      <fileName>{escape(file_name)}</fileName>\n    </sourceImageInformation>\n"
        f"{processing}  </Description>\n  <Layout>\n"
    )


def _box(box: PixelBox) -> str:
    return f'HPOS="{box.left}" VPOS="{box.top}" WIDTH="{box.width}" HEIGHT="{box.height}"'


def _page(number: int, page: RecognisedPage) -> str:
    size = f'WIDTH="{page.width_px}" HEIGHT="{page.height_px}"'
    confidence = f' PC="{page.mean_confidence / 100:.4f}"' if page.words else ""
    parts = [part for block in page.blocks for part in _of_one_direction(block)]
    blocks = "".join(_block(f"P{number}_B{index}", *part) for index, part in enumerate(parts, 1))
    return (
        f'    <Page ID="P{number}" PHYSICAL_IMG_NR="{number}" {size}{confidence}>\n'
        f'      <PrintSpace HPOS="0" VPOS="0" {size}>\n{blocks}      </PrintSpace>\n    </Page>\n'
    )


def _of_one_direction(block: Block) -> Iterator[tuple[Block, Rotation]]:
    """The block in parts whose lines run the same way: ROTATION is told of blocks only."""
    for rotation, members in groupby(block.lines, key=lambda line: line.rotation):
        lines = tuple(members)
        same = len(lines) == len(block.lines)
        yield (block if same else Block(lines, around([line.box for line in lines]))), rotation


def _block(identity: str, block: Block, rotation: Rotation) -> str:
    turn = f' ROTATION="{rotation}"' if rotation else ""
    lines = "".join(_line(f"{identity}_L{index}", line, rotation) for index, line in enumerate(block.lines, 1))
    return f'        <TextBlock ID="{identity}" {_box(block.box)}{turn}>\n{lines}        </TextBlock>\n'


def _line(identity: str, line: Line, rotation: Rotation) -> str:
    first, last = line.words[0].baseline, line.words[-1].baseline
    baseline = f"{round(first[0])},{round(first[1])} {round(last[2])},{round(last[3])}"
    parts = []
    for index, word in enumerate(line.words):
        parts.append(_word(f"{identity}_W{index + 1}", word))
        if index + 1 < len(line.words):
            parts.append(_space(word.box, line.words[index + 1].box, rotation))
    body = "".join(f"            {part}\n" for part in parts)
    return f'          <TextLine ID="{identity}" {_box(line.box)} BASELINE="{baseline}">\n{body}          </TextLine>\n'


def _word(identity: str, word: Word) -> str:
    return f'<String ID="{identity}" {_box(word.box)} CONTENT={quoteattr(word.text)} WC="{word.confidence / 100:.2f}"/>'


def _space(before: PixelBox, after: PixelBox, rotation: Rotation) -> str:
    """The gap from one word to the next, which lies the way that lines run on the picture: for a line that must be
    turned by 90 degrees, upwards.
    """
    if rotation in (0, 180):
        first, second = (before, after) if rotation == 0 else (after, before)
        left, right = first.right, max(second.left, first.right)
        top, bottom = max(before.top, after.top), min(before.bottom, after.bottom)
    else:
        first, second = (before, after) if rotation == 270 else (after, before)
        top, bottom = first.bottom, max(second.top, first.bottom)
        left, right = max(before.left, after.left), min(before.right, after.right)
    return f"<SP {_box(PixelBox(left, top, max(right, left), max(bottom, top)))}/>"
