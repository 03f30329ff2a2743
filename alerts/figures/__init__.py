"""Figures kept: how fast incidents are found, told and solved, whom that loads, and which rules cry wolf."""
