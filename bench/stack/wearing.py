"""From a printed page to a scan that has lived: the degradation library wears ink and paper, the scanner does the rest.

The library's settings are those of an office's printer and a document scanner, well below its defaults, which are made
for ruined paper. Steps of it that draw on pictures of its own cache or on the machine's fonts are not used, so that the
seed alone decides.
"""

from __future__ import annotations

import random

import augraphy
import cv2
import numpy as np
import numpy.typing as npt

from bench.stack.orders import PageOrder

Picture = npt.NDArray[np.uint8]
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def wear(sheet: Picture, order: PageOrder) -> tuple[Picture, list[str]]:
    """The picture of a page (height by width by 3: blue, green, red) as its scan, and the names of what was done.

    Grey comes back as height by width, black and white as 0 and 255. The library draws from global sources of chance,
    which are set here; so pages can be made in any order, but not in threads.
    """
    chance = order.chance("wear")
    random.seed(chance.randrange(2**31))
    np.random.seed(chance.randrange(2**31))
    cv2.setRNGSeed(chance.randrange(2**31))
    steps = _ink(chance, order) + _paper(chance, order)
    worn = sheet
    for step in steps:
        worn = np.ascontiguousarray(step(worn))
    picture = _scanned(_three(worn), order, chance)
    return picture, [type(step).__name__ for step in steps]


def _ink(chance: random.Random, order: PageOrder) -> list[augraphy.Augmentation]:
    """What happened to the ink: bleeding into the paper, uneven pressing, lines where the toner ran low."""
    steps: list[augraphy.Augmentation] = []
    if chance.random() < 0.5:
        steps.append(augraphy.InkBleed(intensity_range=(0.1, 0.35), kernel_size=(3, 3), severity=(0.15, 0.3), p=1))
    if chance.random() < 0.2:
        steps.append(augraphy.LowInkRandomLines(count_range=(1, 4), use_consistent_lines=True, p=1))
    # Black and white has no middle: pressing that leaves grey letters readable would leave none of these.
    if chance.random() < 0.15 and not order.coding.endswith("g4"):
        steps.append(augraphy.Letterpress(n_samples=(100, 200), n_clusters=(100, 200), value_range=(100, 170), p=1))
    return steps


def _paper(chance: random.Random, order: PageOrder) -> list[augraphy.Augmentation]:
    """What the paper is like: its fibres, its tint, the drum that printed it."""
    steps: list[augraphy.Augmentation] = []
    tinted = order.coding.endswith("colour")
    if tinted and chance.random() < 0.5:
        steps.append(augraphy.ColorPaper(hue_range=(18, 30), saturation_range=(8, 30), p=1))
    if chance.random() < 0.5:
        steps.append(augraphy.NoiseTexturize(sigma_range=(1, 3), turbulence_range=(3, 5), p=1))
    if chance.random() < 0.4:
        steps.append(augraphy.BrightnessTexturize(texturize_range=(0.93, 0.99), deviation=0.03, p=1))
    if chance.random() < 0.2:
        steps.append(
            augraphy.DirtyDrum(
                line_width_range=(1, 2), line_concentration=0.02, direction=1, noise_intensity=0.2,
                noise_value=(120, 200), p=1,
            )
        )  # fmt: skip
    if chance.random() < 0.6:
        steps.append(augraphy.SubtleNoise(subtle_range=chance.randrange(4, 12), p=1))
    steps.append(augraphy.Gamma(gamma_range=(0.85, 1.2), p=1))
    return steps


def _three(picture: npt.NDArray[np.generic]) -> Picture:
    whole = np.clip(picture, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(whole, cv2.COLOR_GRAY2BGR) if whole.ndim == 2 else whole[:, :, :3], dtype=np.uint8)


def _scanned(sheet: Picture, order: PageOrder, chance: random.Random) -> Picture:
    """Tone of ink and paper, the reverse shining through, skew, the lens, the sensor, the way it was put in."""
    colour, fax = order.coding.endswith("colour"), order.coding.endswith("g4")
    high, wide = sheet.shape[:2]
    ink, paper = chance.uniform(15, 70), chance.uniform(226, 250)
    picture = ink + sheet.astype(np.float32) / 255.0 * (paper - ink)
    if chance.random() < 0.25:
        reverse = cv2.GaussianBlur(sheet[:, ::-1], (0, 0), 2.2 * order.dpi / 200).astype(np.float32)
        reverse = np.roll(reverse, chance.randrange(-40, 40), axis=0)
        picture -= (255.0 - reverse) * chance.uniform(0.03, 0.08)
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -order.skew_degrees, 1.0)
    picture = cv2.warpAffine(picture, turn, (wide, high), flags=cv2.INTER_LINEAR, borderValue=(paper,) * 3)
    picture = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.35, 0.8) * order.dpi / 200)
    picture += _grain(picture.shape[:2], chance.uniform(1.5, 5.0))
    flat = np.clip(picture, 0, 255).astype(np.uint8)
    if not colour:
        flat = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    if fax:
        flat = np.where(flat > chance.uniform(125, 165), np.uint8(255), np.uint8(0))
    return np.asarray(cv2.rotate(flat, _TURNS[order.turn]) if order.turn else flat, dtype=np.uint8)


def _grain(shape: tuple[int, int], deviation: float) -> npt.NDArray[np.float32]:
    """Noise of a sensor, the same in all colours."""
    noise = np.random.default_rng(random.randrange(2**31)).normal(0.0, deviation, shape)
    return noise.astype(np.float32)[:, :, None]
