"""A river seen by a camera, drawn frame by frame with the exact truth beside it; the same seed and time give the same picture."""
