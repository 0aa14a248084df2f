"""Tesseract inside our process, its model loaded once: for the first reading of every page, and parts of it again.

Each call reads in a fork of its own, as the program would in a process of its own: what crashes or takes too long is
ended with it, and every call starts from the same fresh state, whatever was read before.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import tesserocr

from pipeline.adapters.incoming.tesseract_models import SETTINGS, model_folder

HEAD = "level page_num block_num par_num line_num word_num left top width height conf text".replace(" ", "\t")
_CHUNK = 1 << 16


class WarmFailure(Exception):
    """Tesseract broke off, or gave no result."""


class UnfitModel(Exception):
    """The language's model can't be loaded: it is damaged, or made for another version."""


class WarmTimeout(Exception):
    """Tesseract was not done in time."""


def version() -> str:
    """The version of Tesseract that reads here, such as `5.5.4`."""
    return str(tesserocr.tesseract_version().split()[1])


def can_read(language: str) -> bool:
    """Whether the models of a language such as `deu+eng` are there."""
    folder = model_folder()
    return folder is not None and all((folder / f"{name}.traineddata").is_file() for name in language.split("+"))


def load(language: str) -> None:
    """Load a language's model, where it is there, so that forks of this process find it loaded.

    A model that can't be loaded is not told here: whoever reads with it is.
    """
    if can_read(language):
        with suppress(RuntimeError):
            _engine(language)


def is_fit(language: str) -> bool:
    """Whether the models of a language can be loaded, not only found."""
    try:
        return can_read(language) and _engine(language) is not None
    except RuntimeError:
        return False


def read_tables(
    pictures: Sequence[Path],
    dpi: float,
    language: str,
    limit_s: float,
    *,
    one_block: bool = False,
    inverted_too: bool = False,
) -> str:
    """Tesseract's TSV of all pictures, with its head; `page_num` counts from 1 in their order.

    `pictures`: portable graymaps of 8 bits as `tesseract_call.write_picture` writes them.

    `limit_s`: for all of them together. `one_block`: take each as one block of level lines. `inverted_too`: also try
    light type on dark ground. Raises WarmTimeout, WarmFailure, UnfitModel.
    """
    try:
        engine = _engine(language)
    except RuntimeError as error:
        raise UnfitModel(str(error)) from error
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _read_and_end(engine, pictures, dpi, one_block, inverted_too, (reading, writing))
    os.close(writing)
    try:
        told = _told(reading, time.monotonic() + limit_s)
    finally:
        os.close(reading)
        status = _ended(child)
    if status != 0:
        raise WarmFailure(f"status {status}")
    return told.decode("utf-8")


@lru_cache(maxsize=2)
def _engine(language: str) -> tesserocr.PyTessBaseAPI:
    engine = tesserocr.PyTessBaseAPI(
        path=str(model_folder()), lang=language, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
    )
    for name, value in {"tessedit_do_invert": "0", **SETTINGS}.items():
        if not engine.SetVariable(name, value):
            raise RuntimeError(f"no parameter {name}")
    return engine


def _read_and_end(
    engine: tesserocr.PyTessBaseAPI,
    pictures: Sequence[Path],
    dpi: float,
    one_block: bool,
    inverted_too: bool,
    pipe: tuple[int, int],
) -> None:
    """The fork's whole life. It leaves without any of the clean-up that belongs to the process it came from."""
    status = 1
    try:
        reading, writing = pipe
        os.close(reading)
        engine.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK if one_block else tesserocr.PSM.AUTO)
        engine.SetVariable("tessedit_do_invert", str(int(inverted_too)))
        with os.fdopen(writing, "wb") as out:
            out.write(f"{HEAD}\n".encode())
            for number, picture in enumerate(pictures):
                engine.SetImageBytes(*_graymap(picture))
                engine.SetSourceResolution(round(dpi))
                if not engine.Recognize():
                    raise WarmFailure("no result")
                out.write(engine.GetTSVText(number).encode("utf-8"))
        status = 0
    finally:
        os._exit(status)


def _graymap(picture: Path) -> tuple[bytes, int, int, int, int]:
    """The samples of a portable graymap of ours, width, height, bytes a sample, bytes a row.

    Leptonica reads such a file sample by sample, which takes ten times as long.
    """
    _kind, sides, _most, samples = picture.read_bytes().split(b"\n", 3)
    width, height = map(int, sides.split())
    return samples, width, height, 1, width


def _told(reading: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            raise WarmTimeout
        part = os.read(reading, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _ended(child: int) -> int:
    """End the fork if it still runs; its status, negative for a signal."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended == 0:
        # Its end of the pipe is closed or its time is up: either it is about to leave, or it must.
        for _ in range(50):
            time.sleep(0.002)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
        else:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
