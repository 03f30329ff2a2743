"""Where something might be: blobs of pixels that differ from the water around them or from the water as it was."""
