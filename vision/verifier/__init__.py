"""Whether a blob is debris: features of all blobs at once, and a forest that judges them."""
