"""Patrol events and what proves them."""
