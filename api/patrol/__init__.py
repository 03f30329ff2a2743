"""The patrol as the API shows it: cameras, what they saw, where nothing was seen."""
