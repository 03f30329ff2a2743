"""One thread, as in a worker: the tests share the machine."""

import cv2

cv2.setNumThreads(1)
