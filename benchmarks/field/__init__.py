"""Figures of the field protocols."""
