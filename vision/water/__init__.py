"""What the water of a camera looks like, so that what is new in it shows."""
