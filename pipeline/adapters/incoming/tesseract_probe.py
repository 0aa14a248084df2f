"""Whether the recogniser is there and knows its language; asked once at start."""

from __future__ import annotations

import hashlib
import re
import shutil

import pytesseract
from pytesseract import pytesseract as engine

from pipeline.adapters.incoming import warm_tesseract
from pipeline.adapters.incoming.tesseract_models import model_folder
from pipeline.domain.recognised import EngineFacts

_LEAST_VERSION = (5, 0)


def probe(language: str) -> EngineFacts:
    """Version, model and fitness of Tesseract for a language such as `deu` or `deu+eng`.

    `model_sha256`: of the model file; of all of them in order where the language names several; empty if one is
    missing. `findings` holds a German sentence with the command that helps for everything that is wrong.
    """
    if shutil.which(engine.tesseract_cmd) is None:
        finding = "Tesseract fehlt. Abhilfe: apt-get install tesseract-ocr tesseract-ocr-deu"
        return EngineFacts("Tesseract", "", language, "", (finding,))
    findings: list[str] = []
    version = str(pytesseract.get_tesseract_version())
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _LEAST_VERSION:
        findings.append(f"Tesseract {version} ist zu alt, gebraucht wird 5.0. Abhilfe: apt-get install tesseract-ocr")
    digest = hashlib.sha256()
    folder = model_folder()
    for name in language.split("+"):
        model = folder / f"{name}.traineddata" if folder is not None else None
        if model is None or not model.is_file():
            findings.append(f"Das Sprachmodell {name} fehlt. Abhilfe: apt-get install tesseract-ocr-{name}")
        else:
            digest.update(model.read_bytes())
    missing = any("Sprachmodell" in finding for finding in findings)
    models = "" if missing else digest.hexdigest()
    return EngineFacts("Tesseract", version, language, models, tuple(findings), warm_tesseract.version())
