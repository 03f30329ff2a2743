"""Cameras in the console."""
