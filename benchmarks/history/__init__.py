"""History: years of readings, written and asked for."""
