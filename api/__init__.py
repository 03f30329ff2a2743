"""HTTP, live events and the console."""
