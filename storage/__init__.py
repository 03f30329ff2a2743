"""Series and records, each with two engines behind one interface."""
