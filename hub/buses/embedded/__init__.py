"""The embedded engine of the bus."""

from hub.buses.embedded.bus import EmbeddedBus, EmbeddedReader

__all__ = ["EmbeddedBus", "EmbeddedReader"]
