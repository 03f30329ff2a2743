"""What a frame is good for: nothing may be said of what cannot be seen."""
