"""Live events: one reader of the feed, every event encoded once, the same bytes fanned out to every listener."""
