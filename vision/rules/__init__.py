"""From tracks to events: kinds claim what is the case, episodes decide what is said of it."""
