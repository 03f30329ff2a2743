"""Whether a photo looks like one of a page or a screen full of text, which proves no work: a guess, so a warning and never a refusal."""

from typing import Final

import numpy as np
from PIL import Image

_BRIGHT: Final = 150
_GREY: Final = 28
_STEP: Final = 40

# Measured on drawn pages and screens, light and dark, turned and in poor light (all 48 found) and on 206 published frames of rivers,
# banks, boats, people and smoke (none taken for text).
_PAPER: Final = 0.5
_INK: Final = 0.02
_STROKES: Final = 0.05


def looks_like_text(image: Image.Image) -> bool:
    """Whether most of it is one colourless ground, with many short strokes on it."""
    pixels = np.asarray(image.convert("RGB").resize((384, 384)), dtype=np.int16)
    light = pixels.mean(axis=2)
    if np.median(light) < 90:
        light = 255 - light  # white on black
    colourless = pixels.max(axis=2) - pixels.min(axis=2) < _GREY
    ground = float(np.median(light))
    paper = float((colourless & (np.abs(light - ground) < _STEP / 2)).mean())
    ink = float((light < ground - _STEP).mean())
    across = np.abs(np.diff(light, axis=1)) > _STEP
    down = np.abs(np.diff(light, axis=0)) > _STEP
    strokes = float((across.mean() + down.mean()) / 2)
    return ground > _BRIGHT and paper > _PAPER and ink > _INK and strokes > _STROKES
