"""Handovers between shifts."""
