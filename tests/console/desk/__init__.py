"""The duty desk and the pages around it, in a real browser."""
