"""A picture of several packets, made here."""

import cv2
import numpy as np

_PIXELS = np.random.default_rng(651).integers(0, 255, (48, 64, 3), dtype=np.uint8)
JPEG = cv2.imencode(".jpg", _PIXELS)[1].tobytes()
