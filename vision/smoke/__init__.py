"""Smoke: soft, grey, hiding what is behind it; in a picture alone, and as it grows and rises."""
