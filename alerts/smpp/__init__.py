"""A small SMPP 3.4 client: binding as a transmitter and submitting short messages."""
