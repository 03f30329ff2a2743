"""The HTTP side: REST, live events, console; the only room that knows FastAPI."""
