"""What devices send, taken once, checked and appended to the bus before it is acknowledged."""
