"""Where vehicles are, which way they went, and what happened on it."""
