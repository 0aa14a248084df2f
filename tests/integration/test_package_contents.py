"""A package whose bag is whole but whose files say other things than each other is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pikepdf
import pytest

from pipeline.adapters.incoming.archive_package import write_package
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.package_check import PAYLOAD, TAG_FILES, file_sha256, verify_package
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.incoming.transfer_note import PackageNote
from pipeline.domain.recognised import EngineFacts
from tests.incoming_sheets import RULES, bilevel
from tests.typed_sheets import Typed, drawn

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    made = [drawn(Typed(words=40, size_pt=11, dpi=(100.0, 100.0), rotation=turn), turn // 90 + 1) for turn in (0, 90)]
    images = [bilevel(image) for image, _page in made]
    source, pdf = folder / "scan.tif", folder / "document.pdf"
    images[0].save(source, compression="group4", save_all=True, append_images=images[1:], dpi=(100, 100))
    pages = [page for _image, page in made]
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), pages, str(pdf))
    note = PackageNote(
        id="i0000001-d0001",
        municipality="grabow",
        municipality_name="Stadt Grabow",
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        source_file="scan.tif",
        source_sha256="0" * 64,
        source_bytes=source.stat().st_size,
        source_pages=2,
        received_at="2026-03-02T07:00:00+01:00",
        created_at="2026-03-02T07:05:00+01:00",
        engine=EngineFacts("Tesseract", "5.3.0", "deu", "1" * 64),
        software={"poststrasse": "0.1.0"},
    )
    write_package(folder / "bag", note, pages, facts, pdf)
    return folder / "bag"


def _sealed(bag: Path) -> None:
    """Make hashes and sizes those of the files as they are now, as a forger would."""
    data = bag / "data"
    told = {key: file_sha256(data / f"document.{name}") for key, name in _HASHED.items()}
    for name in ("document.json", "transfer-note.json"):
        content = json.loads((data / name).read_text("utf-8"))
        content["sha256"] = told
        (data / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (bag / "manifest-sha256.txt").write_text("".join(f"{file_sha256(data / n)}  data/{n}\n" for n in PAYLOAD), "utf-8")
    size = sum((data / name).stat().st_size for name in PAYLOAD)
    info = (bag / "bag-info.txt").read_text("utf-8").splitlines()
    rows = [f"Payload-Oxum: {size}.{len(PAYLOAD)}" if row.startswith("Payload-Oxum") else row for row in info]
    (bag / "bag-info.txt").write_text("\n".join(rows) + "\n", "utf-8")
    tags = "".join(f"{hashlib.sha256((bag / n).read_bytes()).hexdigest()}  {n}\n" for n in TAG_FILES)
    (bag / "tagmanifest-sha256.txt").write_text(tags, "utf-8")


_HASHED = {"pdf": "pdf", "txt": "txt", "alto": "alto.xml"}


def _pdf(change: Callable[[pikepdf.Pdf], object]) -> Callable[[Path], None]:
    def tamper(bag: Path) -> None:
        path = bag / "data" / "document.pdf"
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            change(pdf)
            pdf.save(path)

    return tamper


def _alto(before: str, after: str, count: int = 1) -> Callable[[Path], None]:
    def tamper(bag: Path) -> None:
        path = bag / "data" / "document.alto.xml"
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after, count), "utf-8")

    return tamper


def _json(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def tamper(bag: Path) -> None:
        path = bag / "data" / "document.json"
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content), "utf-8")

    return tamper


def _without_claim(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def _without_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _turned(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Rotate = 180


def _without_page(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[1]


FORGERIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a page less": (_pdf(_without_page), "document.pdf hat 1 Seiten"),
    "a page turned": (_pdf(_turned), "dreht Seiten anders"),
    "no claim": (_pdf(_without_claim), "nennt sich PDF/A gar nicht"),
    "a claim that is not kept": (_pdf(_without_intent), "ist kein PDF/A-2b"),
    "no PDF at all": (lambda bag: (bag / "data/document.pdf").write_bytes(b"%PDF-1.7") and None, "lässt sich nicht"),
    "a level that was never claimed": (_json(lambda told: told["pdfa"].update(level=None)), "document.json nennt None"),
    "another count of words": (_json(lambda told: told["pages"][0].update(words=7)), "document.json nennt 7"),
    "broken XML": (_alto("</Layout>", ""), "kein wohlgeformtes XML"),
    "another standard": (_alto("ns-v4#", "ns-v3#", -1), "kein ALTO 4"),
    "an unknown attribute": (_alto("<String ", '<String FARBE="rot" '), "unbekannter Angabe FARBE"),
    "no place": (_alto(' HPOS="', ' ALT_HPOS="'), "ohne HPOS"),
    "a place that is no number": (_alto('HPOS="0"', 'HPOS="links"'), "HPOS ist 'links'"),
    "a confidence beyond all": (_alto('WC="0.95"', 'WC="95"'), "WC ist '95'"),
    "an identity twice": (_alto('ID="P2"', 'ID="P1"'), "kommt doppelt vor"),
    "an element out of place": (_alto("<PrintSpace", "<TextLine/><PrintSpace"), "steht dort nicht richtig"),
    "words without a gap": (_alto("<SP ", "<Gap "), "keine Folge von String und SP"),
    "another unit": (_alto(">pixel<", ">mm10<"), "Maßeinheit mm10"),
    "another size": (_alto('PHYSICAL_IMG_NR="1" WIDTH="', 'PHYSICAL_IMG_NR="1" WIDTH="1'), "andere Maße"),
    "another word": (_alto('CONTENT="', 'CONTENT="X'), "andere Wörter"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_contents_that_contradict_each_other_are_found(bag: Path, tmp_path: Path, forgery: str) -> None:
    target = tmp_path / "bag"
    shutil.copytree(bag, target)
    tamper, sentence = FORGERIES[forgery]
    tamper(target)
    _sealed(target)
    assert bagit.Bag(str(target)).validate()
    assert verify_package(target) == []
    found = verify_thoroughly(target)
    assert sentence in " ".join(found)


def test_a_whole_package_has_no_findings(bag: Path, tmp_path: Path) -> None:
    assert verify_thoroughly(bag) == []
    target = tmp_path / "bag"
    shutil.copytree(bag, target)
    _sealed(target)
    assert verify_thoroughly(target) == []


def test_the_bag_is_looked_at_first(bag: Path, tmp_path: Path) -> None:
    target = tmp_path / "bag"
    shutil.copytree(bag, target)
    (target / "data" / "document.pdf").write_bytes(b"%PDF-1.7")
    assert verify_thoroughly(target) == verify_package(target) != []


def test_the_last_sign_of_a_manifest_and_an_empty_folder_count(bag: Path, tmp_path: Path) -> None:
    target = tmp_path / "bag"
    shutil.copytree(bag, target)
    sums = target / "tagmanifest-sha256.txt"
    right = sums.read_bytes()
    for wrong in (right[:-1], right[:-1] + b"\x0b"):
        sums.write_bytes(wrong)
        assert verify_package(target) == ["tagmanifest-sha256.txt endet mitten in einer Zeile."]
    sums.write_bytes(right)
    (target / "data" / "mehr").mkdir()
    assert verify_package(target) == ["data/mehr gehört nicht in das Paket."]


def test_a_package_in_another_documents_folder_is_found(bag: Path, tmp_path: Path) -> None:
    own = json.loads((bag / "data" / "document.json").read_text(encoding="utf-8"))["id"]
    for name, findings in ((own, 0), ("renamed-by-an-archive", 0), ("i9999999-d0001", 1)):
        target = tmp_path / name
        shutil.copytree(bag, target)
        assert len(verify_package(target)) == findings
