"""Whether the recogniser is there and knows its language; asked once at start."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytesseract
from pytesseract import pytesseract as engine

from pipeline.domain.recognised import EngineFacts

_LEAST_VERSION = (5, 0)
_TIMEOUT_S = 20.0
_LIST_HEAD = re.compile(r'List of available languages in "([^"]*)"')


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
    folder = _model_folder()
    for name in language.split("+"):
        model = folder / f"{name}.traineddata" if folder is not None else None
        if model is None or not model.is_file():
            findings.append(f"Das Sprachmodell {name} fehlt. Abhilfe: apt-get install tesseract-ocr-{name}")
        else:
            digest.update(model.read_bytes())
    missing = any("Sprachmodell" in finding for finding in findings)
    return EngineFacts("Tesseract", version, language, "" if missing else digest.hexdigest(), tuple(findings))


def _model_folder() -> Path | None:
    """The folder that Tesseract itself names in its list of languages."""
    command = [engine.tesseract_cmd, "--list-langs"]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    found = _LIST_HEAD.search(run.stdout + run.stderr)
    return Path(found.group(1)) if found is not None else None
