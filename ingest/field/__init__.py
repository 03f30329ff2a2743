"""The frame that field protocols hang in: connections, limits, sessions, what they deliver and what is asked of devices."""
