"""Where a pixel lies on the ground, and how large what stands there is."""
