"""From an alert to a person who was told, and the proof of it."""
