"""Devices that speak field protocols, each with an encoder of its own: nothing is shared with what it is meant to prove."""
