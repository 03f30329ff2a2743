"""What the river patrol saw, where it looked, and what officers said of it."""
