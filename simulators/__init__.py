"""A district that knows the truth, with encoders of its own."""
